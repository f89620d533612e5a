import fc from 'fast-check';
import {
  type AnyEntity,
  bigint,
  binary,
  boolean,
  date,
  decimal,
  entity,
  enumOf,
  geoPoint,
  gte,
  index,
  integer,
  json,
  list,
  object,
  objectId,
  real,
  softDelete,
  text,
  timestamp,
  uuid,
} from '../../src/index.js';

/** How a field is declared: everything that the validator or an index depends on. */
export interface FieldDraft {
  readonly kind: keyof typeof KINDS;
  readonly bound: number;
  readonly optional: boolean;
  readonly unique: boolean;
  readonly column: boolean;
}

export interface EntityDraft {
  readonly fields: Readonly<Record<string, FieldDraft>>;
  readonly composite: boolean;
  readonly deleted: boolean;
  readonly snake: boolean;
  readonly indexes: readonly IndexDraft[];
  readonly search: readonly string[];
}

export interface IndexDraft {
  readonly kind: 'ordinary' | 'ttl' | 'geo' | 'unique';
  readonly fields: readonly string[];
  readonly descending: boolean;
  readonly partial: boolean;
  readonly named: boolean;
  readonly after: number;
}

const KINDS = {
  text: (n: number) => text().max(n + 1),
  integer: (n: number) => (n % 2 === 0 ? integer().min(-n) : integer()),
  real: (n: number) => (n % 2 === 0 ? real() : real().max(n + 0.5)),
  bigint: (n: number) => bigint().max(BigInt(n) * 10n ** 15n),
  decimal: (n: number) => decimal((n % 9) + 3, 2),
  boolean: () => boolean(),
  enum: (n: number) => enumOf('a', `b${n}`),
  timestamp: () => timestamp(),
  date: () => date(),
  uuid: () => uuid(),
  objectId: () => objectId(),
  binary: () => binary(),
  point: () => geoPoint(),
  json: () => json(),
  texts: (n: number) => list(text().max(9)).max(n + 1),
  object: (n: number) => object({ inner: text().max(n + 1), other: integer().optional() }),
} as const;

const INDEXED: ReadonlySet<string> = new Set([
  'text',
  'integer',
  'real',
  'boolean',
  'enum',
  'timestamp',
  'date',
  'uuid',
]);

const NAMES = ['name', 'fullName', 'age', 'seenAt', 'place', 'tags'] as const;

const fieldDraft: fc.Arbitrary<FieldDraft> = fc.record({
  kind: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
  bound: fc.integer({ min: 1, max: 5 }),
  optional: fc.boolean(),
  unique: fc.boolean(),
  column: fc.boolean(),
});

const indexDraft: fc.Arbitrary<IndexDraft> = fc.record({
  kind: fc.constantFrom('ordinary', 'ordinary', 'ttl', 'geo', 'unique'),
  fields: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }),
  descending: fc.boolean(),
  partial: fc.boolean(),
  named: fc.boolean(),
  after: fc.constantFrom(60, 3_600),
});

export const entityDraft: fc.Arbitrary<EntityDraft> = fc.record({
  fields: fc.dictionary(fc.constantFrom(...NAMES), fieldDraft, { minKeys: 1 }),
  composite: fc.boolean(),
  deleted: fc.boolean(),
  snake: fc.boolean(),
  indexes: fc.array(indexDraft, { maxLength: 3 }),
  search: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
});

/** Two that have much in common, or little. */
export const pairDraft: fc.Arbitrary<readonly [EntityDraft, EntityDraft]> = fc
  .tuple(entityDraft, entityDraft, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }))
  .map(([one, other, takes]) => {
    const kept = NAMES.filter((_, i) => takes[i]);
    const shared = Object.fromEntries(kept.flatMap((name) => (name in one.fields ? [[name, one.fields[name]!]] : [])));
    const after: EntityDraft = {
      ...other,
      fields: { ...other.fields, ...shared },
      composite: takes[6]! ? one.composite : other.composite,
      indexes: takes[7]!
        ? [...other.indexes, ...one.indexes.map((each) => ({ ...each, after: each.after * (takes[8]! ? 1 : 2) }))]
        : other.indexes,
      search: takes[9]! ? one.search : other.search,
      snake: takes[10]! ? one.snake : other.snake,
      deleted: takes[11]! ? one.deleted : other.deleted,
    };
    return [one, after];
  });

/** The entity, without what does not go together. */
export function made(name: string, draft: EntityDraft): AnyEntity {
  const fields: Record<string, unknown> = draft.composite
    ? { group: integer(), user: text().max(20) }
    : { id: integer().primaryKey() };
  for (const [each, { kind, bound, optional, unique, column }] of Object.entries(draft.fields)) {
    let field = KINDS[kind](bound) as any;
    if (unique && INDEXED.has(kind)) field = field.unique();
    if (column && each !== 'age') field = field.column(`the_${each}`);
    fields[each] = optional ? field.optional() : field;
  }
  const kindOf = (each: string): string => draft.fields[each]?.kind ?? '';
  const search = draft.search.filter((each) => kindOf(each) === 'text');
  const names = new Set<string>();
  const indexes = draft.indexes.flatMap((each, i) => {
    const parts = each.fields.filter((field) => INDEXED.has(kindOf(field)));
    const [first] = each.fields;
    // One that is about a single field is called after the first alone, and a name is had by one index only.
    const mark = each.kind === 'geo' ? `geo ${first}` : each.kind === 'ttl' ? first! : parts.join();
    if (parts.length === 0 && each.kind !== 'geo') return [];
    if (names.has(mark)) return [];
    names.add(mark);
    const made =
      each.kind === 'geo'
        ? kindOf(first!) === 'point' && index.geo(first!)
        : each.kind === 'ttl'
          ? kindOf(first!) === 'timestamp' && index.ttl(first!, `${each.after}s`)
          : index(Object.fromEntries(parts.map((part) => [part, each.descending ? 'desc' : 'asc'])) as never);
    if (made === false) return [];
    const named = each.named ? made.named(`own_${i}_${each.kind}`) : made;
    const partial = each.partial && kindOf(parts[0] ?? '') === 'integer' && each.kind === 'ordinary';
    return [partial ? named.where({ [parts[0]!]: gte(1) }) : named];
  });
  return entity(name, { ...fields, ...(draft.deleted && softDelete()) } as never, {
    ...(draft.composite && { primaryKey: ['group', 'user'] as never }),
    indexes: indexes as never,
    ...(search.length > 0 && { search: Object.fromEntries(search.map((each) => [each, 'B'])) as never }),
    naming: draft.snake ? 'snake' : 'as-written',
  }) as unknown as AnyEntity;
}
