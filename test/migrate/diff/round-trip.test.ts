import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type AnyEntity,
  bigint,
  boolean,
  date,
  decimal,
  entity,
  enumOf,
  index,
  integer,
  json,
  list,
  object,
  real,
  softDelete,
  text,
  timestamp,
  uuid,
} from '../../../src/index.js';
import { diffSchema } from '../../../src/migrate/diff/diff-schema.js';
import { openedAt } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { differs, down, FITS, up, whats } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 2 });

const digits = enumOf('1', '2', '3', '4', '5', '6', '7', '8', '9');

/** What a field can be, by families: the values of one can become those of any other in it. `sql` makes one of the row's number `n`. */
const KINDS = {
  text: [() => text().max(9), 'n::text'],
  'long text': [() => text().max(40), 'n::text'],
  'any text': [() => text(), 'n::text'],
  enum: [() => digits, 'n::text'],
  integer: [() => integer(), 'n'],
  'small integer': [() => integer().min(0).max(99), 'n'],
  bigint: [() => bigint(), 'n'],
  real: [() => real().min(0), 'n'],
  decimal: [() => decimal(10, 2), 'n'],
  'wide decimal': [() => decimal(14, 4).min('0'), 'n'],
  timestamp: [() => timestamp(), "'2024-01-01T00:00:00Z'::timestamptz + n * interval '1 day'"],
  date: [() => date(), "'2024-01-01'::date + n::int"],
  boolean: [() => boolean(), 'n % 2 = 0'],
  uuid: [() => uuid(), "('00000000-0000-4000-8000-00000000000' || n)::uuid"],
  'uuid as text': [() => text().max(40), "'00000000-0000-4000-8000-00000000000' || n"],
  texts: [() => list(text().max(9)), 'array[n::text]'],
  integers: [() => list(integer()).max(5), 'array[n]'],
  json: [() => json(), 'to_jsonb(n)'],
  object: [() => object({ num: integer() }), "jsonb_build_object('num', n)"],
  'ruled object': [
    () => object({ num: integer().min(0).max(99), m: text().max(9).optional() }),
    "jsonb_build_object('num', n)",
  ],
  reference: [(table: string) => integer().references(table), 'n'],
  'cascading reference': [(table: string) => integer().references(table, { onDelete: 'cascade' }), 'n'],
} as const satisfies Readonly<Record<string, readonly [(table: string) => unknown, string]>>;

type KindName = keyof typeof KINDS;

const FAMILIES: Readonly<Record<string, readonly KindName[]>> = {
  number: [
    'text',
    'long text',
    'any text',
    'enum',
    'integer',
    'small integer',
    'bigint',
    'real',
    'decimal',
    'wide decimal',
  ],
  moment: ['timestamp', 'date'],
  name: ['uuid', 'uuid as text'],
  several: ['texts', 'integers'],
  fact: ['boolean'],
  data: ['json'],
  things: ['object', 'ruled object'],
  others: ['reference', 'cascading reference', 'integer', 'text'],
};

const INDEXED: ReadonlySet<KindName> = new Set([
  'text',
  'long text',
  'integer',
  'small integer',
  'bigint',
  'decimal',
  'date',
  'uuid',
  'uuid as text',
  'timestamp',
]);

interface FieldSpec {
  readonly kind: KindName;
  readonly optional: boolean;
  readonly mark: 'none' | 'unique' | 'index' | 'descending';
}

type Spec = Readonly<Record<string, FieldSpec | null>> & { readonly softDelete?: never };

const fieldSpec = (kinds: readonly KindName[]): fc.Arbitrary<FieldSpec | null> =>
  fc.option(
    fc.record({
      kind: fc.constantFrom(...kinds),
      optional: fc.boolean(),
      mark: fc.constantFrom('none', 'unique', 'index', 'descending'),
    }),
    { freq: 4 },
  ) as fc.Arbitrary<FieldSpec | null>;

const spec = fc.record({
  fields: fc.record({
    a: fieldSpec(FAMILIES.number!),
    b: fieldSpec(FAMILIES.number!),
    c: fieldSpec(FAMILIES.moment!),
    d: fieldSpec(FAMILIES.name!),
    e: fieldSpec(FAMILIES.several!),
    f: fieldSpec(FAMILIES.fact!),
    g: fieldSpec(FAMILIES.data!),
    h: fieldSpec(FAMILIES.things!),
    r: fieldSpec(FAMILIES.others!),
  }) as fc.Arbitrary<Spec>,
  search: fc.boolean(),
  softDelete: fc.boolean(),
  pair: fc.boolean(),
});

