import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BSON, Decimal128, Double, Int32, Long, ObjectId, UUID } from 'mongodb';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type AnyEntity, entity, index, integer, softDelete, text, timestamp } from '../../src/index.js';
import type { DiffOptions, MongoCommand, SchemaDiff } from '../../src/migrate/diff/types.js';
import { Migrator, migration, renderMigrations, runCommands } from '../../src/migrate/index.js';
import { diffMongo } from '../../src/migrate/mongo/diff.js';
import { commandOf, toExtended } from '../../src/migrate/mongo/extended-json.js';
import type { Document } from '../../src/mongo/client.js';
import { loadDriver } from '../../src/mongo/driver.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { modelOf } from '../../src/schema/entity.js';
import { mongoDatabase } from '../setup/databases.js';
import { caught } from './mongo-kit.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const send = (command: Document): Promise<Document> => database['~raw']({}, (raw) => raw.send(command));
const diffOf = (each: AnyEntity, options: DiffOptions = {}): Promise<SchemaDiff<MongoCommand>> =>
  diffMongo(database, [modelOf(each)], options);
const up = ({ changes }: SchemaDiff<MongoCommand>): Record<string, unknown>[] =>
  changes.flatMap((change) => change.up.map(({ command }) => command));
const own = (foreign: readonly string[], collection: string): string[] =>
  foreign.filter((each) => each.includes(` of ${collection} `) || each.includes(`${collection}.`));
const warned = ({ changes }: SchemaDiff<MongoCommand>): string[] =>
  changes.flatMap(({ warnings }) => warnings.map(({ risk, message }) => `${risk}: ${message}`));

