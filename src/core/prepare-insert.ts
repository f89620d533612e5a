import { type Issue, ValidationError } from '../errors/data.js';
import type { InsertCommand } from '../query/command.js';
import { END } from '../query/parsing.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import { draftIssues, type ParsedDraft } from '../schema/parse.js';
import { typeName } from '../util/describe.js';
import { settle } from './build-command.js';
import { checkBag, KNOWN, runOptions } from './check-options.js';
import type { Context, Prepared } from './prepare.js';
import type { Projection } from './projection.js';

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
    shape: shapeOfInsert(model, row, projection),
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
  const serials = rows.length === 0 ? '' : shapeOfRow(model, rows[0]!);
  if (issues.length === 0 && rows.some((row) => shapeOfRow(model, row) !== serials)) {
    const message = `must all give ${serialNames(model)}, or none of them: the database numbers the rows`;
    issues.push({ path: '', message });
  }
  settle({ entity: model, issues });
  if (rows.length === 0) return null;
  const command: InsertCommand = {
    kind: 'insert',
    entity: model,
    shape: shapeOfInsert(model, rows[0]!, projection),
    rows,
    select: projection.select,
  };
  return { command, projection, run: runOptions(model.name, bag) };
}

/** A draft, checked; a `generated()` field must have its value by now. */
export function checkedDraft(
  model: EntityModel,
  draft: unknown,
  now: number,
  issues: Issue[],
  path: string,
): ParsedDraft {
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
export function shapeOfRow(model: EntityModel, row: StoredRow): string {
  let shape = '';
  for (const field of model.fields) if (field.serial && !Object.hasOwn(row, field.name)) shape += field.name + END;
  return shape;
}

function shapeOfInsert(model: EntityModel, row: StoredRow, projection: Projection): string {
  return `${shapeOfRow(model, row)}|${projection.shape}`;
}

function serialNames(model: EntityModel): string {
  return model.fields
    .filter((field) => field.serial)
    .map((field) => `\`${field.name}\``)
    .join(', ');
}