type EntitySpec = typeof spec extends fc.Arbitrary<infer T> ? T : never;

/** The fields that are there, by the names that they have: what is renamed has a `z` behind its name. */
function fieldsOf({ fields }: EntitySpec, renamed: ReadonlySet<string>): [string, FieldSpec][] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field === null ? [] : [[renamed.has(name) ? `${name}z` : name, field] as [string, FieldSpec]],
  );
}

function entityOf(name: string, each: EntitySpec, renamed: ReadonlySet<string>): AnyEntity {
  const fields = fieldsOf(each, renamed);
  const builders = fields.map(([field, { kind, optional, mark }]) => {
    const builder = KINDS[kind][0](name) as ReturnType<typeof text>;
    const marked = mark === 'unique' && INDEXED.has(kind) ? builder.unique() : builder;
    return [field, optional ? marked.optional() : marked] as const;
  });
  const can = fields.filter(([, { kind }]) => INDEXED.has(kind) || kind === 'texts' || kind === 'integers');
  const searched = fields
    .filter(([, { kind }]) => ['text', 'long text', 'any text'].includes(kind))
    .map(([field]) => field);
  const scalars = can.filter(([, { kind }]) => INDEXED.has(kind)).map(([field]) => field);
  const make = entity as unknown as (name: string, fields: object, options: object) => AnyEntity;
  return make(
    name,
    { id: integer().primaryKey(), ...Object.fromEntries(builders), ...(each.softDelete ? softDelete() : {}) },
    {
      indexes: [
        ...can.filter(([, { mark }]) => mark === 'index').map(([field]) => index(field)),
        ...can
          .filter(([, { mark, kind }]) => mark === 'descending' && INDEXED.has(kind))
          .map(([field]) => index({ [field]: 'desc' })),
        ...(each.pair && scalars.length > 1
          ? [index(scalars[0]!, scalars[1]!).where({ id: 1 }).named(`${name}_special`)]
          : []),
      ].slice(0, 8),
      ...(each.search && searched.length > 0
        ? { search: Object.fromEntries(searched.map((field) => [field, 'A'])) }
        : {}),
    },
  );
}

let count = 0;

it('leads from any schema to any other with the rows, and back', async () => {
  const renames = fc.subarray(['a', 'c', 'e', 'h', 'r']);
  await fc.assert(
    fc.asyncProperty(spec, spec, renames, fc.integer({ min: 0, max: 4 }), async (from, to, names, rows) => {
      const table = `pair_${count++}`;
      const renamed = new Set(names.filter((name) => from.fields[name] != null && to.fields[name] != null));
      const old = entityOf(table, from, new Set());
      const fresh = entityOf(table, to, renamed);
      const options = {
        drop: true,
        renames: Object.fromEntries([...renamed].map((name) => [`${table}.${name}`, `${table}.${name}z`])),
      };
      await database.ensureSchema([old]);
      const fields = fieldsOf(from, new Set());
      const values = fields.map(([, { kind, optional }]) => {
        const value = KINDS[kind][1];
        return optional ? `case when n % 2 = 0 then ${value} end` : value;
      });
      await database.query(
        `insert into ${table} (${['id', ...fields.map(([name]) => name)].join(', ')})
         select ${['n', ...values].join(', ')} from generate_series(1, ${rows}) as s(n)`,
      );
      const diff = await diffSchema(database, [fresh], options);
      const targets = new Map(fieldsOf(to, renamed));
      await up(database, diff.changes, async ({ what, up: [first] }) => {
        if (!what.startsWith('column ') || !first!.includes('is not null')) return;
        const column = what.split('.').at(-1)!;
        const value = KINDS[targets.get(column)!.kind][1].replace(/\bn\b/g, 'id');
        await database.query(`update ${table} set ${column} = ${value} where ${column} is null`);
      });
      expect(await differs(database, [fresh], options)).toEqual(FITS);
      expect(await database.ensureSchema([fresh])).toEqual({ created: [], drift: [] });
      await down(database, diff.changes);
      // The values of columns that were gone are gone, so these may be null now.
      const emptied = fields
        .filter(([name, { optional }]) => !optional && to.fields[name] == null)
        .map(([name]) => `alter column ${table}.${name}`);
      expect(whats(await diffSchema(database, [old])).sort()).toEqual(emptied.sort());
      await database.query(`drop table ${table}`);
    }),
    { numRuns: 25 },
  );
});
