import type { Issue } from '../errors/data.js';
import type { Clause } from '../query/clause.js';
import type { DeleteCommand, InsertCommand } from '../query/command.js';
import { isPlainObject, slotOf } from '../query/parsing.js';
import type { FieldModel, StoredRow } from '../schema/model.js';
import { typeName } from '../util/describe.js';
import { unknownName } from '../util/nearest.js';
import { deleteCommand, keyClause, scoped, settle } from './build-command.js';
import { KNOWN, listOf, runOptions } from './check-options.js';
import {
  askedBy,
  type KeyedUpdate,
  type KeyedUpsert,
  keyed,
  keyedUpdate,
  keyedUpsert,
  placeIssues,
  updateEachCommand,
  upsertManyCommand,
} from './many-rows.js';
import { begin, type Context, start } from './prepare.js';
import { softDeletion } from './prepare-change.js';
import { checkedDraft, shapeOfRow } from './prepare-insert.js';
import type { PreparedMany, WriteStep } from './prepare-many.js';
import { uniqueDraft, uniqueSet } from './prepare-upsert.js';

/** The names that an element may have beside the one that says what it does. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  insert: [],
  update: ['set', 'version', 'fence'],
  upsert: ['on'],
  delete: [],
};

/** An element that was checked. Elements in a row with one `shape` and different identities become one command. */
interface Item {
  readonly shape: string;
  /** What tells its row from others; null for a new one. */
  readonly identity: string | null;
  /** The command of some elements of this shape, of which this one is the first. */
  readonly step: (items: readonly Item[], places: readonly number[]) => WriteStep;
}

interface InsertItem extends Item {
  readonly row: StoredRow;
}

interface UpdateItem extends Item {
  readonly update: KeyedUpdate;
}

interface UpsertItem extends Item {
  readonly upsert: KeyedUpsert;
}

interface DeleteItem extends Item {
  readonly id: unknown;
}

/** `hooked`: hooks may fill what drafts leave out. */
export function prepareBulk(context: Context, elements: unknown, options: unknown, hooked: boolean): PreparedMany {
  const { model } = context;
  const { bag, parsing } = start(context, KNOWN.call, options);
  const now = context.clock.now();
  const filling = { ...context, late: context.late || hooked };
  const items = listOf(model.name, elements, 'writes').map((each, i) =>
    itemOf(filling, each, now, parsing.issues, `[${i}]`),
  );
  settle(parsing);
  return { steps: stepsOf(items as Item[]), run: runOptions(model.name, bag) };
}

/** Elements keep their order: only neighbours become one command. */
function stepsOf(items: readonly Item[]): WriteStep[] {
  const steps: WriteStep[] = [];
  for (let at = 0; at < items.length; ) {
    const from = at;
    const first = items[from]!;
    const seen = new Set<string>();
    for (; at < items.length && items[at]!.shape === first.shape; at++) {
      const { identity } = items[at]!;
      if (identity === null) continue;
      if (seen.has(identity)) break;
      seen.add(identity);
    }
    const places = Array.from({ length: at - from }, (_, i) => from + i);
    steps.push(first.step(items.slice(from, at), places));
  }
  return steps;
}

function itemOf(context: Context, element: unknown, now: number, issues: Issue[], place: string): Item | null {
  const kind = kindOf(element, issues, place);
  if (kind === null) return null;
  const given = element as Readonly<Record<string, unknown>>;
  switch (kind) {
    case 'insert':
      return insertItem(context, given['insert'], now, issues, place);
    case 'update':
      return updateItem(context, given, issues, place);
    case 'upsert':
      return upsertItem(context, given, now, issues, place);
    default:
      return deleteItem(context, given['delete'], issues, place);
  }
}

