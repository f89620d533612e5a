import type { FindCommand, GroupCommand } from '../query/command.js';
import { copyRow } from '../schema/copy.js';
import type { StoredRow, Value } from '../schema/model.js';
import { type Convert, type Identity, identityOf } from './key-match.js';
import type { Between, IncludePlan, LookUp, PlannedRelation } from './prepare.js';
import type { Projection } from './projection.js';
import type { Limits } from './time-left.js';

/** Keys of one query. Both servers take far more; what they answer must fit into memory at once. */
const CHUNK = 10_000;

/** Gives what a row at a place gets of one relation. Every answer is the row's own: no two rows share an object. */
type Give = (place: number) => unknown;

/** Rows that were read, with what is related to them. */
export class Loaded {
  readonly #rows: readonly StoredRow[];
  readonly #projection: Projection;
  readonly #members: readonly (readonly [name: string, give: Give])[];
  readonly #given: boolean[] = [];

  constructor(
    rows: readonly StoredRow[],
    projection: Projection,
    members: readonly (readonly [name: string, give: Give])[],
  ) {
    this.#rows = rows;
    this.#projection = projection;
    this.#members = members;
  }

  /** The caller's row. The stored row itself becomes it the first time, a copy each time after. */
  give(place: number): Record<string, unknown> {
    const { select, finish } = this.#projection;
    const stored = this.#rows[place]!;
    // What is given out is in nobody's hands before all of it is: the stored row still holds what it held.
    const own = this.#given[place] === true ? copyRow(stored, select) : stored;
    this.#given[place] = true;
    const row = finish === null ? own : finish(own);
    for (const [name, give] of this.#members) row[name] = give(place);
    return row;
  }

  all(): Record<string, unknown>[] {
    return this.#rows.map((_, place) => this.give(place));
  }
}

/** Reads what is related to the rows: one query per relation and level, whatever their number, in chunks of keys. */
export async function loadRelated(
  plan: IncludePlan | null,
  rows: readonly StoredRow[],
  projection: Projection,
  limits: Limits,
): Promise<Loaded> {
  if (plan === null || rows.length === 0) return new Loaded(rows, projection, []);
  const members = plan.relations.map(async (relation) => [relation.name, await load(relation, rows, limits)] as const);
  return new Loaded(rows, projection, await Promise.all(members));
}

async function load(relation: PlannedRelation, rows: readonly StoredRow[], limits: Limits): Promise<Give> {
  const { kind, from, convert, between, limit, count } = relation;
  if (limit === 0) return () => [];
  if (kind === 'hasOne' || kind === 'hasMany') {
    const keys = rows.map((row) => converted(convert, row[from.name]));
    return count ? counts(relation, keys, limits) : children(relation, keys, limits);
  }
  const names = between !== null ? await joined(between, from.name, rows, convert, limits) : named(relation, rows);
  return follow(relation, names, limits);
}

function converted(convert: Convert, value: Value): Value | undefined {
  return value === null || value === undefined ? undefined : convert(value);
}

/** The command with these keys in the place that was kept for them. */
async function ask<C extends FindCommand | GroupCommand, R>(
  { peer, command }: LookUp<C>,
  keys: readonly Value[],
  limits: Limits,
): Promise<R> {
  const values = [keys, ...command.values.slice(1)];
  return peer.run<R>({ command: { ...command, values }, projection: peer.context.projector.whole, run: limits.left() });
}

/** Asks for the distinct keys, a chunk at a time, and gives all answers. */
async function askAll<C extends FindCommand | GroupCommand, R>(
  lookUp: LookUp<C>,
  keys: Iterable<Value>,
  limits: Limits,
): Promise<R[]> {
  const distinct = [...distinctOf(lookUp, keys).values()];
  let all: R[] = [];
  for (let at = 0; at < distinct.length; at += CHUNK) {
    const some = await ask<C, R[]>(lookUp, distinct.slice(at, at + CHUNK), limits);
    all = all.length === 0 ? some : all.concat(some);
  }
  return all;
}

function distinctOf({ field }: LookUp<FindCommand | GroupCommand>, keys: Iterable<Value>): Map<Identity, Value> {
  const identify = identityOf(field);
  const distinct = new Map<Identity, Value>();
  for (const key of keys) if (key !== undefined) distinct.set(identify(key), key);
  return distinct;
}

async function counts(relation: PlannedRelation, keys: readonly Value[], limits: Limits): Promise<Give> {
  const lookUp = relation.lookUp as LookUp<GroupCommand>;
  const identify = identityOf(lookUp.field);
  const counted = new Map<Identity, number>();
  const [key, total] = lookUp.command.columns.map(({ name }) => name) as [string, string];
  for (const row of await askAll<GroupCommand, StoredRow>(lookUp, keys, limits))
    counted.set(identify(row[key]!), row[total] as number);
  return (place) => (keys[place] === undefined ? 0 : (counted.get(identify(keys[place])) ?? 0));
}

/** The rows that name the parents. */
async function children(relation: PlannedRelation, keys: readonly Value[], limits: Limits): Promise<Give> {
  const lookUp = relation.lookUp as LookUp<FindCommand>;
  const { name } = lookUp.field;
  const identify = identityOf(lookUp.field);
  const rows = await askAll<FindCommand, StoredRow>(lookUp, keys, limits);
  const places = new Map<Identity, number[]>();
  rows.forEach((row, place) => {
    const identity = identify(row[name]);
    const siblings = places.get(identity);
    if (siblings === undefined) places.set(identity, [place]);
    else siblings.push(place);
  });
  const loaded = await loadRelated(relation.nested, rows, relation.projection, limits);
  const found = (place: number) => (keys[place] === undefined ? undefined : places.get(identify(keys[place])));
  if (relation.kind === 'hasMany')
    return (place) => (found(place) ?? []).slice(0, relation.limit ?? undefined).map((each) => loaded.give(each));
  return (place) => {
    const first = found(place)?.[0];
    return first === undefined ? null : loaded.give(first);
  };
}

/** The related rows that each row names itself. */
function named({ kind, from, convert }: PlannedRelation, rows: readonly StoredRow[]): Value[][] {
  return rows.map((row) => {
    const value = row[from.name] ?? null;
    const names = kind === 'belongsToMany' && value !== null ? (value as Value[]) : [value];
    return names.map((each) => converted(convert, each)).filter((each) => each !== undefined);
  });
}

/** The related rows that rows between name for each row. */
async function joined(
  { lookUp, convert, theirs }: Between,
  from: string,
  rows: readonly StoredRow[],
  toTheirs: Convert,
  limits: Limits,
): Promise<Value[][]> {
  const keys = rows.map((row) => converted(convert, row[from]));
  const identify = identityOf(lookUp.field);
  const names = new Map<Identity, Value[]>();
  for (const link of await askAll<FindCommand, StoredRow>(lookUp, keys, limits)) {
    const name = converted(toTheirs, link[theirs.name]);
    if (name === undefined) continue;
    const identity = identify(link[lookUp.field.name]);
    const known = names.get(identity);
    if (known === undefined) names.set(identity, [name]);
    else known.push(name);
  }
  return keys.map((key) => (key === undefined ? [] : (names.get(identify(key)) ?? [])));
}

/** The rows with these names. Those of one row are always asked for together, so that their order is the server's. */
async function follow(relation: PlannedRelation, names: readonly (readonly Value[])[], limits: Limits): Promise<Give> {
  const lookUp = relation.lookUp as LookUp<FindCommand>;
  const identify = identityOf(lookUp.field);
  const lists = names.map((each) => [...new Set(each.map(identify))]);
  let rows: StoredRow[] = [];
  const places: number[][] = [];
  for (let at = 0; at < names.length; ) {
    const wanted = new Map<Identity, Value>();
    const from = at;
    do for (const name of names[at++]!) wanted.set(identify(name), name);
    while (at < names.length && wanted.size + names[at]!.length <= CHUNK);
    const some = wanted.size === 0 ? [] : await ask<FindCommand, StoredRow[]>(lookUp, [...wanted.values()], limits);
    const place = new Map<Identity, number>();
    some.forEach((row, i) => {
      const identity = identify(row[lookUp.field.name]);
      if (!place.has(identity)) place.set(identity, rows.length + i);
    });
    rows = rows.length === 0 ? some : rows.concat(some);
    for (let i = from; i < at; i++) {
      const own = lists[i]!.map((identity) => place.get(identity)).filter((each) => each !== undefined);
      places.push(relation.ordered ? own.sort((a, b) => a - b) : own);
    }
  }
  if (relation.count) return (place) => places[place]!.length;
  const loaded = await loadRelated(relation.nested, rows, relation.projection, limits);
  const { limit } = relation;
  if (relation.kind !== 'belongsTo')
    return (place) => places[place]!.slice(0, limit ?? undefined).map((each) => loaded.give(each));
  return (place) => {
    const first = places[place]![0];
    return first === undefined ? null : loaded.give(first);
  };
}
