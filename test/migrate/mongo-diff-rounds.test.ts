import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type AnyEntity, entity, index, integer, text, timestamp } from '../../src/index.js';
import type { DiffOptions, MongoCommand, SchemaDiff } from '../../src/migrate/diff/types.js';
import { runCommands } from '../../src/migrate/mongo/commands.js';
import { diffMongo } from '../../src/migrate/mongo/diff.js';
import { toExtended } from '../../src/migrate/mongo/extended-json.js';
import type { Document } from '../../src/mongo/client.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { modelOf } from '../../src/schema/entity.js';
import { mongoDatabase } from '../setup/databases.js';
import { type EntityDraft, entityDraft, made, pairDraft } from './mongo-entities.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const send = (command: Document): Promise<Document> => database['~raw']({}, (raw) => raw.send(command));
const diffOf = (each: AnyEntity, options: DiffOptions = {}): Promise<SchemaDiff<MongoCommand>> =>
  diffMongo(database, [modelOf(each)], options);

/** As a file would hold them. */
const commands = (changes: readonly { readonly command: Readonly<Record<string, unknown>> }[]) =>
  JSON.parse(JSON.stringify(changes.map(({ command }) => command))) as Record<string, unknown>[];
const applied = ({ changes }: SchemaDiff<MongoCommand>): Promise<void> =>
  runCommands(database, commands(changes.flatMap(({ up }) => up)));
const undone = ({ changes }: SchemaDiff<MongoCommand>): Promise<void> =>
  runCommands(database, commands([...changes].reverse().flatMap(({ down }) => down!)));

/** All that the server says of a collection, where absence and the server's default are one. */
async function state(collection: string): Promise<unknown> {
  return database['~raw']({}, async (raw) => {
    const [found] = await raw.all({ listCollections: 1, filter: { name: collection } }, { exact: true });
    if (found === undefined) return null;
    const {
      validator = {},
      validationLevel = 'strict',
      validationAction = 'error',
      ...rest
    } = found['options'] as Document;
    const indexes = await raw.all({ listIndexes: collection, cursor: {} }, { exact: true });
    const sorted = [...indexes].sort((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1));
    return toExtended({ validator, validationLevel, validationAction, rest, indexes: sorted });
  });
}

let rounds = 0;
const fresh = (): string => `round${++rounds}`;
const drop = (collection: string): Promise<unknown> => send({ drop: collection }).catch(() => {});

