import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Database } from '../../src/core/ports.js';
import { Repository } from '../../src/core/repository.js';
import type { Command } from '../../src/query/command.js';
import type { AnyEntity } from '../../src/schema/types.js';
import {
  anyOf,
  belongsTo,
  belongsToMany,
  gte,
  hasMany,
  hasOne,
  manyToMany,
} from '../../src/testing/repository-contract/loose.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { clear, seed, threeEngines } from './fuzz/engines.js';
import { canonical } from './fuzz/interpret.js';
import { expectedRows, mostQueries, type Row, type Rows } from './fuzz/relation-reference.js';
import {
  type CallSpec,
  call,
  Edge,
  isList,
  Node,
  nameOf,
  type RelationSpec,
  WAYS,
  type WhereSpec,
  type WorldSpec,
  worlds,
} from './fuzz/relations.js';

// What plain JavaScript finds among the rows, relations give on every engine, and across two. FC_SEED runs a failure again, FC_RUNS says
// how many datasets.
const numRuns = Number(process.env['FC_RUNS'] ?? 40);

const { databases } = await threeEngines('relations', [Node, Edge]);
const [memory, sql, docs] = databases as [Database, Database, Database];

const MAKERS = { belongsTo, belongsToMany, hasMany, hasOne };
const NOW = Date.UTC(2024, 0, 1);

/** Repositories of nodes and of edges, maybe on two engines. */
class Subject {
  readonly name: string;
  readonly sent: Command[] = [];
  readonly nodes: any;
  readonly edges: any;
  readonly #homes: readonly (readonly [Database, AnyEntity])[];

