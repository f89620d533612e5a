import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { entity, increment, integer, MongoDatabase, Repository, text, uuid } from '../../../src/index.js';
import { startOwnMongo } from '../../../src/testing/index.js';
import { expectNothingUncaught } from '../../setup/outcomes.js';
import { type End, ended, lies } from '../invariants/verdict.js';
import { logger } from '../journal.js';
import { caught } from './kit.js';

const server = await startOwnMongo({ log: () => {}, arguments: ['--setParameter', 'enableTestCommands=1'] });
const Entry = entity('entries', { id: uuid().primaryKey(), tag: text().max(60), n: integer().default(0) });
const observer = new MongoClient(server.url);
const open: MongoDatabase[] = [];

/** Repositories of a client that tries writes and reads again, as the driver does by default, and of one that does not. */
function repository(retries = true): Repository<typeof Entry> {
  const url = retries ? server.url : `${server.url}&retryWrites=false&retryReads=false`;
  // The driver waits for the server to tell that it is well, which it may do only after ten seconds.
  const database = new MongoDatabase({ url, name: 'points', connectTimeout: '60s', timeout: '60s', logger });
  open.push(database);
  return new Repository(database, Entry);
}

const truth = new MongoDatabase({ url: server.url, name: 'points' });
const stored = new Repository(truth, Entry);

/** What one command does once instead of its work. */
interface Fault {
  readonly failCommands: readonly string[];
  readonly errorCode?: number;
  readonly errorLabels?: readonly string[];
  readonly closeConnection?: boolean;
  readonly blockConnection?: boolean;
  readonly blockTimeMS?: number;
}

async function failPoint(mode: object | 'off', data?: Fault): Promise<number> {
  const reply = await observer.db('admin').command({ configureFailPoint: 'failCommand', mode, ...(data && { data }) });
  return Number(reply['count']);
}

expectNothingUncaught();
beforeAll(async () => {
  await observer.connect();
  await stored.ensureSchema();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close({ deadline: '1s' })));
});
afterAll(async () => {
  await truth.close();
  await observer.close();
  await server.stop();
});

/** What servers say that are about to be no primary, and what a network says. */
const AWAY: readonly (readonly [string, object])[] = [
  ['91, it shuts down', { errorCode: 91 }],
  ['10107, it is no longer primary', { errorCode: 10107 }],
  ['189, the primary stepped down', { errorCode: 189 }],
  ['nothing, and closes the connection', { closeConnection: true }],
];

/** Two rows of a tag, and what a call on them makes of them. */
async function tried(
  fault: Fault,
  call: (tag: string, id: string, entries: Repository<typeof Entry>) => Promise<unknown>,
  retries = true,
): Promise<{ readonly end: End; readonly given?: unknown; readonly sum: number }> {
  const entries = repository(retries);
  const tag = `planted ${crypto.randomUUID()}`;
  const [first] = await stored.insertMany([{ tag }, { tag }]);
  await entries.count();
  const before = await failPoint({ times: 1 }, fault);
  const end = await ended(call(tag, first!.id, entries));
  expect((await failPoint('off')) - before).toBe(1);
  const rows = await stored.find({ tag });
  return { ...end, sum: rows.reduce((sum, { n }) => sum + n, 0) };
}

const one = async (_tag: string, id: string, entries: Repository<typeof Entry>): Promise<number> =>
  (await entries.update(id, { n: increment(1) })).n;
const many = (tag: string, _id: string, entries: Repository<typeof Entry>): Promise<number> =>
  entries.updateMany({ tag }, { n: increment(1) });

describe.each(AWAY)('a server that says %s', (_what, fault) => {
  // The label that the server gives by itself where the code is its own.
  const labels = 'errorCode' in fault ? { errorLabels: ['RetryableWriteError'] } : {};

  it('to a write of one row: it is done once', async () => {
    const { sum, ...trial } = await tried({ failCommands: ['findAndModify'], ...fault, ...labels }, one);
    expect(lies({ ...trial, right: 1, times: sum })).toEqual([]);
    expect(trial.end).toBe('done');
  });

  it('to a write of many rows: its transaction is made again, and done once', async () => {
    const { sum, ...trial } = await tried({ failCommands: ['update'], ...fault }, many);
    expect(lies({ ...trial, right: 2, times: sum / 2 })).toEqual([]);
    expect(trial.end).toBe('done');
  });

  it('to a COMMIT: it is done once', async () => {
    const { sum, ...trial } = await tried({ failCommands: ['commitTransaction'], ...fault, ...labels }, many);
    expect(lies({ ...trial, right: 2, times: sum / 2 })).toEqual([]);
    expect(trial.end).toBe('done');
  });

  it('to a read: it is asked again', async () => {
    const { end, given } = await tried(
      { failCommands: ['find'], ...fault },
      async (tag, _id, entries) => (await entries.find({ tag })).length,
    );
    expect({ end, given }).toEqual({ end: 'done', given: 2 });
  });

  it('the control: to a client that tries nothing again, the same is an error', async () => {
    const { sum, ...trial } = await tried({ failCommands: ['findAndModify'], ...fault, ...labels }, one, false);
    expect(lies({ ...trial, times: sum })).toEqual([]);
    expect({ ...trial, sum }).toEqual({ end: 'unknown', sum: 0 });
  });
});

describe('a server that', () => {
  it.each([
    ['of one row', 'findAndModify', one, 1],
    ['of many rows', 'update', many, 2],
    ['of many rows, at its COMMIT', 'commitTransaction', many, 2],
  ] as const)(
    'says 262, its own deadline has passed, to a write %s: it is done once',
    async (_what, command, call, size) => {
      const { sum, ...trial } = await tried({ failCommands: [command], errorCode: 262 }, call);
      expect(lies({ ...trial, right: size, times: sum / size })).toEqual([]);
      expect(trial.end).toBe('done');
    },
  );

  it('holds a write is left at the deadline of the call, with an unknown outcome, and the write is done at most once', async () => {
    const hold = { failCommands: ['findAndModify'], blockConnection: true, blockTimeMS: 300 };
    let error: unknown;
    const { sum, ...trial } = await tried(hold, async (_tag, id, entries) => {
      error = await caught(entries.update(id, { n: increment(1) }, { timeout: '100ms' }));
      // One that comes after it sees what became of it.
      await entries.update(id, { n: increment(1) });
      throw error;
    });
    expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect(lies({ ...trial, times: sum - 1 })).toEqual([]);
  });
});
