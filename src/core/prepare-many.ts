import type { WriteCommand } from '../query/command.js';
import { settle } from './build-command.js';
import { KNOWN, listOf, runOptions } from './check-options.js';
import {
  askedBy,
  type KeyedUpdate,
  type KeyedUpsert,
  keyAndPatch,
  keyedUpdate,
  keyedUpsert,
  refuseRepeated,
  updateEachCommand,
  upsertManyCommand,
} from './many-rows.js';
import type { RunOptions } from './ports.js';
import { type Context, start } from './prepare.js';
import { uniqueDraft, uniqueSet } from './prepare-upsert.js';
import type { Asking } from './row-tests.js';

/** One command of a write of many rows, and what its answer means. */
export interface WriteStep {
  readonly command: WriteCommand;
  /** What its rows are counted as. An upsert tells by itself. */
  readonly counts: 'inserted' | 'matched' | 'deleted' | 'upserted';
  /** The elements that must all match a row, since each asks something of it; null where rows may be missing. */
  readonly expects: readonly Asking[] | null;
  /** The places of its elements in the list of the call. */
  readonly places: readonly number[];
}

/** A write of many rows: its steps are done all or none. */
export interface PreparedMany {
  readonly steps: readonly WriteStep[];
  readonly run: RunOptions;
}

/** From the input of `updateEach` to its steps. @throws ValidationError */
export function prepareUpdateEach(context: Context, rows: unknown, options: unknown): PreparedMany {
  const { model } = context;
  const { bag, parsing } = start(context, KNOWN.call, options);
  const { issues } = parsing;
  const updates = listOf(model.name, rows, 'rows').map((each, i) => {
    const place = `[${i}]`;
    const parts = keyAndPatch(context, each, issues, place);
    if (parts === null) return null;
    return keyedUpdate(context, parts, issues, { element: place, key: place, patch: place });
  });
  if (issues.length === 0) refuseRepeated(updates as KeyedUpdate[], model.key, issues);
  settle(parsing);
  const steps = groups(updates as KeyedUpdate[]).map(
    ({ elements, places }): WriteStep => ({
      command: updateEachCommand(model, elements),
      counts: 'matched',
      expects: askedBy(elements),
      places,
    }),
  );
  return { steps, run: runOptions(model.name, bag) };
}

/** `hooked`: hooks may fill what drafts leave out. */
export function prepareUpsertMany(context: Context, drafts: unknown, options: unknown, hooked: boolean): PreparedMany {
  const { model } = context;
  const { bag, parsing } = start(context, KNOWN.upsertMany, options);
  const { issues } = parsing;
  const now = context.clock.now();
  const on = uniqueSet(parsing, bag['on']);
  const upserts = listOf(model.name, drafts, 'drafts').map((draft, i) =>
    keyedUpsert(model, uniqueDraft(parsing, draft, on, now, hooked || context.late, `[${i}]`), on),
  );
  if (issues.length === 0) refuseRepeated(upserts, on, issues);
  settle(parsing);
  const steps = groups<KeyedUpsert>(upserts).map(
    ({ elements, places }): WriteStep => ({
      command: upsertManyCommand(model, on, elements, now),
      counts: 'upserted',
      expects: null,
      places,
    }),
  );
  return { steps, run: runOptions(model.name, bag) };
}

interface Group<T> {
  readonly elements: T[];
  readonly places: number[];
}

/** Elements of one shape become one command, wherever they stand: they are about different rows. */
function groups<T extends { readonly shape: string }>(elements: readonly T[]): Group<T>[] {
  const found = new Map<string, Group<T>>();
  elements.forEach((element, place) => {
    const group = found.get(element.shape);
    if (group === undefined) found.set(element.shape, { elements: [element], places: [place] });
    else {
      group.elements.push(element);
      group.places.push(place);
    }
  });
  return [...found.values()];
}
