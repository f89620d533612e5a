import type { TrivetError } from '../../errors/error.js';
import { MigrationLockLostError } from '../../errors/migration.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import { anySignal } from '../../util/any-signal.js';
import type { MigrationContext, MigrationWork } from '../migration.js';
import type { LedgerEntry } from '../ports.js';
import { leave, mark } from './marks.js';
import type { Ask } from './place.js';
import type { Running } from './running.js';
import { isStored, setLimits, truthOf, untilFree } from './work-connection.js';

type Work = MigrationWork<PostgresDatabase>;

/** Runs the code in a transaction of the database, which its calls join, and writes it down there. */
export async function codeInTransaction(running: Running, work: Work): Promise<LedgerEntry | null> {
  const { database, place } = running.ground;
  const { signal, timeoutMs } = running.options;
  const ask: Ask = (text, values) => database.query(text, values);
  let entry: LedgerEntry | null = null;
  try {
    await database.transaction(
      async (tx) => {
        await setLimits(running, ask, true);
        const [row] = await ask('select pg_try_advisory_xact_lock($1::int8) as got', [place.keys.work]);
        if (row?.['got'] !== true) throw running.lockLost();
        await work(contextOf(running, tx.signal));
        entry = await running.record(ask, null);
      },
      { signal, timeout: `${timeoutMs}ms` },
    );
    return entry;
  } catch (error) {
    if (error instanceof MigrationLockLostError) throw error;
    if ((error as Partial<TrivetError>).outcome !== 'unknown') {
      await untilFree(running, running.ground.ask).catch(() => {});
      throw running.failure(error, false);
    }
    const truth = await truthOf(running);
    if (truth.known && isStored(running, truth)) return entry;
    throw running.failure(error, !truth.known, { unknown: !truth.known });
  }
}

/** Runs the code by itself: the ledger says before and after. */
export async function codeAlone(running: Running, work: Work): Promise<LedgerEntry | null> {
  const { signal } = running.options;
  let begun = false;
  try {
    await mark(running, null);
    begun = true;
    const end = new AbortController();
    const context = contextOf(running, signal === undefined ? end.signal : anySignal([signal, end.signal]));
    await Promise.race([(async () => work(context))(), ended(running, end)]);
    return await leave(running, null);
  } catch (error) {
    if (error instanceof MigrationLockLostError) throw error;
    throw running.failure(error, begun);
  }
}

/** Rejects at the deadline of the step. Code that goes on nevertheless leaves it dirty, so that nothing else begins beside it. */
function ended(running: Running, end: AbortController): Promise<never> {
  const { deadline, resource } = running;
  return new Promise((_resolve, reject) => {
    const stop = (): void => {
      const error = deadline.error('unknown', resource, 'the migration was told to end by its signal');
      end.abort(error);
      reject(error);
    };
    if (deadline.ended) stop();
    else deadline.listen(stop);
  });
}

function contextOf(running: Running, signal: AbortSignal): MigrationContext<PostgresDatabase> {
  return {
    db: running.ground.database,
    signal,
    progress: (done, total = null) => running.options.watch.progress(done, total),
  };
}
