import type { EntityModel } from '../schema/model.js';
import type { Executor } from './executor.js';
import { hookedInsert, hookedUpdate, hookedUpsert } from './hooked.js';
import type { Done, Hooks } from './hooks.js';
import { partsOf, type UpdateParts } from './many-rows.js';
import { checkUpdate, prepareDelete } from './prepare-change.js';
import { checkInsert } from './prepare-insert.js';
import type { PreparedMany } from './prepare-many.js';
import { checkUpsert } from './prepare-upsert.js';
import { staleOf } from './refusal.js';
import type { WriteCounts } from './verb-types.js';
import { located, type Totals } from './write-many.js';

/** A write of one row, as it was given; the call that it is of was checked. */
export type SingleWrite =
  | { readonly insert: unknown }
  | { readonly update: UpdateParts }
  | { readonly upsert: unknown; readonly on: unknown }
  | { readonly delete: unknown };

type Given = Readonly<Record<string, unknown>>;

/** The rows of `updateEach`, one by one. */
export function updatesOf(model: EntityModel, rows: readonly object[]): SingleWrite[] {
  return rows.map((row) => ({ update: partsOf(model, row as Given) }));
}

/** The elements of `bulk`, one by one. */
export function singly(writes: readonly object[]): SingleWrite[] {
  return writes.map((each) => {
    if (!('update' in each)) return each as SingleWrite;
    const { update: id, set: patch, version, fence } = each as Given;
    return { update: { id, patch, version, fence } };
  });
}

/**
 * Writes of many rows where there are hooks: one row after the other, each as the verb of its own would write it, because what hooks
 * make of two rows alike need not be alike. `checked` was refused if anything was wrong: then no hook runs.
 */
export async function hookedMany(
  calls: Executor,
  hooks: Hooks,
  verb: string,
  checked: PreparedMany,
  writes: readonly SingleWrite[],
): Promise<WriteCounts> {
  const totals: Totals = { matched: 0, inserted: 0, deleted: 0 };
  if (checked.steps.length === 0) return totals;
  await calls.together(checked.run, async () => {
    for (const [position, write] of writes.entries()) {
      const counts = await one(calls, hooks, verb, write).catch((error) => {
        throw located(error, position);
      });
      if (counts !== null) totals[counts]++;
    }
  });
  return totals;
}

/** What the row is counted as; null for one that is not there. */
async function one(calls: Executor, hooks: Hooks, verb: string, write: SingleWrite): Promise<keyof WriteCounts | null> {
  const { context } = calls;
  if ('insert' in write) {
    await hookedInsert(calls, hooks, checkInsert(context, write.insert, undefined, true), { verb });
    return 'inserted';
  }
  if ('update' in write) {
    const { id, patch, version, fence } = write.update;
    const row = await hookedUpdate(calls, hooks, checkUpdate(context, id, patch, { version, fence }), { verb, id });
    if (row !== null) return 'matched';
    if (version !== undefined || fence !== undefined) throw await staleOf(calls, [write.update]);
    return null;
  }
  if ('upsert' in write) {
    const checked = checkUpsert(context, write.upsert, { on: write.on }, true);
    const { action } = await hookedUpsert(calls, hooks, checked, { verb });
    return action === 'inserted' ? 'inserted' : 'matched';
  }
  const prepared = prepareDelete(context, write.delete, undefined);
  const done = (row: unknown): Done | null => (row === null ? null : { verb, rows: [row], count: 1 });
  const row = await hooks.remove({ verb, id: write.delete }, () => calls.change(prepared), done, prepared.run);
  return row === null ? null : 'deleted';
}
