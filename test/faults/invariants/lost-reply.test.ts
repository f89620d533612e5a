import { afterAll, describe, expect, inject, it } from 'vitest';
import { MongoDatabase, MongoRepository, PostgresDatabase, PostgresRepository } from '../../../src/index.js';
import { startFaultProxy, startOwnMongo } from '../../../src/testing/index.js';
import { postgresDatabase } from '../../setup/databases.js';
import { expectNothingUncaught } from '../../setup/outcomes.js';
import { logger, lookAt } from '../journal.js';
import { unique } from './kit.js';
import { type End, ended, lies, type Trial } from './verdict.js';
import { type Before, MANY, MIXED, OF_MONGO, OF_POSTGRES, Piece, SINGLE, TABLE, type Write } from './writes.js';

const COMMIT = 'commitTransaction';
/** More than anybody makes. */
const ATTEMPTS = 40;
const limits = { connectTimeout: '5s', acquireTimeout: '5s', timeout: '30s', logger } as const;

// Of its own: a transaction whose COMMIT never came lives on for a minute, and would be in the way of others.
const server = await startOwnMongo({ log: () => {} });
const { url: postgresUrl } = await postgresDatabase();
const engines = {
  PostgreSQL: {
    proxy: await startFaultProxy(postgresUrl),
    open: (url: string) => new PostgresDatabase({ url, ...limits }),
    url: postgresUrl,
  },
  MongoDB: {
    proxy: await startFaultProxy(server.url),
    open: (url: string) => new MongoDatabase({ url, name: 'lost', ...limits }),
    url: server.url,
  },
} as const;
type Engine = keyof typeof engines;

function ofPostgres(database: PostgresDatabase) {
  return { database, pieces: new PostgresRepository(database, Piece) };
}
function ofMongo(database: MongoDatabase) {
  return { database, pieces: new MongoRepository(database, Piece) };
}

/** Past the proxies. */
const truths = {
  PostgreSQL: ofPostgres(engines.PostgreSQL.open(postgresUrl)),
  MongoDB: ofMongo(engines.MongoDB.open(server.url)),
};
for (const { pieces } of Object.values(truths)) await pieces.ensureSchema();

expectNothingUncaught();
afterAll(async () => {
  for (const { database } of Object.values(truths)) {
    await lookAt(database);
    await database.close();
  }
  await Promise.all(Object.values(engines).map(({ proxy }) => proxy.close()));
  await server.stop();
});

/** What gets lost: nothing of what holds the text passes any more, or the first one alone does not. */
interface Fault {
  readonly what: 'reply' | 'request';
  readonly holding: string;
  readonly forGood: boolean;
}

/** Makes a write over a bad network; `again` is what a caller does by hand whose call failed. */
async function attempt(
  engine: Engine,
  { call, right, times }: Write,
  { what, holding, forGood }: Fault,
  again: (call: () => Promise<unknown>, error: unknown) => Promise<unknown> = (_call, error) => Promise.reject(error),
): Promise<Trial> {
  const { proxy, open, url } = engines[engine];
  const { pieces: truth } = truths[engine];
  const tag = unique();
  const [first, second] = await truth.insertMany([
    { tag, code: `${tag} a` },
    { tag, code: `${tag} b` },
  ]);
  const opened = open(proxy.url(url));
  const { database, pieces } = opened instanceof PostgresDatabase ? ofPostgres(opened) : ofMongo(opened);
  try {
    await database.connect();
    const before: Before = { database, pieces, tag, first: first!, second: second! };
    let lost = 0;
    for (let i = 0; i < (forGood ? ATTEMPTS : 1); i++) {
      const happened = what === 'reply' ? proxy.dropReply({ holding }) : proxy.dropRequest({ holding });
      void happened.then(() => {
        lost += 1;
      });
    }
    const write = (): Promise<unknown> => call(before);
    const end = await ended(
      write().catch(async (error) => {
        await proxy.heal();
        return again(write, error);
      }),
    );
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(ATTEMPTS);
    const rows = await truth.find({ tag }, { orderBy: { code: 'asc' } });
    expect(database.stats()).toMatchObject({ active: 0, waiting: 0 });
    return { ...end, right, times: times(rows, before) };
  } finally {
    await proxy.heal();
    await database.close({ deadline: '1s' });
  }
}

interface Case extends Fault {
  readonly engine: Engine;
  readonly write: Write;
  readonly end: End;
  readonly times: number;
}

