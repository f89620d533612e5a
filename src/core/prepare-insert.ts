import { type Issue, ValidationError } from '../errors/data.js';
import type { Assignment, InsertCommand, UpsertCommand } from '../query/command.js';
import { bookkeeping, shapeOfPatch } from '../query/parse-patch.js';
import { END, type Parsing, slotOf } from '../query/parsing.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';
import { draftIssues, type ParsedDraft } from '../schema/parse.js';
import { typeName } from '../util/describe.js';
import { begin, settle } from './build-command.js';
import { checkBag, KNOWN, runOptions } from './check-options.js';
import type { Context, Prepared } from './prepare.js';

export function prepareInsert(
  { model, projector, clock }: Context,
  draft: unknown,
  options: unknown,
): Prepared<InsertCommand> {
  const bag = checkBag(model.name, KNOWN.write, options);
  const issues: Issue[] = [];
  const projection = projector.of(bag, issues);
  const { row } = checkedDraft(model, draft, clock.now(), issues, '');
  settle({ entity: model, issues });
  const command: InsertCommand = {
    kind: 'insert',
    entity: model,
    shape: shapeOfRow(model, row),
    rows: [row],
    select: projection.select,
  };
  return { command, projection, run: runOptions(model.name, bag) };
}

/** Null when there is nothing to insert. */
export function prepareInsertMany(
  { model, projector, clock }: Context,
  drafts: unknown,
  options: unknown,
): Prepared<InsertCommand> | null {
  const bag = checkBag(model.name, KNOWN.write, options);
  if (!Array.isArray(drafts)) {
    throw new ValidationError(model.name, [
      { path: '', message: `must be given a list of drafts, got ${typeName(drafts)}` },
    ]);
  }
  const issues: Issue[] = [];
  const projection = projector.of(bag, issues);
  const now = clock.now();
  const rows = drafts.map((draft, i) => checkedDraft(model, draft, now, issues, `[${i}]`).row);
  const shape = rows.length === 0 ? '' : shapeOfRow(model, rows[0]!);
  if (issues.length === 0 && shape !== undefined && rows.some((row) => shapeOfRow(model, row) !== shape)) {
    const message = `must all give ${serialNames(model)}, or none of them: the database numbers the rows`;
    issues.push({ path: '', message });
  }
  settle({ entity: model, issues });
  if (rows.length === 0) return null;
  const command: InsertCommand = { kind: 'insert', entity: model, shape, rows, select: projection.select };
  return { command, projection, run: runOptions(model.name, bag) };
}

/** A draft, checked; a `generated()` field must have its value by now. */
function checkedDraft(model: EntityModel, draft: unknown, now: number, issues: Issue[], path: string): ParsedDraft {
  const before = issues.length;
  const parsed = draftIssues(model, draft, now, issues, path);
  if (issues.length > before) return parsed;
  for (const field of model.fields) {
    if (field.optional || parsed.row[field.name] !== null) continue;
    const at = path === '' ? field.path : `${path}.${field.path}`;
    issues.push({ path: at, message: 'must have a value: it is `generated()`, but nothing filled it in' });
  }
  return parsed;
}

/** Names of the fields that the database fills in. */
function shapeOfRow(model: EntityModel, row: StoredRow): string {
  let shape = '';
  for (const field of model.fields) if (field.serial && !Object.hasOwn(row, field.name)) shape += field.name + END;
  return shape;
}

function serialNames(model: EntityModel): string {
  return model.fields
    .filter((field) => field.serial)
    .map((field) => `\`${field.name}\``)
    .join(', ');
}

export function prepareUpsert(
  { model, projector, clock }: Context,
  draft: unknown,
  options: unknown,
): Prepared<UpsertCommand> {
  const bag = checkBag(model.name, KNOWN.upsert, options);
  const parsing = begin(model);
  const projection = projector.of(bag, parsing.issues);
  const now = clock.now();
  const { row, given } = checkedDraft(model, draft, now, parsing.issues, '');
  const on = uniqueSet(parsing, bag['on']);
  for (const field of on) {
    if (given.includes(field.name) && row[field.name] !== null) continue;
    parsing.issues.push({ path: field.path, message: 'must be given a value: `on` looks the row up by it' });
  }
  settle(parsing);
  const kept = new Set<FieldModel | null>([...on, ...model.key, model.createdAt, model.version]);
  const changes: Assignment[] = [];
  for (const field of model.fields) {
    if (kept.has(field) || !given.includes(field.name)) continue;
    const value = row[field.name];
    changes.push(
      value === null ? { field, op: 'clear', slot: -1 } : { field, op: 'set', slot: slotOf(parsing, value) },
    );
  }
  const assignments = [...changes, ...bookkeeping(parsing, changes, now)];
  const serial = shapeOfRow(model, row);
  const shape = `${on.map((field) => field.path + END).join('')}|${shapeOfPatch(assignments)}|${serial}|${projection.shape}`;
  const { select } = projection;
  const command: UpsertCommand = {
    kind: 'upsert',
    entity: model,
    shape,
    row,
    on,
    assignments,
    values: parsing.values,
    select,
  };
  return { command, projection, run: runOptions(model.name, bag) };
}

/** The fields of `on`: the key or a declared unique set, in the declared order. */
function uniqueSet({ entity, issues }: Parsing, on: unknown): readonly FieldModel[] {
  const names = typeof on === 'string' ? [on] : on;
  if (Array.isArray(names)) {
    const found = [entity.key, ...entity.unique].find(
      (set) => set.length === names.length && set.every((field, i) => field.path === names[i]),
    );
    if (found !== undefined) return found;
  }
  const sets = [entity.key, ...entity.unique].map((set) => set.map((field) => `'${field.path}'`).join(', '));
  issues.push({
    path: 'on',
    message: `must be a unique field or set of \`${entity.name}\`: ${sets.map((set) => `[${set}]`).join(' or ')}`,
  });
  return [];
}
