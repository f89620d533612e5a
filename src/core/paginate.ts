import { TRUE } from '../query/clause.js';
import type { CountCommand } from '../query/command.js';
import type { StoredRow } from '../schema/model.js';
import type { Executor } from './executor.js';
import type { CountMode, CursorPage, Page } from './page.js';
import type { RunOptions } from './ports.js';
import { countOf, estimateOf, type PreparedNumberedPage, prepareCursorPage, preparePage } from './prepare-page.js';
import { timeLeft } from './time-left.js';

/** How far a capped count goes. */
const CAP = 10_000;

/** Reads a page by its number, and counts as far as it is asked to. */
export async function paginate<R, C extends CountMode>(
  calls: Executor,
  where: unknown,
  options: unknown,
): Promise<Page<R, C>> {
  const prepared = preparePage(calls.context, where, options);
  const { command, run, page, limit } = prepared;
  const startedAt = performance.now();
  const read = await calls.run<StoredRow[]>(prepared);
  const hasNext = read.length > limit;
  const rows = await calls.finish<R>(prepared, read.slice(0, limit), startedAt);
  const seen = read.length === 0 ? 0 : command.offset + read.length;
  // A page that ends the rows tells their number; an empty one may lie behind their end.
  const ends = !hasNext && (rows.length > 0 || page === 1);
  const counted = ends ? { total: seen, exact: true } : await count(calls, prepared, timeLeft(run, startedAt));
  const total = counted === null || prepared.mode === 'none' ? null : Math.max(counted.total, seen);
  return {
    rows,
    total,
    totalIsExact: total !== null && counted?.exact === true,
    page,
    pages: total === null ? null : Math.ceil(total / limit),
    hasNext,
    hasPrevious: page > 1,
  } as Page<R, C>;
}

interface Counted {
  readonly total: number;
  readonly exact: boolean;
}

async function count(calls: Executor, prepared: PreparedNumberedPage, run: RunOptions): Promise<Counted | null> {
  const { command, mode, projection } = prepared;
  const ask = (counting: CountCommand) => calls.run<number>({ command: counting, projection, run });
  if (mode === 'none') return null;
  if (mode === 'exact') return { total: await ask(countOf(command, undefined)), exact: true };
  if (mode === 'estimated' && command.where === TRUE) {
    const estimate = await ask(estimateOf(command));
    // A small number is counted as fast as it is looked up, and a table that was never analysed has none.
    if (estimate > CAP) return { total: estimate, exact: false };
  }
  const total = await ask(countOf(command, CAP + 1));
  return { total: Math.min(total, CAP), exact: total <= CAP };
}

/** Reads a page by its position. */
export async function paginateByCursor<R>(calls: Executor, where: unknown, options: unknown): Promise<CursorPage<R>> {
  const prepared = prepareCursorPage(calls.context, where, options);
  const { limit, terms, backwards, bounded } = prepared;
  const startedAt = performance.now();
  const read = await calls.run<StoredRow[]>(prepared);
  const more = read.length > limit;
  const stored = read.slice(0, limit);
  if (backwards) stored.reverse();
  const { cursors } = calls.context;
  // Made before the rows are finished: the order's fields may be taken out then.
  const cursorOf = (row: StoredRow | undefined) => (row === undefined ? null : cursors.encode(row, terms));
  const previous = (backwards ? more : bounded) ? cursorOf(stored[0]) : null;
  const next = (backwards ? bounded : more) ? cursorOf(stored.at(-1)) : null;
  return { rows: await calls.finish<R>(prepared, stored, startedAt), next, previous };
}
