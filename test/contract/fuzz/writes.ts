import fc from 'fast-check';
import { PATHS } from './entities.js';
import { type Draft, draft, field, IDS, orNull, someValue, values, whole } from './generators.js';
import { type OrderSpec, order, type WhereSpec, where } from './reads.js';

/** One change of a patch. */
export type ChangeSpec =
  | { readonly op: 'set'; readonly value: unknown }
  | { readonly op: 'increment' | 'minimum' | 'maximum'; readonly value: unknown }
  | { readonly op: 'push' | 'pull' | 'addToSet'; readonly items: readonly unknown[] };

export type PatchSpec = Readonly<Record<string, ChangeSpec>>;

const STEPS = {
  integer: fc.integer({ min: -5, max: 5 }),
  real: fc.constantFrom(0.1, 0.2, 1, -1.5, 1e21),
  decimal: fc.constantFrom('0.1', '-0.3', '1.05', '2', '0.0000001'),
  bigint: fc.constantFrom(1n, -1n, 5n),
} as const;

function change(path: string): fc.Arbitrary<ChangeSpec> {
  const type = PATHS[path]!;
  const set = field(path).map((value): ChangeSpec => ({ op: 'set', value }));
  if (type === 'texts' || type === 'integers') {
    const items = someValue(path) as fc.Arbitrary<unknown[]>;
    return fc.oneof(
      set,
      fc.record({ op: fc.constantFrom('push' as const, 'pull' as const, 'addToSet' as const), items }),
    );
  }
  const bound = fc.record({ op: fc.constantFrom('minimum' as const, 'maximum' as const), value: someValue(path) });
  if (type === 'timestamp' || (type === 'date' && path !== 'day')) return fc.oneof(set, bound);
  const step = STEPS[type as keyof typeof STEPS] as fc.Arbitrary<unknown> | undefined;
  if (step === undefined) return set;
  return fc.oneof(set, bound, fc.record({ op: fc.constant('increment' as const), value: step }));
}

const TOP = ['n', 'r', 's', 'b', 't', 'dec', 'big', 'u', 'tags', 'nums'];
const NESTED = ['o.x', 'o.y', 'o.d', 'o.f', 'o.g', 'o.at', 'o.l', 'o.p.q', 'o.p.w'];
const RARE = ['k', 'c', 'day'];

export const patch: fc.Arbitrary<PatchSpec> = fc
  .record({
    top: fc.uniqueArray(fc.constantFrom(...TOP), { maxLength: 3 }),
    nested: fc.uniqueArray(fc.constantFrom(...NESTED), { maxLength: 3 }),
    rare: fc.oneof(
      { weight: 4, arbitrary: fc.constant([] as string[]) },
      { weight: 1, arbitrary: fc.constantFrom(...RARE).map((path) => [path]) },
    ),
    replace: fc.option(orNull(whole), { freq: 5, nil: undefined }),
  })
  .chain(({ top, nested, rare, replace }) => {
    const paths = [...top, ...rare, ...(replace === undefined ? nested : [])];
    const changes = fc.record(
      Object.fromEntries(paths.map((path) => [path, change(path)])) as Record<string, fc.Arbitrary<ChangeSpec>>,
    );
    return replace === undefined
      ? changes
      : changes.map((each): PatchSpec => ({ ...each, o: { op: 'set', value: replace } }));
  });

export interface EachSpec {
  readonly id: string;
  readonly patch: PatchSpec;
  readonly version: number | undefined;
  readonly fence: bigint | undefined;
}

export type BulkSpec =
  | { readonly insert: Draft }
  | { readonly upsert: Draft; readonly on: 'id' | 'k' | readonly ['c', 'day'] }
  | { readonly update: string; readonly set: PatchSpec; readonly fence: bigint | undefined }
  | { readonly delete: string };

