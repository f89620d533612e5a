import type { Resource, ServerState } from '../core/ports.js';
import type { PoolStats } from '../errors/pool.js';

/** `degraded`: it answers, but is exhausted, slow, takes no writes, or failed too few times to be called `down`. */
export type PoolStatus = 'up' | 'degraded' | 'down';

/** What is known of one pool. */
export interface PoolHealth {
  readonly status: PoolStatus;
  /** When the status became what it is, in ISO 8601. */
  readonly since: string;
  /** Null before the first check. */
  readonly checkedAt: string | null;
  /** Milliseconds that the last check took; null when it failed. */
  readonly latencyMs: number | null;
  /** Checks that failed since the last that did not. */
  readonly failures: number;
  /** Why it is not `up`, in a sentence. */
  readonly reason: string | null;
  /** What the last check failed with: its code and its message, which holds no secret. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly server: ServerState | null;
  readonly pool: PoolStats;
  /** Whether the application cannot do its work without it. */
  readonly required: boolean;
}

/** The words of health+json (draft-inadarei-api-health-check-06). */
export type HealthStatus = 'pass' | 'warn' | 'fail';

/** The pools together. */
export interface HealthReport<Pools> {
  /** `fail` when a pool that is required is down, `warn` when any is not up. */
  readonly status: HealthStatus;
  readonly checks: { readonly [Name in keyof Pools]: PoolHealth };
}

/** Whether the application can take work. */
export interface Readiness<Pools> extends HealthReport<Pools> {
  readonly ready: boolean;
  /** Why it is not, in a sentence. */
  readonly reason: string | null;
}

/** Whether the process works; no database is asked. */
export interface Liveness {
  readonly status: 'pass';
  /** Seconds since the manager was made. */
  readonly uptime: number;
  readonly closing: boolean;
}

/** Named pools. */
export type Pools = Readonly<Record<string, Resource>>;

function statusOf(checks: readonly PoolHealth[]): HealthStatus {
  if (checks.some(({ status, required }) => status === 'down' && required)) return 'fail';
  return checks.every(({ status }) => status === 'up') ? 'pass' : 'warn';
}

/** The report of pools whose checks are these. */
export function reportOf<P>(checks: HealthReport<P>['checks']): HealthReport<P> {
  return { status: statusOf(Object.values(checks)), checks };
}

/** Whether the application can take work, when its pools are so. */
export function readinessOf<P>(report: HealthReport<P>, isClosing: boolean, isOpen: boolean): Readiness<P> {
  const reason = whyNot(report, isClosing, isOpen);
  return { ...report, status: reason === null ? report.status : 'fail', ready: reason === null, reason };
}

function whyNot<P>({ checks }: HealthReport<P>, isClosing: boolean, isOpen: boolean): string | null {
  if (isClosing) return 'the pools are closing';
  if (!isOpen) return 'the pools are not open yet';
  const down = Object.entries<PoolHealth>(checks).filter(([, { status, required }]) => status === 'down' && required);
  return down.length === 0 ? null : `down: ${down.map(([name]) => name).join(', ')}`;
}
