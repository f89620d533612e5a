import type { Clause } from '../query/clause.js';
import type { Assignment, FindCommand, UpsertCommand } from '../query/command.js';
import { allOf } from '../query/logic.js';
import { bookkeeping, shapeOfPatch } from '../query/parse-patch.js';
import { END, type Parsing, slotOf } from '../query/parsing.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import type { ParsedDraft } from '../schema/parse.js';
import { findCommand, scoped, settle } from './build-command.js';
import { KNOWN, NO_OPTIONS, runOptions } from './check-options.js';
import type { RunOptions } from './ports.js';
import { begin, type Context, type Prepared, start } from './prepare.js';
import { checkedDraft, shapeOfRow } from './prepare-insert.js';
import { LOOKED_UP } from './presence.js';
import type { Projection } from './projection.js';

/** An upsert that was checked, before hooks see it. */
export interface CheckedUpsert {
  readonly parsing: Parsing;
  readonly on: readonly FieldModel[];
  readonly draft: ParsedDraft;
  /** What changes a row that is there; null when it stays untouched. */
  readonly changes: readonly Assignment[] | null;
  readonly now: number;
  readonly projection: Projection;
  readonly run: RunOptions;
}

/** @throws ValidationError. `hooked`: hooks may fill what the draft leaves out. */
export function checkUpsert(context: Context, draft: unknown, options: unknown, hooked: boolean): CheckedUpsert {
  const checked = checkGetOrInsert(context, draft, options, hooked);
  return { ...checked, changes: changesOf(checked.parsing, checked.draft, checked.on) };
}

/** Like `checkUpsert`, of one that changes nothing: it gives the row of whoever came between. */
export function checkGetOrInsert(context: Context, draft: unknown, options: unknown, hooked: boolean): CheckedUpsert {
  const { model, late } = context;
  const { bag, parsing, projection } = start(context, KNOWN.upsert, options);
  const now = context.clock.now();
  const on = uniqueSet(parsing, bag['on']);
  const parsed = uniqueDraft(parsing, draft, on, now, hooked || late);
  settle(parsing);
  return { parsing, on, draft: parsed, changes: null, now, projection, run: runOptions(model.name, bag) };
}

/** A read of the row that has the values of `on`; null while one of them is still to be filled in. */
export function getOf({ parsing, on, draft, projection, run }: CheckedUpsert): Prepared<FindCommand> | null {
  if (on.some((field) => (draft.row[field.name] ?? null) === null)) return null;
  const reading = begin(parsing.entity);
  const tests = on.map((field): Clause => ({ op: 'eq', field, slot: slotOf(reading, draft.row[field.name]) }));
  const command = findCommand(reading, scoped(reading, allOf(tests), undefined), NO_OPTIONS, projection, true);
  return { command, projection, run };
}

/** The command of a checked upsert. */
export function upsertOf(checked: CheckedUpsert): Prepared<UpsertCommand> {
  const { parsing, on, draft, changes, now, projection, run } = checked;
  const assignments = changes === null ? [] : [...changes, ...bookkeeping(parsing, changes, now)];
  return { command: upsertCommand(parsing, draft, on, assignments, projection), projection, run };
}

/** A draft with a value in each field of `on`. `path` says where the draft stands. */
export function uniqueDraft(
  parsing: Parsing,
  draft: unknown,
  on: readonly FieldModel[],
  now: number,
  filledLater: boolean,
  path = '',
): ParsedDraft {
  const parsed = checkedDraft(parsing.entity, draft, now, parsing.issues, path, filledLater);
  checkUnique(parsing, parsed, on, filledLater, path);
  return parsed;
}

/** Adds an issue for a draft without a value in a field of `on`. One that is filled later is looked at then. */
export function checkUnique(
  { entity, issues }: Parsing,
  { row, given }: ParsedDraft,
  on: readonly FieldModel[],
  filledLater: boolean,
  path = '',
): void {
  const refuse = (field: FieldModel, message: string) =>
    issues.push({ path: path === '' ? field.path : `${path}.${field.path}`, message });
  for (const field of on) {
    const isNull = (row[field.name] ?? null) === null;
    if (isNull ? filledLater : given.includes(field.name)) continue;
    refuse(field, LOOKED_UP);
  }
  const { deletedAt, fence } = entity;
  if (deletedAt !== null && given.includes(deletedAt.name) && (row[deletedAt.name] ?? null) !== null)
    refuse(deletedAt, 'must not be given here: a deleted row has no part in what is unique');
  // Taken for a new row alone, it would look as if it kept a row that is there from an older holder of the lock.
  if (fence !== null && given.includes(fence.name))
    refuse(fence, 'must not be given here: it is not compared with the fence of a row that is there');
}

/** The fields of a draft that a row which is there takes on: neither its key nor when it was made. */
export function takenFields(entity: EntityModel, given: readonly string[], on: readonly FieldModel[]): FieldModel[] {
  const kept = new Set<FieldModel | null>([...on, ...entity.key, entity.createdAt, entity.version, entity.fence]);
  return entity.fields.filter((field) => !kept.has(field) && given.includes(field.name));
}

function changesOf(parsing: Parsing, { row, given }: ParsedDraft, on: readonly FieldModel[]): Assignment[] {
  return takenFields(parsing.entity, given, on).map((field) => {
    const value = row[field.name];
    return value === null ? { field, op: 'clear', slot: -1 } : { field, op: 'set', slot: slotOf(parsing, value) };
  });
}

function upsertCommand(
  { entity, values }: Parsing,
  { row }: ParsedDraft,
  on: readonly FieldModel[],
  assignments: readonly Assignment[],
  projection: Projection,
): UpsertCommand {
  const { select } = projection;
  const serial = shapeOfRow(entity, row);
  const shape = `${on.map((field) => field.path + END).join('')}|${shapeOfPatch(assignments)}|${serial}|${projection.shape}`;
  return { kind: 'upsert', entity, shape, row, on, assignments, values, select };
}

/** The fields of `on`: the key or a declared unique set, in the declared order. */
export function uniqueSet({ entity, issues }: Parsing, on: unknown, path = 'on'): readonly FieldModel[] {
  const names = typeof on === 'string' ? [on] : on;
  if (Array.isArray(names)) {
    const found = [entity.key, ...entity.unique].find(
      (set) => set.length === names.length && set.every((field, i) => field.path === names[i]),
    );
    if (found !== undefined) return found;
  }
  const sets = [entity.key, ...entity.unique].map((set) => set.map((field) => `'${field.path}'`).join(', '));
  issues.push({
    path,
    message: `must be a unique field or set of \`${entity.name}\`: ${sets.map((set) => `[${set}]`).join(' or ')}`,
  });
  return [];
}
