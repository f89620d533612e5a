import { describe, expect, it } from 'vitest';
import {
  addToSet,
  boolean,
  decimal,
  entity,
  increment,
  integer,
  list,
  minimum,
  narrow,
  object,
  or,
  pull,
  push,
  softDelete,
  text,
  uuid,
} from '../../../src/index.js';
import { commandOf, compile, compiled } from './compiled.js';

const ID = '00000000-0000-4000-8000-000000000000';

const Box = entity('boxes', {
  id: uuid().primaryKey(),
  name: text().max(50).unique(),
  full: boolean().optional(),
  n: integer().optional(),
  tags: list(text()).optional(),
  o: object({
    x: integer().optional(),
    d: decimal().optional(),
    tags: list(text()).optional(),
    p: object({ q: integer().optional() }).optional(),
  }).optional(),
});

const set = async (patch: unknown): Promise<string> => {
  const { text: sql } = await compiled(Box, (boxes) => boxes.update(ID, patch));
  return sql.slice('update "boxes" set '.length, sql.indexOf(' where "id"'));
};

describe('a patch as SQL', () => {
  const cases: readonly [string, unknown, string][] = [
    ['a value is set', { n: 3 }, '"n" = $1::int8'],
    ['null clears', { n: null }, '"n" = null'],
    ['`increment` starts from 0', { n: increment(2) }, '"n" = coalesce("n", 0) + $1::int8'],
    ['`minimum` takes the value where there is none', { n: minimum(2) }, '"n" = least("n", $1::int8)'],
    ['`push` starts from the empty list', { tags: push('a') }, `"tags" = coalesce("tags", '{}') || $1::text[]`],
    [
      'a path is merged in, and creates the objects above it',
      { 'o.p.q': 1 },
      `"o" = coalesce(nullif("o", 'null'), '{}') || jsonb_build_object('p', coalesce(nullif("o"->'p', 'null'), '{}') || jsonb_build_object('q', $1::jsonb))`,
    ],
    ['null at a path deletes the key and creates nothing', { 'o.p.q': null }, `"o" = (nullif("o", 'null')) #- '{p,q}'`],
    [
      'all paths of one column are one expression',
      { 'o.x': increment(1), 'o.p.q': null },
      `"o" = (coalesce(nullif("o", 'null'), '{}') || jsonb_build_object('x', coalesce(("o"->>'x')::int8, 0) + $1::int8)) #- '{p,q}'`,
    ],
    [
      'a decimal inside an object stays text without trailing zeros',
      { 'o.d': increment('1.5') },
      `"o" = coalesce(nullif("o", 'null'), '{}') || jsonb_build_object('d', trim_scale(coalesce(("o"->>'d')::numeric, 0) + $1::numeric)::text)`,
    ],
    [
      '`push` to a list inside an object',
      { 'o.tags': push('a') },
      `"o" = coalesce(nullif("o", 'null'), '{}') || jsonb_build_object('tags', coalesce(nullif(("o"->'tags'), 'null'), '[]') || $1::jsonb)`,
    ],
  ];
  for (const [name, patch, sql] of cases) it(name, async () => expect(await set(patch)).toBe(sql));

  it('`pull` inside an object never creates what is above it', async () => {
    expect(await set({ 'o.tags': pull('a') })).toMatch(
      /^"o" = jsonb_set_lax\(nullif\("o", 'null'\), '\{tags\}', case when .*, false, 'return_target'\)$/,
    );
  });

  it('`addToSet` reads its items once, whatever their number', async () => {
    const sql = await set({ tags: addToSet('a', 'b') });
    expect(sql.match(/\$/g)).toHaveLength(1);
  });
});

