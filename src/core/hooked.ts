import type { Command, UpsertResult } from '../query/command.js';
import type { Executor } from './executor.js';
import type { Done, Hooks, Told } from './hooks.js';
import { finished, type Prepared, rest } from './prepare.js';
import { type CheckedUpdate, updateOf } from './prepare-change.js';
import { type CheckedDrafts, insertOf } from './prepare-insert.js';
import { type CheckedUpsert, upsertOf } from './prepare-upsert.js';

// The writes of a repository that has hooks. What the hooks took of the time of a call is missing behind them.

/** New rows as they are stored; none where there were no drafts. */
export async function hookedInsert<R>(calls: Executor, hooks: Hooks, checked: CheckedDrafts, told: Told): Promise<R[]> {
  const startedAt = performance.now();
  const prepared = insertOf(await hooks.drafts(checked, told));
  if (prepared === null) return [];
  const due = rest(prepared, startedAt);
  const done = (rows: R[]): Done => ({ verb: told.verb, action: 'inserted', rows, count: rows.length });
  return hooks.write(() => calls.rows<R>(due), done, due.run);
}

/** Of one row, or null. */
export async function hookedUpdate<R>(
  calls: Executor,
  hooks: Hooks,
  checked: CheckedUpdate,
  told: Told,
): Promise<R | null> {
  const startedAt = performance.now();
  const due = rest(updateOf(await hooks.patch(checked, told))!, startedAt);
  const work = () => calls.change<R>(due);
  if (due.command.kind === 'find') return work();
  return hooks.write(work, one(told.verb, 'updated'), due.run);
}

/** The number of rows; null when the hooks left nothing to change. */
export async function hookedUpdateMany(
  calls: Executor,
  hooks: Hooks,
  checked: CheckedUpdate,
  told: Told,
): Promise<number | null> {
  const startedAt = performance.now();
  const prepared = updateOf(await hooks.patch(checked, told));
  if (prepared === null) return null;
  const due = rest(prepared, startedAt);
  return hooks.write(() => calls.run<number>(due), many(told.verb, 'updated'), due.run);
}

/** With changes or, for `getOrInsert`, without. */
export async function hookedUpsert<R>(
  calls: Executor,
  hooks: Hooks,
  checked: CheckedUpsert,
  told: Told,
  startedAt: number = performance.now(),
): Promise<{ readonly row: R; readonly action: 'inserted' | 'updated' }> {
  const due = rest(upsertOf(await hooks.upsert(checked, told)), startedAt);
  const work = async () => {
    const { row, action } = await calls.run<UpsertResult>(due);
    return { row: finished(row, due.projection) as R, action };
  };
  const done = ({ row, action }: { readonly row: R; readonly action: 'inserted' | 'updated' }): Done | null =>
    checked.changes === null && action === 'updated' ? null : { verb: told.verb, action, rows: [row], count: 1 };
  return hooks.write(work, done, due.run);
}

/** A row whose mark of deletion goes. */
export function hookedRestore<R>(calls: Executor, hooks: Hooks, prepared: Prepared<Command>): Promise<R | null> {
  return hooks.write(() => calls.change<R>(prepared), one<R>('restore', 'restored'), prepared.run);
}

/** A row that goes, or null. `lost` is thrown inside the transaction, so that what the hooks did goes with it. */
export function hookedDelete<R>(
  calls: Executor,
  hooks: Hooks,
  prepared: Prepared<Command>,
  told: Told,
  lost: () => Error | Promise<Error>,
): Promise<R> {
  const work = async () => {
    const row = await calls.change<R>(prepared);
    if (row === null) throw await lost();
    return row;
  };
  return hooks.remove(told, work, (row) => ({ verb: told.verb, rows: [row], count: 1 }), prepared.run);
}

/** The number of rows that went. */
export function hookedDeleteMany(
  calls: Executor,
  hooks: Hooks,
  prepared: Prepared<Command>,
  told: Told,
): Promise<number> {
  return hooks.remove(told, () => calls.run<number>(prepared), many(told.verb), prepared.run);
}

function one<R>(verb: string, action: 'updated' | 'restored'): (row: R | null) => Done | null {
  return (row) => (row === null ? null : { verb, action, rows: [row], count: 1 });
}

function many(verb: string, action?: 'updated'): (count: number) => Done {
  return (count) => ({ verb, ...(action !== undefined && { action }), rows: [], count });
}
