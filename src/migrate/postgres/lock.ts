import { setTimeout as sleep } from 'node:timers/promises';
import { type LockHolder, MigrationLockedError } from '../../errors/migration.js';
import { AbortedError } from '../../errors/runtime.js';
import type { LockRequest } from '../ports.js';
import type { Ask, LockKeys } from './place.js';

/** A process of the server that holds one of the two locks. */
export interface Holding {
  readonly processId: number;
  readonly holder: LockHolder;
  /** Whether it holds that of what runs; otherwise that of who migrates. */
  readonly works: boolean;
}

const HOLDERS = `select l.pid as "processId", a.application_name as who, coalesce(a.client_hostname, host(a.client_addr)) as place,
  a.backend_start as since, case when a.state <> 'idle' then left(a.query, 200) end as doing, key = $2::int8 as works
from unnest(array[$1::int8, $2::int8]) as key
join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
  and l.classid = ((key >> 32) & 4294967295)::oid and l.objid = (key & 4294967295)::oid
  and l.database = (select oid from pg_database where datname = current_database())
left join pg_stat_activity a on a.pid = l.pid
where l.pid is not null and l.pid <> pg_backend_pid()
order by works`;

interface Row {
  readonly processId: number;
  readonly who: string | null;
  readonly place: string | null;
  readonly since: Date | null;
  readonly doing: string | null;
  readonly works: boolean;
}

/** Who holds the locks, the migrator first. */
export async function holdings({ migrator, work }: LockKeys, ask: Ask): Promise<readonly Holding[]> {
  const rows = (await ask(HOLDERS, [migrator, work])) as unknown as readonly Row[];
  return rows.map(({ processId, who, place, since, doing, works }) => ({
    processId,
    works,
    holder: { who: who === null || who === '' ? `process ${processId} of the server` : who, from: place, since, doing },
  }));
}

/** Both together: who it is by the lock of the migrator, what it does by the lock of what runs. */
export function holderOf(found: readonly Holding[]): LockHolder | null {
  const first = found[0];
  if (first === undefined) return null;
  const doing = found.find(({ works, holder }) => works && holder.doing !== null)?.holder.doing ?? null;
  return { ...first.holder, doing: doing ?? (first.works ? first.holder.doing : null) };
}

const FIRST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 1_000;

/**
 * Takes the lock of the migrator and makes sure that nothing of an earlier one runs any more. It asks again and again instead of waiting on
 * the server: a statement that waits there would keep `create index concurrently` of the holder from ever ending.
 * @throws MigrationLockedError, AbortedError
 */
export async function takeLock(
  keys: LockKeys,
  { waitMs, signal, waiting }: LockRequest,
  ask: Ask,
  resource: string,
): Promise<void> {
  const until = performance.now() + waitMs;
  let held = false;
  for (let attempt = 0; ; attempt++) {
    if (signal?.aborted) throw aborted(signal, resource);
    held = held || (await got('select pg_try_advisory_lock($1::int8) as got', keys.migrator, ask));
    if (held && (await isFree(keys, ask))) return;
    const leftMs = until - performance.now();
    if (attempt === 0 || leftMs <= 0) {
      const holder = holderOf(await holdings(keys, ask));
      if (leftMs <= 0) throw new MigrationLockedError(holder, { resource });
      waiting(holder);
    }
    const pauseMs = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
    await sleep(Math.min(leftMs, pauseMs), undefined, { signal }).catch(() => {
      throw aborted(signal!, resource);
    });
  }
}

/** Whether no statement of a migrator runs, not even of one that is gone. */
export function isFree({ work }: LockKeys, ask: Ask): Promise<boolean> {
  return got('select pg_try_advisory_xact_lock($1::int8) as got', work, ask);
}

async function got(text: string, key: string, ask: Ask): Promise<boolean> {
  return (await ask(text, [key]))[0]?.['got'] === true;
}

function aborted(signal: AbortSignal, resource: string): AbortedError {
  return new AbortedError('The call was aborted by its signal while it waited for the lock of the migrations', {
    resource,
    cause: signal.reason,
  });
}

/** Ends the processes of the server that hold the locks, and waits until they are gone. */
export async function endHolders(keys: LockKeys, ask: Ask): Promise<LockHolder | null> {
  const found = await holdings(keys, ask);
  for (const { processId } of found) await ask('select pg_terminate_backend($1::int)', [processId]);
  const pids = new Set(found.map(({ processId }) => processId));
  for (let attempt = 0; ; attempt++) {
    const left = (await holdings(keys, ask)).filter(({ processId }) => pids.has(processId));
    if (left.length === 0) return holderOf(found);
    await sleep(Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
  }
}
