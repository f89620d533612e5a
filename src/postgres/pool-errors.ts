import type { Deadline } from '../core/deadline.js';
import type { Outcome } from '../errors/error.js';
import { PoolExhaustedError, type PoolHolder, type PoolStats, PoolUnavailableError } from '../errors/pool.js';
import { ClosedError } from '../errors/runtime.js';

/** What is known when a call waits in vain for a connection. */
export interface VainWait {
  readonly resource: string;
  readonly stats: PoolStats;
  readonly oldest: PoolHolder | undefined;
  /** Why no connection could be made, as an error of the library; null when nothing failed. */
  readonly trouble: Error | null;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** The error of a wait for a connection that ended. `limit` completes "… within 5000 ms". */
export function waitedInVain(wait: VainWait, limit: string): PoolExhaustedError | PoolUnavailableError {
  const { resource, stats, oldest, trouble, attempts, elapsedMs } = wait;
  const details = { resource, stats, oldest, attempts, elapsedMs, ...(trouble !== null && { cause: trouble }) };
  const figures = `${figuresOf(stats)}${oldestOf(oldest)}`;
  if (isExhausted(wait))
    return new PoolExhaustedError(`No connection of ${resource} became free ${limit}: ${figures}`, details);
  const why = trouble === null ? 'the server did not answer yet' : trouble.message;
  return new PoolUnavailableError(`No connection to ${resource} could be made ${limit}: ${why}. ${figures}`, details);
}

/** The error of a call whose own limit ended while it waited: it is a `TimeoutError` or an `AbortedError` whatever the reason. */
export function endedWaiting(deadline: Deadline, wait: VainWait): Error {
  if (deadline.timedOut && isExhausted(wait)) return waitedInVain(wait, `within its ${deadline.timeoutMs} ms`);
  const { resource, stats, trouble } = wait;
  const what = isExhausted(wait) ? 'no connection became free' : 'no connection could be made';
  const why = trouble === null ? figuresOf(stats) : trouble.message;
  return deadline.error('not-executed', resource, `${what} (${why})`, trouble ?? undefined);
}

/** The error of a call that would have to wait behind too many. */
export function queueFull(wait: VainWait, maxWaiting: number): PoolExhaustedError {
  const { resource, stats, oldest } = wait;
  const figures = `${figuresOf(stats)}${oldestOf(oldest)}`;
  return new PoolExhaustedError(`${maxWaiting} calls wait for a connection of ${resource} already: ${figures}`, {
    resource,
    stats,
    oldest,
    elapsedMs: 0,
  });
}

/** The error of a call on a database that was closed, or is while the call runs. */
export function closedError(resource: string, outcome: Outcome = 'not-executed'): ClosedError {
  const while_ = outcome === 'unknown' ? ' while a call ran, which was cancelled' : '';
  return new ClosedError(`The database was closed${while_} (${resource})`, { resource, outcome });
}

/** While a place is free, what is waited for is a new connection. */
function isExhausted({ stats }: VainWait): boolean {
  return stats.active >= stats.max;
}

function figuresOf({ active, max, total, idle, waiting }: PoolStats): string {
  return `${active} of ${max} in use, ${total} open, ${idle} idle, ${waiting} calls waiting`;
}

function oldestOf(oldest: PoolHolder | undefined): string {
  if (oldest === undefined) return '';
  const where = oldest.stack === undefined ? '' : `, taken here:\n${oldest.stack}`;
  return `; the longest is out for ${Math.round(oldest.heldMs)} ms${where}`;
}