describe('a write as SQL', () => {
  it('one row is inserted by values', async () => {
    const { text: sql, values } = await compiled(Box, (boxes) =>
      boxes.insert({ id: ID, name: 'a', tags: ['x'], o: { x: 1 } }),
    );
    expect(sql).toBe(
      'insert into "boxes" ("id", "name", "full", "n", "tags", "o") values ($1::uuid, $2::text, $3::boolean, $4::int8, $5::text[], $6::jsonb) ' +
        'returning "id", "name", "full", "n", "tags", "o"',
    );
    expect(values).toEqual([ID, 'a', null, null, '{"x"}', '{"x":1}']);
  });

  it('many rows are one array per column, lists and objects as their text', async () => {
    const { text: sql, values } = await compiled(Box, (boxes) =>
      boxes.insertMany([
        { id: ID, name: 'a', tags: ['x', 'y'] },
        { id: ID, name: 'b "c"' },
      ]),
    );
    expect(sql).toBe(
      'insert into "boxes" ("id", "name", "full", "n", "tags", "o") select u.c0, u.c1, u.c2, u.c3, u.c4::text[], u.c5::jsonb ' +
        'from unnest($1::uuid[], $2::text[], $3::boolean[], $4::int8[], $5::text[], $6::text[]) as u(c0, c1, c2, c3, c4, c5) ' +
        'returning "id", "name", "full", "n", "tags", "o"',
    );
    expect(values[1]).toBe('{"a","b \\"c\\""}');
    expect(values[4]).toBe('{"{\\"x\\",\\"y\\"}",NULL}');
  });

  it('an update by key needs no sub-query', async () => {
    const { text: sql } = await compiled(Box, (boxes) => boxes.update(ID, { n: 1 }));
    expect(sql).toMatch(/ where "id" = \$2::uuid returning /);
  });

  it('an update of the first that fits picks and locks it inside the statement', async () => {
    const { text: sql } = await compiled(Box, (boxes) =>
      boxes.updateOne({ n: null }, { n: 1 }, { orderBy: { name: 'asc' } }),
    );
    expect(sql).toContain(
      'where "id" = (select "id" from "boxes" where "n" is null order by "name", "id" limit 1 for no key update) returning',
    );
  });

  it('an update of many returns no rows', async () => {
    const { text: sql } = await compiled(Box, (boxes) => boxes.updateMany({ n: 1 }, { n: 2 }));
    expect(sql).toBe('update "boxes" set "n" = $1::int8 where "n" = $2::int8');
  });

  it('an upsert names its conflict, qualifies old values, and tells which it was', async () => {
    const { text: sql } = await compiled(Box, (boxes) => boxes.upsert({ name: 'a', n: 4 }, { on: 'name' }));
    expect(sql).toContain('insert into "boxes" as self (');
    expect(sql).toContain('on conflict ("name") do update set "n" = ');
    expect(sql).toMatch(/\(self\.xmax = 0\) as "~inserted"$/);
  });

  it('an upsert that changes nothing writes the unique value over itself, to return the row', async () => {
    const { text: sql } = await compiled(Box, (boxes) => boxes.upsert({ name: 'a' }, { on: 'name' }));
    expect(sql).toContain('do update set "name" = self."name" returning');
  });

  it('where rows are deleted softly, an upsert looks at the others only', async () => {
    const Doc = entity('docs', { id: uuid().primaryKey(), name: text().max(9).unique(), ...softDelete() });
    const byName = await compiled(Doc, (docs) => docs.upsert({ name: 'a' }, { on: 'name' }));
    expect(byName.text).toContain('on conflict ("name") where "deleted_at" is null do update');
    const byKey = await compiled(Doc, (docs) => docs.upsert({ id: ID, name: 'a' }, { on: 'id' }));
    expect(byKey.text).toMatch(/on conflict \("id"\) do update set .* where self\."deleted_at" is null returning/);
  });

  it('an upsert with a guard asks it of the row that is there', async () => {
    const command = await commandOf(Box, (boxes) => boxes.upsert({ name: 'a', n: 4 }, { on: 'name' }));
    const { text: sql, values } = compile(narrow(command, or<typeof Box>({ n: 5 }, { full: null })));
    expect(sql).toMatch(/do update set "n" = \S+ where \(self\."n" = \$\d+::int8 or self\."full" is null\) returning/);
    expect(values.at(-1)).toBe('5');
  });
});
