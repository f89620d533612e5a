import type { Clause } from '../query/clause.js';
import type { Assignment, FindCommand, UpsertCommand } from '../query/command.js';
import { allOf } from '../query/logic.js';
import { bookkeeping, shapeOfPatch } from '../query/parse-patch.js';
import { END, type Parsing, slotOf } from '../query/parsing.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import type { ParsedDraft } from '../schema/parse.js';
import { findCommand, scoped, settle } from './build-command.js';
import { KNOWN, NO_OPTIONS, runOptions } from './check-options.js';
import { begin, type Context, type Prepared, start } from './prepare.js';
import { checkedDraft, shapeOfRow } from './prepare-insert.js';
import type { Projection } from './projection.js';

export function prepareUpsert(context: Context, draft: unknown, options: unknown): Prepared<UpsertCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.upsert, options);
  const now = context.clock.now();
  const on = uniqueSet(parsing, bag['on']);
  const parsed = uniqueDraft(parsing, draft, on, now);
  settle(parsing);
  const changes = changesOf(parsing, parsed, on);
  const assignments = [...changes, ...bookkeeping(parsing, changes, now)];
  return {
    command: upsertCommand(parsing, parsed, on, assignments, projection),
    projection,
    run: runOptions(model.name, bag),
  };
}

/** A read of the row that has the values of `on`, and what stores it where there is none. */
export interface PreparedGetOrInsert {
  readonly get: Prepared<FindCommand>;
  /** An upsert that changes nothing: it gives the row of whoever came between. */
  readonly insert: Prepared<UpsertCommand>;
}

export function prepareGetOrInsert(context: Context, draft: unknown, options: unknown): PreparedGetOrInsert {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.upsert, options);
  const on = uniqueSet(parsing, bag['on']);
  const parsed = uniqueDraft(parsing, draft, on, context.clock.now());
  settle(parsing);
  const run = runOptions(model.name, bag);
  const reading = begin(model);
  const tests = on.map((field): Clause => ({ op: 'eq', field, slot: slotOf(reading, parsed.row[field.name]) }));
  const find = findCommand(reading, scoped(reading, allOf(tests), undefined), NO_OPTIONS, projection, true);
  return {
    get: { command: find, projection, run },
    insert: { command: upsertCommand(parsing, parsed, on, [], projection), projection, run },
  };
}

/** A draft with a value in each field of `on`. `path` says where the draft stands. */
export function uniqueDraft(
  { entity, issues }: Parsing,
  draft: unknown,
  on: readonly FieldModel[],
  now: number,
  path = '',
): ParsedDraft {
  const parsed = checkedDraft(entity, draft, now, issues, path);
  const { row, given } = parsed;
  const refuse = (field: FieldModel, message: string) =>
    issues.push({ path: path === '' ? field.path : `${path}.${field.path}`, message });
  for (const field of on) {
    if (given.includes(field.name) && (row[field.name] ?? null) !== null) continue;
    refuse(field, 'must be given a value: `on` looks the row up by it');
  }
  const { deletedAt } = entity;
  if (deletedAt !== null && given.includes(deletedAt.name) && (row[deletedAt.name] ?? null) !== null)
    refuse(deletedAt, 'must not be given here: a deleted row has no part in what is unique');
  return parsed;
}

/** The fields of a draft that a row which is there takes on: neither its key nor when it was made. */
export function takenFields(entity: EntityModel, given: readonly string[], on: readonly FieldModel[]): FieldModel[] {
  const kept = new Set<FieldModel | null>([...on, ...entity.key, entity.createdAt, entity.version]);
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
