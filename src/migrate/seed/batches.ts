import type { Database, TransactionOptions } from '../../core/ports.js';
import { AbortedError } from '../../errors/runtime.js';
import type { SeededRows } from './rows.js';
import type { PutCounts } from './seed.js';

/** How often a batch begins anew that lost against somebody else. */
const RETRIES = 3;

/** What carries batches out. */
export interface BatchRun {
  readonly db: Database;
  readonly batch: number;
  readonly signal: AbortSignal;
  /** Told the rows of each batch when it is stored. */
  readonly stored: (rows: number) => void;
}

/** Stores rows, each batch all or none. */
export async function putRows(rows: SeededRows, run: BatchRun): Promise<PutCounts> {
  let inserted = 0;
  let updated = 0;
  for (let from = 0; from < rows.size; from += run.batch) {
    const to = Math.min(from + run.batch, rows.size);
    const counts = await together(run, () => rows.put(from, to, run.signal));
    inserted += counts.inserted;
    updated += counts.updated;
    run.stored(to - from);
  }
  return { inserted, updated, unchanged: rows.size - inserted - updated };
}

/** Takes rows away, the last batch first, and gives how many there were. */
export async function removeRows(rows: SeededRows, run: BatchRun): Promise<number> {
  let deleted = 0;
  const batches = Math.ceil(rows.size / run.batch);
  for (let number = batches - 1; number >= 0; number--) {
    const from = number * run.batch;
    const to = Math.min(from + run.batch, rows.size);
    deleted += await together(run, () => rows.remove(from, to, run.signal));
    run.stored(to - from);
  }
  return deleted;
}

async function together<T>({ db, signal }: BatchRun, work: () => Promise<T>): Promise<T> {
  refuseAborted(signal);
  const options = { signal, retries: RETRIES };
  return atomically(db, work, options);
}

/** As one transaction; on a deployment that has none, as it is. */
export function atomically<T>(db: Database, work: () => Promise<T>, options: TransactionOptions): Promise<T> {
  return db.atomically === undefined ? db.transaction(work, options) : db.atomically(work, options);
}

/** @throws AbortedError when the signal has aborted */
export function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted)
    throw new AbortedError('The seeds were ended by the signal: what was stored stays', { cause: signal.reason });
}