type Ending = readonly [Fault['what'], holding: string, 'once' | 'for good', End, times: number];
const cases = (engine: Engine, writes: readonly Write[], endings: readonly Ending[]): Case[] =>
  endings.flatMap(([what, holding, howOften, end, times]) =>
    writes.map((write) => ({ engine, write, what, holding, forGood: howOften === 'for good', end, times })),
  );

function nameOf({ engine, write, what, holding, forGood, end, times }: Case): string {
  const which = holding === TABLE ? what : `${what} of COMMIT`;
  const stored = times === 0 ? 'not stored' : 'stored once';
  return `${write.verb} on ${engine}, whose ${which} is lost${forGood ? ' for good' : ''}: ${end}, and ${stored}`;
}

const all: readonly Case[] = [
  // Sent once, whatever becomes of it.
  ...cases(
    'PostgreSQL',
    [...SINGLE, ...MANY, ...OF_POSTGRES],
    [
      ['reply', TABLE, 'once', 'unknown', 1],
      ['request', TABLE, 'once', 'unknown', 0],
    ],
  ),
  // COMMIT is not sent then.
  ...cases('PostgreSQL', [MIXED], [['reply', TABLE, 'once', 'not-executed', 0]]),
  // The driver sends it once more with the number that it had, by which the server knows what it has done.
  ...cases('MongoDB', SINGLE, [
    ['reply', TABLE, 'once', 'done', 1],
    ['request', TABLE, 'once', 'done', 1],
    ['reply', TABLE, 'for good', 'unknown', 1],
    ['request', TABLE, 'for good', 'unknown', 0],
  ]),
  // A transaction that was not committed is made again; a COMMIT is sent again, and done once.
  ...cases('MongoDB', MANY, [
    ['reply', TABLE, 'once', 'done', 1],
    ['reply', TABLE, 'for good', 'unknown', 0],
    ['reply', COMMIT, 'once', 'done', 1],
    ['request', COMMIT, 'once', 'done', 1],
    ['reply', COMMIT, 'for good', 'unknown', 1],
    ['request', COMMIT, 'for good', 'unknown', 0],
  ]),
  ...cases(
    'MongoDB',
    [MIXED],
    [
      // Nor is it then.
      ['reply', TABLE, 'once', 'not-executed', 0],
      ['reply', COMMIT, 'once', 'done', 1],
      ['reply', COMMIT, 'for good', 'unknown', 1],
      ['request', COMMIT, 'for good', 'unknown', 0],
    ],
  ),
  ...cases('MongoDB', OF_MONGO, [
    ['reply', TABLE, 'once', 'unknown', 1],
    ['request', TABLE, 'once', 'unknown', 0],
  ]),
];

// PGlite has one session for all.
describe.skipIf(!inject('postgresReal'))('a write of which a message is lost', () => {
  it.each(all.map((each) => [nameOf(each), each] as const))(
    '%s',
    async (_name, { engine, write, end, times, ...fault }) => {
      const trial = await attempt(engine, write, fault);
      expect(lies(trial)).toEqual([]);
      expect(trial).toMatchObject({ end, times });
    },
  );

  it.each(
    all
      .filter(({ what, end, times }) => what === 'reply' && end === 'unknown' && times === 1)
      .map((each) => [nameOf(each), each] as const),
  )(
    'the control: %s, is found to be executed twice, or to deny what it did, when it is tried again by hand',
    async (_name, { engine, write, ...fault }) => {
      expect(lies(await attempt(engine, write, fault, (call) => call()))).not.toEqual([]);
    },
  );

  it('the control: without a fault each is executed once, and gives what is right', async () => {
    for (const { engine, write } of new Map(all.map((each) => [`${each.engine} ${each.write.verb}`, each])).values()) {
      const { pieces } = truths[engine];
      const tag = unique();
      const [first, second] = await pieces.insertMany([
        { tag, code: `${tag} a` },
        { tag, code: `${tag} b` },
      ]);
      const before: Before = { ...truths[engine], tag, first: first!, second: second! };
      const end = await ended(write.call(before));
      const rows = await pieces.find({ tag }, { orderBy: { code: 'asc' } });
      const trial = { ...end, right: write.right, times: write.times(rows, before) };
      expect(lies(trial)).toEqual([]);
      expect(trial).toMatchObject({ end: 'done', times: 1 });
    }
  });
});
