import { ConstraintError, DuplicateKeyError, ForeignKeyError } from '../errors/data.js';
import type { UpsertCounts } from '../query/command.js';
import type { Executor } from './executor.js';
import type { PreparedMany, WriteStep } from './prepare-many.js';
import { staleOf } from './refusal.js';
import type { WriteCounts } from './verb-types.js';

/** What has been written so far. */
export type Totals = { -readonly [K in keyof WriteCounts]: WriteCounts[K] };

/** Carries out the steps, all or none: one is atomic by itself, several are a transaction. */
export async function writeMany(calls: Executor, { steps, run }: PreparedMany): Promise<WriteCounts> {
  const totals: Totals = { matched: 0, inserted: 0, deleted: 0 };
  const [first] = steps;
  if (first === undefined) return totals;
  if (steps.length === 1 && first.expects === null) await carryOut(calls, first, totals, run);
  else
    await calls.together(run, async () => {
      for (const step of steps) await carryOut(calls, step, totals);
    });
  return totals;
}

async function carryOut(
  calls: Executor,
  { command, counts, expects, places }: WriteStep,
  totals: Totals,
  run: PreparedMany['run'] = {},
): Promise<void> {
  const projection = calls.context.projector.none;
  const answer = await calls.run<unknown>({ command, projection, run }).catch((error) => {
    throw placed(error, places);
  });
  if (counts === 'upserted') {
    const { inserted, updated } = answer as UpsertCounts;
    totals.inserted += inserted;
    totals.matched += updated;
  } else totals[counts] += counts === 'inserted' ? places.length : (answer as number);
  if (expects !== null && answer !== expects.length) throw await staleOf(calls, expects);
}

/** The error with the place of its draft in the list of the call, where the engine tells which of the command it was. */
function placed(error: unknown, places: readonly number[]): unknown {
  const { position } = error as { readonly position?: unknown };
  return typeof position === 'number' ? located(error, places[position]) : error;
}

/** The error of a row, with the place of its draft. */
export function located(error: unknown, position: number | undefined): unknown {
  for (const Kind of [DuplicateKeyError, ConstraintError, ForeignKeyError]) {
    if (!(error instanceof Kind)) continue;
    const { entity, fields, constraint, outcome, resource, elapsedMs, cause } = error;
    const referrer = error instanceof ForeignKeyError ? error.referrer : undefined;
    const details = { fields, constraint, referrer, position, outcome, resource, elapsedMs, cause };
    return new Kind(entity, details);
  }
  return error;
}
