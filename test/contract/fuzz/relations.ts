import fc from 'fast-check';
import { list } from '../../../src/schema/composites.js';
import { entity } from '../../../src/schema/entity.js';
import { softDelete } from '../../../src/schema/presets.js';
import { bigint, integer, text } from '../../../src/schema/scalars.js';
import type { AnyEntity } from '../../../src/schema/types.js';
import { orNull } from './generators.js';

// Rows that name each other, and trees of relations between them, as plain data.

/** Names rows of its own kind in every way that a relation can go by. */
export const Node: AnyEntity = entity(
  'fuzz_nodes',
  {
    id: integer().primaryKey(),
    label: text().optional(),
    rank: integer().optional(),
    parentId: integer().optional(),
    big: bigint().optional(),
    peers: list(integer()).optional(),
    ...softDelete(),
  },
  { computed: { loud: (row: { label: string | null }) => `${row.label}!` } },
);

/** Goes from a node to a node. */
export const Edge: AnyEntity = entity('fuzz_edges', {
  id: integer().primaryKey(),
  label: text().optional(),
  rank: integer().optional(),
  fromId: integer().optional(),
  toId: bigint().optional(),
  ...softDelete(),
});

export type Name =
  | 'boss'
  | 'patron'
  | 'first'
  | 'kids'
  | 'fans'
  | 'peers'
  | 'linked'
  | 'edges'
  | 'edge'
  | 'from'
  | 'to';

export type Way =
  | { readonly kind: 'belongsTo' | 'belongsToMany'; readonly target: 'nodes' | 'edges'; readonly by: string }
  | { readonly kind: 'hasOne' | 'hasMany'; readonly target: 'nodes' | 'edges'; readonly by: string }
  | { readonly kind: 'manyToMany'; readonly target: 'nodes'; readonly by: string; readonly theirs: string };

/** The relations that there are. */
export const WAYS: Readonly<Record<Name, Way>> = {
  boss: { kind: 'belongsTo', target: 'nodes', by: 'parentId' },
  patron: { kind: 'belongsTo', target: 'nodes', by: 'big' },
  first: { kind: 'hasOne', target: 'nodes', by: 'parentId' },
  kids: { kind: 'hasMany', target: 'nodes', by: 'parentId' },
  fans: { kind: 'hasMany', target: 'nodes', by: 'big' },
  peers: { kind: 'belongsToMany', target: 'nodes', by: 'peers' },
  linked: { kind: 'manyToMany', target: 'nodes', by: 'fromId', theirs: 'toId' },
  edges: { kind: 'hasMany', target: 'edges', by: 'fromId' },
  edge: { kind: 'hasOne', target: 'edges', by: 'toId' },
  from: { kind: 'belongsTo', target: 'nodes', by: 'fromId' },
  to: { kind: 'belongsTo', target: 'nodes', by: 'toId' },
};

/** The name that a relation gets in the row. */
export const nameOf = (name: Name): string => `${name}Of`;

export interface RelationSpec {
  readonly name: Name;
  readonly where: WhereSpec;
  readonly order: readonly (readonly [path: string, direction: 'asc' | 'desc'])[];
  readonly limit: number | null;
  readonly count: boolean;
  readonly select: readonly string[] | null;
  readonly deleted: 'with' | 'only' | undefined;
  readonly include: readonly RelationSpec[];
}

export type WhereSpec =
  | null
  | { readonly test: 'least'; readonly rank: number }
  | { readonly test: 'label'; readonly label: string | null };

export interface CallSpec {
  readonly verb: 'find' | 'stream' | 'paginate' | 'paginateByCursor' | 'findById' | 'findOne';
  readonly batch: number;
  readonly select: readonly string[] | null;
  readonly deleted: 'with' | 'only' | undefined;
  readonly include: readonly RelationSpec[];
}

const KEYS = 7;
/** A key that some row has, or none. */
const key = fc.integer({ min: 1, max: KEYS });
/** A key that several rows are likely to name. */
const parent = fc.oneof(key, fc.integer({ min: 1, max: 2 }));
const shared = {
  label: orNull(fc.constantFrom('', 'a', 'B', 'b')),
  rank: orNull(fc.integer({ min: -1, max: 2 })),
};

export interface Draft {
  readonly id: number;
  readonly [name: string]: unknown;
}

export interface WorldSpec {
  readonly nodes: readonly Draft[];
  readonly edges: readonly Draft[];
  /** The keys of rows that are deleted. */
  readonly deletedNodes: readonly number[];
  readonly deletedEdges: readonly number[];
}

const id = fc.integer({ min: 1, max: KEYS });

export const worlds: fc.Arbitrary<WorldSpec> = fc.record({
  nodes: fc.uniqueArray(
    fc.record({
      id,
      ...shared,
      parentId: orNull(parent),
      big: orNull(parent.map(BigInt)),
      peers: orNull(fc.array(key, { maxLength: 4 })),
    }),
    { selector: (each) => each.id, minLength: 5, maxLength: KEYS },
  ),
  edges: fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 12 }),
      ...shared,
      fromId: orNull(parent),
      toId: orNull(
        fc.oneof({ weight: 9, arbitrary: key.map(BigInt) }, { weight: 1, arbitrary: fc.constant(2n ** 60n) }),
      ),
    }),
    { selector: (each) => each.id, minLength: 7, maxLength: 12 },
  ),
  deletedNodes: fc.uniqueArray(id, { maxLength: 2 }),
  deletedEdges: fc.uniqueArray(id, { maxLength: 2 }),
});

const where: fc.Arbitrary<WhereSpec> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.record({ test: fc.constant('least' as const), rank: fc.integer({ min: -1, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ test: fc.constant('label' as const), label: shared.label }) },
);
const order = fc.uniqueArray(
  fc.tuple(fc.constantFrom('label', 'rank', 'id'), fc.constantFrom('asc' as const, 'desc' as const)),
  { maxLength: 2, selector: ([path]) => path },
);
const select = fc.option(fc.subarray(['label', 'rank']), { freq: 3 });
const deleted = fc.constantFrom(undefined, undefined, undefined, 'with' as const, 'only' as const);

const OF_NODES = Object.keys(WAYS).filter((name) => name !== 'from' && name !== 'to') as Name[];
const OF_EDGES: readonly Name[] = ['from', 'to'];

function relationsOf(source: 'nodes' | 'edges', depth: number): fc.Arbitrary<readonly RelationSpec[]> {
  if (depth === 0) return fc.constant([]);
  const one = fc.constantFrom(...(source === 'nodes' ? OF_NODES : OF_EDGES)).chain((name) =>
    fc.record({
      name: fc.constant(name),
      where,
      order,
      limit: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 2 }),
      count: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      select,
      deleted,
      include: relationsOf(WAYS[name].target, depth - 1),
    }),
  );
  return fc.uniqueArray(one, {
    maxLength: depth === 3 ? 4 : 2,
    minLength: depth === 3 ? 3 : 0,
    selector: ({ name }) => name,
  });
}

export const call: fc.Arbitrary<CallSpec> = fc.record({
  verb: fc.constantFrom('find', 'find', 'stream', 'paginate', 'paginateByCursor', 'findById', 'findOne'),
  batch: fc.integer({ min: 1, max: 4 }),
  select,
  deleted,
  include: relationsOf('nodes', 3),
});

/** The options that a relation of the kind takes. */
export function isList({ kind }: Way): boolean {
  return kind !== 'belongsTo' && kind !== 'hasOne';
}
