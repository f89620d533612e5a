import type { Issue } from '../errors/data.js';
import type { Clause } from '../query/clause.js';
import type { Assignment, UpdateEachCommand, UpsertManyCommand } from '../query/command.js';
import { allOf, shapeOf } from '../query/logic.js';
import { bookkeeping, parsePatch, shapeOfPatch } from '../query/parse-patch.js';
import { END, isPlainObject, type Parsing } from '../query/parsing.js';
import type { EntityModel, FieldModel, StoredRow, Value } from '../schema/model.js';
import type { ParsedDraft } from '../schema/parse.js';
import { valueAt } from '../schema/value-at.js';
import { typeName } from '../util/describe.js';
import { keyClause, scoped } from './build-command.js';
import { identityOf } from './key-match.js';
import { begin, type Context } from './prepare.js';
import { complete } from './prepare-change.js';
import { shapeOfRow } from './prepare-insert.js';
import { takenFields } from './prepare-upsert.js';
import { type Asking, rowTests } from './row-tests.js';

/** Issues of one element, told by their place in the list. */
export function placeIssues(issues: Issue[], own: readonly Issue[], place: string): void {
  for (const { path, message } of own) issues.push({ path: path === '' ? place : `${place}.${path}`, message });
}

/** One update by key: what an element of `updateEach` comes to. */
export interface KeyedUpdate {
  readonly identity: string;
  readonly where: Clause;
  readonly assignments: readonly Assignment[];
  readonly values: readonly unknown[];
  readonly shape: string;
  /** What it asks, if anything: its row must be matched then. */
  readonly asks: Asking | null;
}

/** The parts of an update by key, as they were given. */
export interface UpdateParts {
  readonly id: unknown;
  readonly patch: unknown;
  readonly version: unknown;
  readonly fence: unknown;
}

/** Where the parts of an element stand. */
export interface Places {
  readonly element: string;
  readonly key: string;
  readonly patch: string;
}

/** An update of the row with this key; adds an issue for all that is wrong. */
export function keyedUpdate(context: Context, parts: UpdateParts, issues: Issue[], places: Places): KeyedUpdate {
  const parsing = begin(context.model);
  const placed = (place: string) => placeIssues(issues, parsing.issues.splice(0), place);
  const before = issues.length;
  const key = scoped(parsing, keyClause(parsing, parts.id), undefined);
  placed(places.key);
  const { clauses, marks } = rowTests(parsing, parts);
  const where = allOf([key, ...clauses]);
  placed(places.element);
  const changes = [...parsePatch(parsing, parts.patch), ...marks];
  placed(places.patch);
  if (issues.length === before && changes.length === 0)
    issues.push({ path: places.patch, message: 'must change at least one field' });
  const { id, version, fence } = parts;
  const asks = version === undefined && fence === undefined ? null : { id, version, fence };
  return keyed(context, parsing, where, complete(context, parsing, changes), asks);
}

/** An update that is made of its parts. The values of the key are the first ones. */
export function keyed(
  { model }: Context,
  { values }: Parsing,
  where: Clause,
  assignments: readonly Assignment[],
  asks: Asking | null,
): KeyedUpdate {
  const shape = `${shapeOf(where)}|${shapeOfPatch(assignments)}`;
  return { identity: identityText(model.key, values as Value[]), where, assignments, values, shape, asks };
}

/** What the updates of one command ask, which have one shape; null when they ask for nothing, so that rows may be missing. */
export function askedBy(updates: readonly KeyedUpdate[]): readonly Asking[] | null {
  return updates[0]!.asks === null ? null : updates.map(({ asks }) => asks!);
}

/** The command of updates of one shape. */
export function updateEachCommand(entity: EntityModel, updates: readonly KeyedUpdate[]): UpdateEachCommand {
  const { shape, where, assignments } = updates[0]!;
  return { kind: 'updateEach', entity, shape, where, assignments, each: updates.map(({ values }) => values) };
}

/** An element of `updateEach`: the fields of the key, what is asked of the row, and the patch. */
export function keyAndPatch({ model }: Context, element: unknown, issues: Issue[], place: string): UpdateParts | null {
  if (!isPlainObject(element)) {
    issues.push({ path: place, message: `must be an object with the key and a patch, got ${typeName(element)}` });
    return null;
  }
  return partsOf(model, element);
}

/** The parts of an element that is one. */
export function partsOf(model: EntityModel, element: Readonly<Record<string, unknown>>): UpdateParts {
  const patch: Record<string, unknown> = { ...element };
  for (const { name } of model.key) delete patch[name];
  const names = model.key.map(({ name }) => name);
  const id = names.length === 1 ? element[names[0]!] : Object.fromEntries(names.map((name) => [name, element[name]]));
  const take = (field: FieldModel | null): unknown => {
    if (field === null) return undefined;
    delete patch[field.name];
    return element[field.name];
  };
  return { id, version: take(model.version), fence: take(model.fence), patch };
}

/** An upsert: a draft, and what of it a row that is there takes on. */
export interface KeyedUpsert {
  readonly identity: string;
  readonly row: StoredRow;
  readonly taken: readonly FieldModel[];
  readonly shape: string;
}

/** What a checked draft of many upserts comes to. */
export function keyedUpsert(model: EntityModel, { row, given }: ParsedDraft, on: readonly FieldModel[]): KeyedUpsert {
  const taken = takenFields(model, given, on);
  const identity = identityText(
    on,
    on.map((field) => valueAt(row, field)),
  );
  const names = (fields: readonly FieldModel[]) => fields.map(({ path }) => path + END).join('');
  return { identity, row, taken, shape: `${names(on)}|${names(taken)}|${shapeOfRow(model, row)}` };
}

/** The command of upserts of one shape. */
export function upsertManyCommand(
  entity: EntityModel,
  on: readonly FieldModel[],
  upserts: readonly KeyedUpsert[],
  now: number,
): UpsertManyCommand {
  const { taken, shape } = upserts[0]!;
  const parsing = begin(entity);
  const changes = taken.map((field): Assignment => ({ field, op: 'set', slot: -1 }));
  const assignments = bookkeeping(parsing, changes, now);
  const rows = upserts.map(({ row }) => row);
  return { kind: 'upsertMany', entity, shape, rows, on, taken, assignments, values: parsing.values };
}

/** Refuses elements that are about one row: which of them would win is nothing that a caller could tell. */
export function refuseRepeated(
  elements: readonly { readonly identity: string }[],
  fields: readonly FieldModel[],
  issues: Issue[],
): void {
  const places = new Map<string, number>();
  elements.forEach(({ identity }, i) => {
    const first = places.get(identity);
    if (first === undefined) places.set(identity, i);
    else {
      const names = fields.map(({ path }) => `\`${path}\``).join(', ');
      issues.push({ path: `[${i}]`, message: `must be about another row: [${first}] has the same ${names}` });
    }
  });
}

function identityText(fields: readonly FieldModel[], values: readonly Value[]): string {
  // What was refused stands for itself: its call sends nothing.
  return fields.map((field, i) => (values[i] == null ? '' : String(identityOf(field)(values[i]!)) + END)).join('');
}