describe('a diff of generated entities', () => {
  it('against nothing makes what ensureSchema() makes, and its way back leaves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(entityDraft, async (draft) => {
        const collection = fresh();
        const one = made(collection, draft);
        const diff = await diffOf(one);
        await applied(diff);
        expect((await diffOf(one)).changes).toEqual([]);
        const byDiff = await state(collection);
        expect(await database.ensureSchema([one])).toEqual({ created: [], drift: [] });
        await undone(diff);
        expect(await state(collection)).toBeNull();
        await database.ensureSchema([one]);
        expect(await diffOf(one)).toMatchObject({ changes: [] });
        expect(await state(collection)).toEqual(byDiff);
        await drop(collection);
      }),
      { numRuns: 25 },
    );
  });

  it('from one to another is empty when it was applied, and its way back brings the first again', async () => {
    await fc.assert(
      fc.asyncProperty(pairDraft, fc.boolean(), async ([before, after], takesAway) => {
        const collection = fresh();
        const [one, other] = [made(collection, before), made(collection, after)];
        await database.ensureSchema([one]);
        // A text where a point is to be would be in the way of its index.
        const isPoint = [before, after].some(({ fields }) => fields.name?.kind === 'point');
        const stored = { _id: 1, ...(!isPoint && { name: 'x' }) };
        await send({ insert: collection, documents: [stored], bypassDocumentValidation: true });
        const start = await state(collection);
        const diff = await diffOf(other, { drop: takesAway });
        const warnings = diff.changes.flatMap((change) => change.warnings.map(({ message }) => message));
        if (warnings.some((each) => each.includes('takes no other beside'))) {
          await expect(applied(diff)).rejects.toMatchObject({ code: 85 });
          await drop(collection);
          return;
        }
        await applied(diff);
        const again = await diffOf(other, { drop: takesAway });
        expect(again.changes).toEqual([]);
        if (takesAway) expect(again.foreign.filter((each) => each.includes('`drop`'))).toEqual([]);
        expect(await database.ensureSchema([other])).toEqual({ created: [], drift: [] });
        await undone(diff);
        expect(await state(collection)).toEqual(start);
        expect((await diffOf(one)).changes).toEqual([]);
        await drop(collection);
      }),
      { numRuns: 60 },
    );
  });

  it('takes the name of an index that stays what it is under another name for another one, both ways', async () => {
    const named = (own: Record<string, string>) => (collection: string) =>
      entity(
        collection,
        { id: integer().primaryKey(), name: text().max(9), tag: text().max(9) },
        { indexes: Object.entries(own).map(([each, field]) => index(field as 'name' | 'tag').named(each)) },
      );
    const pairs = [
      [{ a: 'name' }, { a: 'tag', b: 'name' }],
      [{ a: 'name' }, { b: 'name', a: 'tag' }],
      [
        { a: 'name', b: 'tag' },
        { a: 'tag', b: 'name' },
      ],
    ] as const;
    for (const [before, after] of pairs) {
      const collection = fresh();
      const [one, other] = [named(before)(collection), named(after)(collection)];
      await database.ensureSchema([one]);
      const start = await state(collection);
      const diff = await diffOf(other);
      await applied(diff);
      expect((await diffOf(other)).changes).toEqual([]);
      expect(await database.ensureSchema([other])).toEqual({ created: [], drift: [] });
      await undone(diff);
      expect(await state(collection)).toEqual(start);
      await drop(collection);
    }
  });

  it('sets another time on a TTL index that was called otherwise, both ways', async () => {
    const collection = fresh();
    const expiring = (time: '60s' | '120s', name: string): AnyEntity =>
      entity(
        collection,
        { id: integer().primaryKey(), seenAt: timestamp() },
        { indexes: [index.ttl('seenAt', time).named(name)] },
      );
    await database.ensureSchema([expiring('60s', 'a')]);
    const start = await state(collection);
    const other = expiring('120s', 'b');
    const diff = await diffOf(other);
    expect(commands(diff.changes.flatMap(({ up }) => up))).toEqual([
      { collMod: collection, index: { name: 'a', expireAfterSeconds: 120 } },
    ]);
    await applied(diff);
    expect((await diffOf(other)).changes).toEqual([]);
    await undone(diff);
    expect(await state(collection)).toEqual(start);
  });

  it('with a collection and a field that were renamed keeps what is stored, both ways', async () => {
    const renamed = (draft: EntityDraft): EntityDraft => {
      const { name: field, ...rest } = draft.fields;
      const to = (each: string): string => (each === 'name' ? 'title' : each);
      return {
        ...draft,
        fields: { ...rest, title: field! },
        indexes: draft.indexes.map((each) => ({ ...each, fields: each.fields.map(to) })),
        search: draft.search.map(to),
      };
    };
    const some = { kind: 'text', bound: 9, unique: true } as const;
    await fc.assert(
      fc.asyncProperty(entityDraft, fc.boolean(), fc.boolean(), async (draft, optional, snake) => {
        const [from, to] = [fresh(), fresh()];
        // Of the other fields there are no values: only optional ones may be unique.
        const others = Object.fromEntries(
          Object.entries(draft.fields).map(([each, field]) => [
            each,
            { ...field, unique: field.unique && field.optional },
          ]),
        );
        const before = { ...draft, snake, fields: { ...others, name: { ...some, optional, column: false } } };
        const [one, other] = [made(from, before), made(to, renamed(before))];
        await database.ensureSchema([one]);
        const documents = [1, 2, 3].map((_id) => ({ _id, group: _id, user: 'u', name: `n${_id}` }));
        await send({ insert: from, documents, bypassDocumentValidation: true });
        const options = { renames: { [from]: to, [`${from}.name`]: `${to}.title` }, drop: true };
        const start = await state(from);
        const diff = await diffOf(other, options);
        await applied(diff);
        const stored = (collection: string) =>
          database['~raw']({}, (raw) => raw.find(collection, {}, { sort: { _id: 1 } }));
        expect(await stored(to)).toEqual(documents.map(({ name: title, ...rest }) => ({ ...rest, title })));
        expect((await diffOf(other, options)).changes).toEqual([]);
        expect(await database.ensureSchema([other])).toEqual({ created: [], drift: [] });
        await undone(diff);
        expect(await state(from)).toEqual(start);
        expect(await stored(from)).toEqual(documents);
        await drop(from);
      }),
      { numRuns: 25 },
    );
  });
});