  constructor(name: string, forNodes: Database, forEdges: Database) {
    this.name = name;
    this.#homes = [
      [forNodes, Node],
      [forEdges, Edge],
    ];
    const [nodes, edges] = this.#homes.map(
      ([database, entity]) =>
        new Repository<AnyEntity>(noting(database, (command) => this.sent.push(command)) as never, entity, {
          clock: { now: () => NOW },
        }),
    );
    this.nodes = nodes;
    this.edges = edges;
  }

  async fill({ nodes, edges, deletedNodes, deletedEdges }: WorldSpec): Promise<void> {
    for (const [database, entity] of this.#homes) await clear(database, entity);
    await this.nodes.insertMany(nodes);
    await this.edges.insertMany(edges);
    await this.nodes.deleteMany({ id: anyOf(...deletedNodes) }, { all: true });
    await this.edges.deleteMany({ id: anyOf(...deletedEdges) }, { all: true });
  }

  #include(specs: readonly RelationSpec[]): object {
    return Object.fromEntries(specs.map((spec) => [nameOf(spec.name), this.#relation(spec)]));
  }

  #relation(spec: RelationSpec): unknown {
    const way = WAYS[spec.name];
    const { where, order, limit, count, select, deleted, include } = spec;
    const counts = count && isList(way);
    const options: Row = { where: filterOf(where), deleted };
    if (counts) options['count'] = true;
    else {
      Object.assign(options, { select: select ?? undefined, include: this.#include(include) });
      if (way.kind !== 'belongsTo' && order.length > 0) options['orderBy'] = Object.fromEntries(order);
      if (isList(way)) options['limit'] = limit ?? undefined;
    }
    const target = this[way.target];
    if (way.kind === 'manyToMany') return manyToMany(target, this.edges, way.by, way.theirs, options);
    return MAKERS[way.kind](target, way.by, options);
  }

  /** The rows by key, however the call gives them. */
  async rows({ verb, batch, select, deleted, include }: CallSpec, ids: readonly number[]): Promise<unknown[]> {
    const options = { select: select ?? undefined, deleted, include: this.#include(include) };
    const ordered = { ...options, orderBy: { id: 'asc' } };
    const rows: unknown[] = [];
    switch (verb) {
      case 'find':
        return this.nodes.find({}, ordered);
      case 'findById':
        for (const id of ids) rows.push(await this.nodes.findById(id, options));
        return rows;
      case 'findOne':
        for (const id of ids) rows.push(await this.nodes.findOne({ id: gte(id) }, ordered));
        return rows;
      case 'stream':
        for await (const row of this.nodes.stream({}, { ...ordered, batch })) rows.push(row);
        return rows;
      case 'paginate':
        for (let page = 1; ; page++) {
          const read = await this.nodes.paginate({}, { ...ordered, page, limit: batch, count: 'none' });
          rows.push(...read.rows);
          if (!read.hasNext) return rows;
        }
      default:
        for (let after: string | undefined; ; ) {
          const read = await this.nodes.paginateByCursor({}, { ...ordered, after, limit: batch });
          rows.push(...read.rows);
          if (read.next === null) return rows;
          after = read.next;
        }
    }
  }
}

function filterOf(where: WhereSpec): object | undefined {
  if (where === null) return undefined;
  return where.test === 'label' ? { label: where.label } : { rank: gte(where.rank) };
}

/** The rows as they are stored, without a read of the library. */
function storedRows({ nodes, edges, deletedNodes, deletedEdges }: WorldSpec): Rows {
  const mark = (rows: readonly Row[], deleted: readonly number[]) =>
    rows.map((row) => ({ ...row, deletedAt: deleted.includes(row['id'] as number) ? new Date(NOW) : null }));
  return { nodes: mark(nodes, deletedNodes), edges: mark(edges, deletedEdges) };
}

const subjects = [
  new Subject('memory', memory, memory),
  new Subject('postgres', sql, sql),
  new Subject('mongo', docs, docs),
];
const across = [new Subject('postgres and mongo', sql, docs), new Subject('mongo and memory', docs, memory)];

const counts = { calls: 0, relations: 0, rows: 0, many: 0 };

/** Counts what is worth having met. */
function tally(value: unknown): void {
  if (Array.isArray(value)) {
    if (value.length > 1) counts.many++;
    for (const each of value) tally(each);
  } else if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
    counts.rows++;
    for (const [name, each] of Object.entries(value)) if (name.endsWith('Of')) tally(each);
  }
}

async function check(subject: Subject, spec: CallSpec, stored: Rows): Promise<void> {
  const wanted = expectedRows(stored, spec);
  const ids = expectedRows(stored, { ...spec, select: ['id'], include: [] }).map((row) => row['id'] as number);
  subject.sent.length = 0;
  const found = await subject.rows(spec, ids);
  if (canonical(found) !== canonical(wanted))
    throw new Error(
      `${subject.name} differs\n${fc.stringify(spec)}\nwanted: ${canonical(wanted)}\nfound: ${canonical(found)}`,
    );
  if (spec.verb === 'find') expect(subject.sent.length).toBeLessThanOrEqual(1 + mostQueries(spec.include));
  counts.calls++;
  counts.relations += mostQueries(spec.include);
  tally(found);
}

function propertyOf(subjectsOf: readonly Subject[]): Promise<void> {
  const property = fc.asyncProperty(worlds, fc.array(call, { minLength: 2, maxLength: 5 }), async (world, specs) => {
    const stored = storedRows(world);
    for (const subject of subjectsOf) {
      await subject.fill(world);
      for (const spec of specs) await check(subject, spec, stored);
    }
  });
  return fc.assert(property, { seed, numRuns });
}

it('relations give on every engine what plain JavaScript finds among the rows', { timeout: 600_000 }, async () => {
  await propertyOf(subjects);
  console.log(`[relations] ${JSON.stringify(counts)}`);
  expect(counts.rows / counts.calls).toBeGreaterThan(4);
  expect(counts.many / counts.calls).toBeGreaterThan(1);
});

it('relations give across two engines what plain JavaScript finds among the rows', { timeout: 600_000 }, async () => {
  await propertyOf(across);
});