describe('a diff', () => {
  it('changes the time after which documents go in place, and says where they go sooner', async () => {
    const of = (after: `${number}d`) =>
      entity('sessions', { id: integer().primaryKey(), seen: timestamp() }, { indexes: [index.ttl('seen', after)] });
    await database.ensureSchema([of('2d')]);
    const diff = await diffOf(of('1d'));
    expect(up(diff)).toEqual([
      { collMod: 'sessions', index: { name: 'sessions_seen_idx', expireAfterSeconds: 86_400 } },
    ]);
    expect(diff.changes[0]!.down).toEqual([
      { command: { collMod: 'sessions', index: { name: 'sessions_seen_idx', expireAfterSeconds: 172_800 } } },
    ]);
    expect(warned(diff)).toEqual([
      expect.stringMatching(/^destroys: Documents go after 86400 seconds instead of 172800/),
    ]);
    expect(warned(await diffOf(of('3d')))).toEqual([]);
  });

  it('hides an index and drops it before it makes another under its name', async () => {
    const of = (direction: 'asc' | 'desc') =>
      entity('ranks', { id: integer().primaryKey(), rank: integer() }, { indexes: [index({ rank: direction })] });
    await database.ensureSchema([of('asc')]);
    const diff = await diffOf(of('desc'));
    expect(up(diff)).toEqual([
      { collMod: 'ranks', index: { name: 'ranks_rank_idx', hidden: true } },
      { dropIndexes: 'ranks', index: 'ranks_rank_idx' },
      { createIndexes: 'ranks', indexes: [{ name: 'ranks_rank_idx', key: { rank: -1, _id: -1 } }] },
    ]);
    expect(warned(diff)).toEqual([expect.stringMatching(/^breaks-readers: A name is had by one index only/)]);
  });

  it('brings an index to light that is hidden', async () => {
    const Hidden = entity('hidden', { id: integer().primaryKey(), rank: integer() }, { indexes: [index('rank')] });
    await database.ensureSchema([Hidden]);
    await send({ collMod: 'hidden', index: { name: 'hidden_rank_idx', hidden: true } });
    const diff = await diffOf(Hidden);
    expect(up(diff)).toEqual([{ collMod: 'hidden', index: { name: 'hidden_rank_idx', hidden: false } }]);
    await runCommands(database, up(diff));
    expect((await diffOf(Hidden)).changes).toEqual([]);
  });

  it('drops what was ours where it is asked to, and never an index of somebody else', async () => {
    const Before = entity(
      'guests',
      { id: integer().primaryKey(), a: integer().unique(), b: integer() },
      { indexes: [index('b')] },
    );
    const After = entity('guests', { id: integer().primaryKey(), a: integer(), b: integer() });
    await database.ensureSchema([Before]);
    await send({ createIndexes: 'guests', indexes: [{ name: 'mine', key: { a: 1, b: 1 } }] });
    const told = await diffOf(After);
    expect(told.changes).toEqual([]);
    expect(own(told.foreign, 'guests')).toEqual([
      'Index guests_a_key of guests belongs to no entity. It refuses documents that are equal in what it is about; `drop` takes it away.',
      'Index guests_b_idx of guests belongs to no entity; `drop` takes it away.',
      'Index mine of guests belongs to no entity.',
    ]);
    const diff = await diffOf(After, { drop: true });
    expect(diff.changes.map(({ action, what }) => `${action} ${what}`)).toEqual([
      'drop index guests_a_key',
      'drop index guests_b_idx',
    ]);
    expect(own(diff.foreign, 'guests')).toEqual(['Index mine of guests belongs to no entity.']);
  });

  it('says that a unique index cannot be made of what is stored, by numbers and not by values', async () => {
    const fields = { id: integer().primaryKey(), code: text().max(20), ...softDelete() };
    const Plain = entity('codes', fields);
    await database.ensureSchema([Plain]);
    const documents = ['secret', 'secret', 'secret', 'b', 'b', 'c'].map((code, _id) => ({ _id, code }));
    await send({ insert: 'codes', documents: [...documents, { _id: 9, code: 'c', deletedAt: new Date() }] });
    const Unique = entity('codes', { ...fields, code: text().max(20).unique() });
    const diff = await diffOf(Unique);
    expect(warned(diff)).toEqual([
      'may-fail: It fails as the documents are now: 2 values are stored more than once in `code`, in 5 documents, 3 at most with the same. Clear them before it runs.',
    ]);
    expect(JSON.stringify(diff)).not.toContain('secret');
    expect(await caught(runCommands(database, up(diff)))).toMatchObject({ code: 'DUPLICATE_KEY', fields: ['code'] });
    await send({ delete: 'codes', deletes: [{ q: { _id: { $in: [1, 2, 4] } }, limit: 0 }] });
    expect(warned(await diffOf(Unique))).toEqual([]);
  });

  it('says which writes are refused from then on, and how many documents do not fit', async () => {
    const Before = entity('rules', { id: integer().primaryKey(), n: integer().max(9) });
    await database.ensureSchema([Before]);
    await send({ insert: 'rules', documents: [{ _id: 1, n: 5 }] });
    const After = entity('rules', { id: integer().primaryKey(), n: integer().max(3), m: text().max(5) });
    expect(warned(await diffOf(After))).toEqual([
      'breaks-readers: Writes without `m` are refused from now on: programs that run now must know it first.',
      'breaks-readers: Writes are refused from now on that do not fit what `n` may be now.',
      'breaks-readers: 1 document does not fit: they stay, and may be changed, but what reads them may not expect what is in them.',
    ]);
  });

  it('restores a validator that is no schema, exactly', async () => {
    const validator = { n: { $gte: 1.5, $regex: 'x' }, d: { $lt: { $date: '2026-01-01T00:00:00.000Z' } } };
    await runCommands(database, [{ create: 'odd', validator, validationLevel: 'off' }]);
    const Odd = entity('odd', { id: integer().primaryKey() });
    const diff = await diffOf(Odd);
    expect(diff.changes[0]!.down).toEqual([{ command: { collMod: 'odd', validator, validationLevel: 'off' } }]);
    await runCommands(database, up(diff));
    await runCommands(
      database,
      diff.changes[0]!.down!.map(({ command }) => command),
    );
    expect((await diffOf(Odd)).changes[0]!.down).toEqual(diff.changes[0]!.down);
  });

  it('asks whether a collection or a field was renamed, and does not ask again about what was answered', async () => {
    const fields = { id: integer().primaryKey(), email: text().max(30), age: integer() };
    await database.ensureSchema([entity('people', fields)]);
    const Users = entity('users', fields);
    const asked = await diffOf(Users);
    expect(asked.questions).toEqual([{ from: 'people', to: ['users'] }]);
    expect(asked.changes.map(({ what }) => what)).toEqual(['collection users']);
    expect((await diffOf(Users, { renames: { people: 'people' } })).questions).toEqual([]);
    expect(up(await diffOf(Users, { renames: { people: 'users' } }))).toEqual([
      { renameCollection: 'people', to: 'users' },
    ]);
    const People = entity('people', { id: integer().primaryKey(), mail: text().max(30), age: integer() });
    expect((await diffOf(People)).questions).toEqual([{ from: 'people.email', to: ['people.mail'] }]);
    const renamed = await diffOf(People, { renames: { 'people.email': 'people.mail' } });
    expect(renamed.questions).toEqual([]);
    expect(renamed.changes.map(({ what }) => what)).toEqual(['field people.email to mail']);
    await expect(diffOf(People, { renames: { x: 'y' } })).rejects.toThrow(
      /^Expected `renames\['x'\]` to be a collection/,
    );
  });

  it('takes values and collections away only where it is asked to, and makes them again empty', async () => {
    await database.ensureSchema([entity('leaving', { id: integer().primaryKey(), old: integer().unique() })]);
    await send({ insert: 'leaving', documents: [{ _id: 1, old: 5 }] });
    const Left = entity('left', { id: integer().primaryKey() });
    expect((await diffOf(Left)).foreign).toContain(
      'leaving is a collection that belongs to no entity; `dropTables` takes it away.',
    );
    const Leaving = entity('leaving', { id: integer().primaryKey() });
    const { foreign } = await diffOf(Leaving);
    expect(foreign).toContain('Field leaving.old is no field: its values stay; `drop` takes them away.');
    const diff = await diffOf(Leaving, { drop: true });
    await runCommands(database, up(diff));
    expect(await database['~raw']({}, (raw) => raw.find('leaving', {}))).toEqual([{ _id: 1 }]);
    const gone = await diffOf(Left, { dropTables: ['leaving', 'nowhere'] });
    expect(up(gone)).toContainEqual({ drop: 'leaving' });
    expect(warned(gone)).toEqual([expect.stringMatching(/^destroys/), expect.stringMatching(/^breaks-readers/)]);
    await runCommands(database, up(gone));
    await runCommands(
      database,
      gone.changes
        .flatMap(({ down }) => down!.map(({ command }) => command))
        .filter((each) => each['drop'] === undefined),
    );
    expect((await diffOf(Leaving)).changes).toEqual([]);
  });

  it('leaves a view of the name of an entity alone', async () => {
    await send({ create: 'seen', viewOn: 'codes', pipeline: [] });
    const diff = await diffOf(entity('seen', { id: integer().primaryKey() }));
    expect(diff.changes).toEqual([]);
    expect(diff.foreign).toContain('seen is a view, no collection: nothing is done to it.');
  });
});