function kindOf(element: unknown, issues: Issue[], place: string): string | null {
  const names = isPlainObject(element) ? Object.keys(element) : [];
  const kinds = names.filter((name) => Object.hasOwn(ELEMENTS, name));
  const [kind] = kinds;
  if (kinds.length !== 1 || kind === undefined) {
    const verbs = Object.keys(ELEMENTS).map((name) => `\`${name}\``);
    const got = isPlainObject(element) ? names.join(', ') || 'nothing' : typeName(element);
    issues.push({ path: place, message: `must be an object with one of ${verbs.join(', ')}, got ${got}` });
    return null;
  }
  const known = [kind, ...ELEMENTS[kind]!];
  for (const name of names) {
    if (known.includes(name)) continue;
    issues.push({ path: `${place}.${name}`, message: unknownName(name, known, `is nothing that \`${kind}\` takes`) });
  }
  return kind;
}

function insertItem({ model, late }: Context, draft: unknown, now: number, issues: Issue[], place: string): InsertItem {
  const { row } = checkedDraft(model, draft, now, issues, `${place}.insert`, late);
  const serial = shapeOfRow(model, row);
  return {
    shape: `insert|${serial}`,
    identity: null,
    row,
    step: (items, places) => {
      const rows = items.map((each) => (each as InsertItem).row);
      const command: InsertCommand = { kind: 'insert', entity: model, shape: `${serial}|`, rows, select: [] };
      return { command, counts: 'inserted', expects: null, places };
    },
  };
}

function updateItem(
  context: Context,
  { update: id, set, version, fence }: Readonly<Record<string, unknown>>,
  issues: Issue[],
  place: string,
): UpdateItem {
  const places = { element: place, key: `${place}.update`, patch: `${place}.set` };
  const update = keyedUpdate(context, { id, patch: set, version, fence }, issues, places);
  return ofUpdate(context, 'matched', update);
}

function ofUpdate({ model }: Context, counts: 'matched' | 'deleted', update: KeyedUpdate): UpdateItem {
  return {
    shape: `${counts}|${update.shape}`,
    identity: update.identity,
    update,
    step: (items, places) => {
      const updates = items.map((each) => (each as UpdateItem).update);
      return { command: updateEachCommand(model, updates), counts, expects: askedBy(updates), places };
    },
  };
}

function upsertItem(
  { model, late }: Context,
  { upsert: draft, on: names }: Readonly<Record<string, unknown>>,
  now: number,
  issues: Issue[],
  place: string,
): UpsertItem {
  const parsing = { entity: model, values: [], issues };
  const on = uniqueSet(parsing, names, `${place}.on`);
  const upsert = keyedUpsert(model, uniqueDraft(parsing, draft, on, now, late, `${place}.upsert`), on);
  return {
    shape: `upsert|${upsert.shape}`,
    identity: upsert.identity,
    upsert,
    step: (items, places) => {
      const upserts = items.map((each) => (each as UpsertItem).upsert);
      return { command: upsertManyCommand(model, on, upserts, now), counts: 'upserted', expects: null, places };
    },
  };
}

function deleteItem(context: Context, id: unknown, issues: Issue[], place: string): Item {
  const { model } = context;
  const parsing = begin(model);
  const where = scoped(parsing, keyClause(parsing, id), undefined);
  placeIssues(issues, parsing.issues, `${place}.delete`);
  const deletion = softDeletion(context, parsing);
  const update = keyed(context, parsing, where, deletion ?? [], null);
  if (deletion !== null) return ofUpdate(context, 'deleted', update);
  const [key, second] = model.key;
  const { identity, values } = update;
  const item: DeleteItem = {
    shape: 'delete',
    // Several fields of a key fit into no `anyOf`: such rows go one by one.
    identity: second === undefined ? identity : '',
    id: values[0],
    step: (items, places) => {
      const several = items.length > 1;
      const command = several
        ? deleteOf(context, key!, items as readonly DeleteItem[])
        : deleteCommand(parsing, where, null);
      return { command, counts: 'deleted', expects: null, places };
    },
  };
  return item;
}

function deleteOf({ model }: Context, field: FieldModel, items: readonly DeleteItem[]): DeleteCommand {
  const parsing = begin(model);
  const where: Clause = {
    op: 'anyOf',
    field,
    slot: slotOf(
      parsing,
      items.map(({ id }) => id),
    ),
  };
  return deleteCommand(parsing, where, null);
}