export type WriteSpec =
  | { readonly verb: 'insert'; readonly draft: Draft }
  | { readonly verb: 'insertMany'; readonly drafts: readonly Draft[] }
  | ({ readonly verb: 'update' } & EachSpec)
  | { readonly verb: 'updateOne'; readonly where: WhereSpec; readonly patch: PatchSpec; readonly order: OrderSpec }
  | { readonly verb: 'updateMany'; readonly where: WhereSpec; readonly patch: PatchSpec }
  | { readonly verb: 'upsert'; readonly draft: Draft; readonly on: 'id' | 'k' | readonly ['c', 'day'] }
  | { readonly verb: 'updateEach'; readonly rows: readonly EachSpec[] }
  | { readonly verb: 'upsertMany'; readonly drafts: readonly Draft[]; readonly on: 'id' | 'k' | readonly ['c', 'day'] }
  | { readonly verb: 'bulk'; readonly writes: readonly BulkSpec[] }
  | { readonly verb: 'restore'; readonly id: string }
  | { readonly verb: 'delete'; readonly id: string; readonly fence: bigint | undefined }
  | { readonly verb: 'deleteMany'; readonly where: WhereSpec };

/** A draft that names only some of the fields, for `upsert`. */
const partial: fc.Arbitrary<Draft> = fc
  .tuple(
    draft,
    fc.subarray(Object.keys(values).filter((name) => name !== 'b')),
    someValue('k'),
    someValue('c'),
    someValue('day'),
  )
  .map(([full, names, k, c, day]) => ({
    ...Object.fromEntries(names.map((name) => [name, full[name]])),
    id: full['id'],
    b: full['b'],
    k,
    c,
    day,
  }));

const id = fc.constantFrom(...IDS.slice(0, 8));
/** Seldom enough that rows take tokens in their turn, too. */
const fence = fc.constantFrom(undefined, undefined, undefined, 0n, 1n, 2n, 3n);
const on = fc.constantFrom('id' as const, 'k' as const, ['c', 'day'] as const);

// A unique value that passes from one row to another in one call succeeds or fails by the order in which an engine meets the rows.
const UNIQUE = [['k'], ['c', 'day']] as const;

const steadyPatch: fc.Arbitrary<PatchSpec> = patch.map((each) => without(each, UNIQUE.flat()));

function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** A draft that brings no unique values but those it is looked up by. */
function steady(each: Draft, by: 'id' | 'k' | readonly ['c', 'day']): Draft {
  return without(
    each,
    UNIQUE.flat().filter((name) => !([by].flat() as string[]).includes(name)),
  ) as Draft;
}

const eachSpec: fc.Arbitrary<EachSpec> = fc.record({
  id,
  patch: steadyPatch,
  version: fc.constantFrom(undefined, undefined, undefined, undefined, 1),
  fence,
});

const bulkSpec: fc.Arbitrary<BulkSpec> = fc.oneof(
  fc.record({ insert: draft }),
  fc.record({ upsert: partial, on }).map((each) => ({ upsert: steady(each.upsert, each.on), on: each.on })),
  { weight: 3, arbitrary: fc.record({ update: id, set: steadyPatch, fence }) },
  fc.record({ delete: id }),
);

export const write: fc.Arbitrary<WriteSpec> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('insert' as const), draft }) },
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant('insertMany' as const), drafts: fc.array(draft, { maxLength: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant('update' as const),
      id: fc.constantFrom(...IDS.slice(0, 8)),
      patch,
      version: fc.constantFrom(undefined, undefined, 1, 2),
      fence,
    }),
  },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('updateOne' as const), where, patch, order }) },
  { weight: 6, arbitrary: fc.record({ verb: fc.constant('updateMany' as const), where, patch }) },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('upsert' as const),
      draft: partial,
      on: fc.constantFrom('id' as const, 'k' as const, ['c', 'day'] as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant('updateEach' as const),
      rows: fc.uniqueArray(eachSpec, { maxLength: 4, selector: (each) => each.id }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ verb: fc.constant('upsertMany' as const), drafts: fc.array(partial, { maxLength: 3 }), on })
      .map((spec) => ({ ...spec, drafts: spec.drafts.map((each) => steady(each, spec.on)) })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ verb: fc.constant('bulk' as const), writes: fc.array(bulkSpec, { maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('restore' as const), id }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('delete' as const), id: fc.constantFrom(...IDS), fence }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('deleteMany' as const), where }) },
);