describe('a rendered migration', () => {
  it('is a file that a migrator runs both ways', async () => {
    const Tricky = entity(
      'tricky',
      { id: integer().primaryKey(), "it's": text().max(20).optional().unique(), n: integer().min(-5) },
      { indexes: [index('n').where({ n: 7 })] },
    );
    const diff = await diffOf(Tricky);
    // In the folder of the tests, so that the file finds the package.
    const folder = mkdtempSync(join(import.meta.dirname, 'rendered-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, '001_tricky.ts'), renderMigrations(diff, { name: 'tricky' })[0]!.text);
    const migrator = new Migrator(database, {
      migrations: folder,
      ledger: 'rendered',
      load: (file) => import(/* @vite-ignore */ file),
    });
    await migrator.up();
    expect((await diffOf(Tricky)).changes).toEqual([]);
    await migrator.down();
    expect(await diffOf(Tricky)).toEqual(diff);
  });

  it('reads well, and nothing gets out of its comments and texts', () => {
    const evil = "a'\n*/ process.exit() \u2028 `x`";
    const diff: SchemaDiff<MongoCommand> = {
      changes: [
        {
          action: 'create',
          what: `index ${evil}`,
          up: [{ command: { createIndexes: evil, indexes: [{ name: 'x', key: { 'a.b': 1, __proto__x: -1 } }] } }],
          down: null,
          transaction: false,
          warnings: [{ risk: 'may-fail', message: 'It fails.' }],
        },
      ],
      foreign: [],
      questions: [{ from: 'people', to: ['users', 'members'] }],
    };
    expect(
      renderMigrations(diff, { name: 'x', language: 'js' })[0]!.text,
    ).toBe(`import { runCommands } from 'trivet/migrate';

// Is people now users or members? It is taken for another: give \`renames\` if it is the same.

export async function up({ db, signal }) {
  // create index a' */ process.exit() \`x\`
  // may-fail: It fails.
  await runCommands(db, [
    {
      createIndexes: 'a\\'\\n*/ process.exit() \\u2028 \`x\`',
      indexes: [{ name: 'x', key: { 'a.b': 1, __proto__x: -1 } }],
    },
  ], { signal });
}

// There is no way back: index a' */ process.exit() \`x\`.
`);
  });
});

describe('runCommands()', () => {
  it('runs one after the other in the transaction of a migration, and stops at the first that is refused', async () => {
    await send({ create: 'ran' });
    const insert = (_id: number): Record<string, unknown> => ({ insert: 'ran', documents: [{ _id }] });
    const failing = migration<MongoDatabase>({
      version: '1',
      name: 'fails',
      up: ({ db, signal }) => runCommands(db, [insert(1), insert(1), insert(2)], { signal }),
      transaction: true,
    });
    const error = await caught(new Migrator(database, { migrations: [failing], ledger: 'ran_ledger' }).up());
    expect(error).toMatchObject({ dirty: false, cause: { code: 'DUPLICATE_KEY' } });
    expect(await database['~raw']({}, (raw) => raw.find('ran', {}))).toEqual([]);
    expect(await caught(runCommands(database, [insert(1), insert(1), insert(2)]))).toMatchObject({
      code: 'DUPLICATE_KEY',
    });
    expect(await database['~raw']({}, (raw) => raw.find('ran', {}))).toEqual([{ _id: 1 }]);
  });

  it('refuses what is no list of commands, and options that it does not know', async () => {
    await expect(runCommands(database, {} as never)).rejects.toThrow(/^Expected `commands` to be a list of commands/);
    await expect(runCommands(database, [], { timeOut: '1s' } as never)).rejects.toThrow(/^Unknown option `timeOut`/);
    await expect(runCommands(database, [], { timeout: '0s' })).rejects.toThrow(TypeError);
  });
});

describe('extended JSON', () => {
  it('brings every value of BSON back as it was', async () => {
    const { BSONRegExp, Binary, MaxKey, MinKey, Timestamp } = BSON;
    const values = {
      int: new Int32(5),
      whole: new Double(5),
      half: new Double(1.5),
      large: new Double(2 ** 40),
      zero: new Double(-0),
      none: new Double(Number.NaN),
      endless: new Double(-Infinity),
      long: Long.fromBigInt(-(2n ** 62n)),
      decimal: Decimal128.fromString('1.50'),
      id: new ObjectId(),
      uuid: new UUID(),
      bytes: new Binary(new Uint8Array([1, 2, 3]), 0),
      pattern: new BSONRegExp('^a', 'ix'),
      date: new Date('0001-01-01T00:00:00Z'),
      stamp: new Timestamp({ t: 1, i: 2 }),
      ends: [new MinKey(), new MaxKey(), null, true, 'x'],
      operators: { $regex: '^a', $options: 'i', $date: 1, $gt: { $numberOf: 'x' } },
    };
    const extended = JSON.parse(JSON.stringify(toExtended(values))) as Record<string, unknown>;
    expect(extended).toMatchObject({ int: 5, half: 1.5, large: 2 ** 40, whole: { $numberDouble: '5' } });
    const back = commandOf(extended, await loadDriver());
    expect(Buffer.from(BSON.serialize(back))).toEqual(Buffer.from(BSON.serialize(values)));
  });

  it('refuses what it has no notation for', () => {
    expect(() => toExtended({ code: new BSON.Code('1') })).toThrow(
      'Expected values that a migration can hold, got a Code',
    );
  });
});
