import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../core/deadline.js';
import { ConflictError, QueryError } from '../../errors/runtime.js';
import type { BesideConnection } from '../../postgres/beside-connection.js';
import type { LedgerEntry } from '../ports.js';
import { askOn } from './ask.js';
import { isFree } from './lock.js';
import type { Ask } from './place.js';
import type { Running } from './running.js';
import { readLine } from './table.js';

/** Limits that the server or the role has are the caller's now: `timeout` and `lockTimeout`. */
const LIMITS = `select set_config(name, case name when 'lock_timeout' then $1 when 'standard_conforming_strings' then 'on' else '0' end, $2::bool)
  from pg_catalog.pg_settings where name in ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout',
    'idle_session_timeout', 'transaction_timeout', 'standard_conforming_strings')`;

/** With it the server notices by itself that a process is gone, also while a statement runs. Servers on some systems cannot. */
const NOTICE = `select set_config(name, '5s', false) from pg_settings where name = 'client_connection_check_interval'`;

/** Sets the limits of a step: of the transaction that is open, or else of the session. */
export async function setLimits(running: Running, ask: Ask, local: boolean): Promise<void> {
  const { lockTimeoutMs } = running.options;
  await ask(LIMITS, [lockTimeoutMs === null ? '0' : `${Math.max(1, Math.round(lockTimeoutMs))}ms`, local]);
}

/** A connection for the SQL of one migration: what it sets in its session ends with it. */
export async function openWork(running: Running): Promise<BesideConnection> {
  const { database, who, place } = running.ground;
  const beside = await database['~beside'](() => who, running.options.signal);
  try {
    const ask = askOn(beside);
    await setLimits(running, ask, false);
    await ask(NOTICE, []).catch(() => {});
    // Whoever migrates next finds out by it that this still runs, even when this process is gone.
    const [row] = await ask('select pg_try_advisory_lock($1::int8) as got', [place.keys.work]);
    if (row?.['got'] !== true) throw running.lockLost();
    return beside;
  } catch (error) {
    await beside.close();
    throw error;
  }
}

/** Closes it; when this is done, the server has ended what ran on it, or a limit is over. */
export async function closeWork(running: Running, work: BesideConnection): Promise<void> {
  if (!work.ended) await askOn(work)('select pg_advisory_unlock_all()', []).catch(() => work.destroy(false));
  const whole = !work.ended;
  await work.close();
  if (!whole) await untilFree(running, running.ground.ask).catch(() => {});
}

/** How long it is waited for the server to end what was cancelled. */
const SETTLE_MS = 15_000;

/** Waits until the server runs nothing of this step any more. False: it still does. */
export async function untilFree(running: Running, ask: Ask): Promise<boolean> {
  const { keys } = running.ground.place;
  const until = performance.now() + SETTLE_MS;
  for (let pauseMs = 10; ; pauseMs = Math.min(500, pauseMs * 2)) {
    if (await isFree(keys, ask)) return true;
    if (performance.now() > until) return false;
    await sleep(pauseMs);
  }
}

/** What the ledger says after the answer to COMMIT got lost. */
export type Truth = { readonly known: true; readonly entry: LedgerEntry | null } | { readonly known: false };

/** Looks up in the ledger what became of a COMMIT, on a new connection where that of the lock is lost too. */
export async function truthOf(running: Running): Promise<Truth> {
  const { database, place, ask, lock, who } = running.ground;
  const { version } = running.migration;
  const look = async (asking: Ask): Promise<Truth> =>
    (await untilFree(running, asking))
      ? { known: true, entry: await readLine(place, version, asking) }
      : { known: false };
  if (!lock.ended) {
    const found = await look(ask).catch(() => null);
    if (found !== null) return found;
  }
  const until = performance.now() + SETTLE_MS;
  for (let pauseMs = 50; performance.now() < until; pauseMs = Math.min(1_000, pauseMs * 2)) {
    try {
      const beside = await database['~beside'](() => who);
      try {
        return await look(askOn(beside));
      } finally {
        await beside.close();
      }
    } catch {
      // The server may come back in a moment.
      await sleep(pauseMs);
    }
  }
  return { known: false };
}

/** Whether the ledger says that the step is done. */
export function isStored(running: Running, { entry }: Truth & { readonly known: true }): boolean {
  return running.direction === 'up' ? entry?.state === 'applied' : entry === null;
}

/** Runs a statement of a migration. Errors say what the server said, which is about the migration's own text. */
export async function runStatement(running: Running, work: BesideConnection, text: string): Promise<void> {
  try {
    await work.run(text, [], running.deadline);
  } catch (error) {
    throw explained(running, work.map(error, running.deadline.elapsedMs), error);
  }
}

/** Classes of errors whose messages may hold values of rows. */
const ABOUT_ROWS = /^2[23]/;

function explained(running: Running, mapped: unknown, error: unknown): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  const details = { cause: (mapped as Error).cause, resource: running.resource };
  if (code === '55P03') {
    const { lockTimeoutMs } = running.options;
    const limit = lockTimeoutMs === null ? '' : `; it waited for \`lockTimeout\` (${lockTimeoutMs} ms)`;
    return new ConflictError(`Another session holds a lock that the statement needs${limit}`, {
      ...details,
      retryable: true,
    });
  }
  if (!(mapped instanceof QueryError) || typeof code !== 'string' || ABOUT_ROWS.test(code)) return mapped;
  return new QueryError(`PostgreSQL refused the statement: ${code}, ${message}`, { ...details, serverCode: code });
}

/** A deadline for what has to be done after the one of the step is over. */
export async function after<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline = new Deadline(SETTLE_MS, undefined);
  try {
    return await work(deadline);
  } finally {
    deadline.clear();
  }
}
