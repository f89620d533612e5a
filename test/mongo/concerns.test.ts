import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { belongsTo, count, entity, geoPoint, hasMany, index, integer, Repository, text } from '../../src/index.js';
import { MongoDatabase, MongoRepository } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();
const client = new MongoClient(url, { monitorCommands: true });
const database = new MongoDatabase({ client, name });
afterAll(() => client.close());

const Event = entity(
  'events',
  {
    id: integer().primaryKey(),
    kind: text().max(20),
    n: integer().default(0),
    parent: integer().optional(),
    spot: geoPoint().optional(),
  },
  { indexes: [index.geo('spot')], search: { kind: 'A' } },
);
const Kind = entity('kinds', { id: text().max(20).primaryKey() });

class Events extends MongoRepository<typeof Event> {
  readonly #kind = 'a';

  ofKind() {
    return this.find({ kind: this.#kind });
  }

  async *slowly() {
    for (const row of await this.find()) yield row;
    yield* this.stream({}, { batch: 1 });
  }
}
const events = new Events(database, Event);
const kinds = new MongoRepository(database, Kind);

/** The commands that the driver sent, as they went over the wire. */
const sent: Record<string, any>[] = [];
client.on('commandStarted', ({ command, commandName }) => {
  if (!['hello', 'ping', 'endSessions'].includes(commandName)) sent.push({ ...command, commandName });
});
const last = () => sent.at(-1)!;

beforeAll(async () => {
  await database.connect();
  await database.ensureSchema([Event, Kind]);
});
beforeEach(async () => {
  await events.deleteMany({}, { all: true });
  await events.insertMany([1, 2, 3].map((id) => ({ id, kind: id === 3 ? 'b' : 'a' })));
  sent.length = 0;
});

describe('`with` sends what it was given', () => {
  it('read concern and read preference with every read', async () => {
    const view = events.with({ readConcern: 'majority', readPreference: 'primaryPreferred' });
    const reads: readonly (() => Promise<unknown>)[] = [
      () => view.findById(1),
      () => view.get(1),
      () => view.findOne({ kind: 'a' }),
      () => view.find({ kind: 'a' }),
      () => view.find({}, { limit: 2 }),
      () => view.count(),
      () => view.exists({ kind: 'a' }),
      () => view.distinct('kind'),
      () => view.groupBy(['kind'], { n: count() }),
      () => view.paginate({}, { count: 'estimated' }),
      () => view.paginateByCursor(),
      () => view.search('word'),
      () => view.near('spot', { type: 'Point', coordinates: [1, 2] }),
      () => view.find({}, { include: { first: hasMany(view, 'parent', { limit: 1 }) } }),
      () => view.aggregate([{ $match: { kind: 'a' } }]),
      () => view.stream().next(),
      () => view.ofKind(),
      () => view.slowly().next(),
    ];
    for (const read of reads) {
      sent.length = 0;
      await read();
      const asked = sent.filter(({ commandName }) => ['find', 'aggregate', 'count'].includes(commandName));
      expect(asked.length, String(read)).toBeGreaterThan(0);
      for (const command of asked) {
        expect(command, String(read)).toMatchObject({
          readConcern: { level: 'majority' },
          $readPreference: { mode: 'primaryPreferred' },
        });
      }
    }
  });

  it('the write concern with every write, and with the commit of those of several rows', async () => {
    const view = events.with({ writeConcern: { w: 1, journal: true, timeout: '3s' } });
    const writes: readonly (() => Promise<unknown>)[] = [
      () => view.insert({ id: 4, kind: 'c' }),
      () => view.insertMany([5, 6].map((id) => ({ id, kind: 'c' }))),
      () => view.update(4, { n: 1 }),
      () => view.updateOne({ kind: 'c' }, { n: 2 }),
      () => view.updateMany({ kind: 'c' }, { n: 3 }),
      () => view.upsert({ id: 4, kind: 'd' }, { on: 'id' }),
      () => view.getOrInsert({ id: 9, kind: 'd' }, { on: 'id' }),
      () => view.upsertMany([{ id: 9, kind: 'e' }], { on: 'id' }),
      () => view.updateEach([{ id: 9, n: 4 }]),
      () => view.bulk([{ update: 9, set: { n: 5 } }, { insert: { id: 10, kind: 'f' } }, { delete: 10 }]),
      () => view.delete(9),
      () => view.deleteMany({ kind: 'c' }),
    ];
    for (const write of writes) {
      sent.length = 0;
      await write();
      const told = sent.filter(({ writeConcern }) => writeConcern !== undefined);
      expect(told.length, String(write)).toBeGreaterThan(0);
      for (const { writeConcern } of told)
        expect(writeConcern, String(write)).toEqual({ w: 1, j: true, wtimeout: 3000 });
    }
  });

  it('and nothing of it without, nor with the next call', async () => {
    await events.with({ readConcern: 'local', writeConcern: 1 }).find();
    await events.find();
    await events.update(1, { n: 1 });
    for (const command of sent.slice(-2)) {
      expect(command).not.toHaveProperty('readConcern');
      expect(command).not.toHaveProperty('writeConcern');
    }
  });

  it('a concern that cannot hold is an error of the server, and the write may be there', async () => {
    const error = await events
      .with({ writeConcern: 3 })
      .insert({ id: 4, kind: 'x' })
      .catch((each) => each);
    expect(error).toMatchObject({ code: 'QUERY', outcome: 'unknown' });
    expect(await events.exists({ id: 4 })).toBe(true);
  });

  it('to the end of a stream, whose rows come in batches', async () => {
    const ids: number[] = [];
    for await (const { id } of events.with({ readPreference: 'nearest' }).stream({}, { batch: 2 })) ids.push(id);
    expect(ids.sort()).toEqual([1, 2, 3]);
    expect(sent.map(({ commandName, $readPreference }) => [commandName, $readPreference?.mode])).toEqual([
      ['find', 'nearest'],
      ['getMore', 'nearest'],
    ]);
  });

  it('one after another, the later one before the earlier', async () => {
    const view = events.with({ readConcern: 'local', readPreference: 'nearest' }).with({ readConcern: 'available' });
    await view.count();
    expect(last()).toMatchObject({ readConcern: { level: 'available' }, $readPreference: { mode: 'nearest' } });
  });

  it('to a repository that a relation names, alone', async () => {
    await kinds.upsert({ id: 'a' }, { on: 'id' });
    sent.length = 0;
    const kind = belongsTo(kinds.with({ readConcern: 'majority' }), 'kind');
    const rows = await events.find({ id: 1 }, { include: { kind2: kind } });
    expect(rows[0]!.kind2).toEqual({ id: 'a' });
    expect(sent.map(({ find, readConcern }) => [find, readConcern?.level])).toEqual([
      ['events', undefined],
      ['kinds', 'majority'],
    ]);
  });
});

describe('`with` is', () => {
  it('the repository itself, with its class, its entity and its database', () => {
    const view = events.with({ readConcern: 'majority' });
    expect(view).toBeInstanceOf(Events);
    expect(view.constructor).toBe(Events);
    expect([view.entity, view.database]).toEqual([Event, database]);
  });

  it.each<[object | null, readonly string[]]>([
    [null, ['']],
    [{ readConcern: 'strong' }, ['readConcern']],
    [{ readPreference: 'secondaryprefered', writeConcern: 0 }, ['readPreference', 'writeConcern']],
    [{ writeConcern: { w: 'all', j: true, timeout: 5 } }, ['writeConcern.j', 'writeConcern', 'writeConcern.timeout']],
    [{ limit: 3 }, ['limit']],
  ])('refused when it is given %j', (options, paths) => {
    let error: any;
    try {
      events.with(options as object);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'VALIDATION', entity: 'events' });
    expect(error.issues.map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  it('not there on a portable repository', () => {
    expect(new Repository(database, Event)).not.toHaveProperty('with');
  });
});

describe('a transaction', () => {
  it('refuses calls that ask for their own, and goes on', async () => {
    await database.transaction(async () => {
      for (const call of [
        () => events.with({ readConcern: 'majority' }).find(),
        () => events.with({ readConcern: 'majority' }).stream().next(),
        () => events.with({ readConcern: 'majority' }).aggregate([]),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'readConcern' }] });
      await expect(events.with({ writeConcern: 1 }).update(1, { n: 5 })).rejects.toMatchObject({
        issues: [{ path: 'writeConcern' }],
      });
      await events.update(1, { n: 7 });
    });
    expect((await events.get(1)).n).toBe(7);
  });

  it('has those that it was begun with', async () => {
    const options = { readConcern: 'local', writeConcern: { w: 1, journal: true } } as const;
    await database.transaction(() => events.update(1, { n: 8 }), options);
    expect(sent.map(({ commandName, readConcern }) => [commandName, readConcern?.level])).toEqual([
      ['findAndModify', 'local'],
      ['commitTransaction', undefined],
    ]);
    expect(last()['writeConcern']).toMatchObject({ w: 1, j: true });
    sent.length = 0;
    await database.transaction(() => events.update(1, { n: 9 }));
    expect(sent[0]).toMatchObject({ readConcern: { level: 'snapshot' } });
    expect(last()['writeConcern']).toMatchObject({ w: 'majority' });
  });

  it('refuses what cannot be, by name', async () => {
    const run = (options: object) => database.transaction(async () => {}, options);
    await expect(run({ readConcern: 'linearizable', writeConcern: 'all' })).rejects.toMatchObject({
      issues: [{ path: 'readConcern' }, { path: 'writeConcern' }],
    });
    await expect(run({ isolation: 'repeatable read', readConcern: 'local' })).rejects.toMatchObject({
      issues: [{ path: 'readConcern' }],
    });
    await expect(run({ readPreference: 'secondary' })).rejects.toMatchObject({ issues: [{ path: 'readPreference' }] });
    await database.transaction(async () => {
      await expect(run({ writeConcern: 1 })).rejects.toMatchObject({ issues: [{ path: 'writeConcern' }] });
    });
  });
});
