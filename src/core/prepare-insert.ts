import type { Issue } from '../errors/data.js';
import type { InsertCommand } from '../query/command.js';
import { END } from '../query/parsing.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import { draftIssues, type ParsedDraft } from '../schema/parse.js';
import { settle } from './build-command.js';
import { checkBag, KNOWN, listOf, runOptions } from './check-options.js';
import type { RunOptions } from './ports.js';
import type { Context, Prepared } from './prepare.js';
import { presence } from './presence.js';
import type { Projection } from './projection.js';

/** Drafts that were checked, before hooks see them. With an issue they are of no use. */
export interface CheckedDrafts {
  readonly entity: EntityModel;
  readonly drafts: readonly ParsedDraft[];
  /** Whether a draft is named by its place. */
  readonly many: boolean;
  readonly now: number;
  readonly issues: Issue[];
  readonly projection: Projection;
  readonly run: RunOptions;
}

/** `hooked`: hooks may fill what a draft leaves out. */
export function checkInsert(
  { model, projector, clock, late }: Context,
  draft: unknown,
  options: unknown,
  hooked: boolean,
): CheckedDrafts {
  const bag = checkBag(model.name, KNOWN.write, options);
  const issues: Issue[] = [];
  const projection = projector.of(bag, issues);
  const now = clock.now();
  const drafts = [checkedDraft(model, draft, now, issues, '', hooked || late)];
  return { entity: model, drafts, many: false, now, issues, projection, run: runOptions(model.name, bag) };
}

/** `hooked`: hooks may fill what drafts leave out. @throws ValidationError for what is no list */
export function checkInsertMany(
  { model, projector, clock, late }: Context,
  drafts: unknown,
  options: unknown,
  hooked: boolean,
): CheckedDrafts {
  const bag = checkBag(model.name, KNOWN.write, options);
  const list = listOf(model.name, drafts, 'drafts');
  const issues: Issue[] = [];
  const projection = projector.of(bag, issues);
  const now = clock.now();
  const parsed = list.map((draft, i) => checkedDraft(model, draft, now, issues, `[${i}]`, hooked || late));
  return { entity: model, drafts: parsed, many: true, now, issues, projection, run: runOptions(model.name, bag) };
}

/** The command of checked drafts; null when there is nothing to insert. @throws ValidationError */
export function insertOf(checked: CheckedDrafts): Prepared<InsertCommand> | null {
  const { entity, drafts, issues, projection, run } = checked;
  const rows = drafts.map(({ row }) => row);
  const serials = rows.length === 0 ? '' : shapeOfRow(entity, rows[0]!);
  if (issues.length === 0 && rows.some((row) => shapeOfRow(entity, row) !== serials)) {
    const message = `must all give ${serialNames(entity)}, or none of them: the database numbers the rows`;
    issues.push({ path: '', message });
  }
  settle(checked);
  if (rows.length === 0) return null;
  const command: InsertCommand = {
    kind: 'insert',
    entity,
    shape: `${serials}|${projection.shape}`,
    rows,
    select: projection.select,
  };
  return { command, projection, run };
}

/** A draft, checked. Unless something still fills it, a `generated()` field must have its value by now. */
export function checkedDraft(
  model: EntityModel,
  draft: unknown,
  now: number,
  issues: Issue[],
  path: string,
  filledLater: boolean,
): ParsedDraft {
  const before = issues.length;
  const parsed = draftIssues(model, draft, now, issues, path);
  if (issues.length === before && !filledLater) presence(model, parsed.row, path, issues);
  return parsed;
}

/** Names of the fields that the database fills in. */
export function shapeOfRow(model: EntityModel, row: StoredRow): string {
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
