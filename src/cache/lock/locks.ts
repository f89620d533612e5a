import type { LockTrace } from '../../core/channels.js';
import { LockContendedError, LockUnavailableError } from '../../errors/lock.js';
import { type Attempted, aborted, attempt } from './attempt.js';
import { Bell } from './bell.js';
import { Lines } from './line.js';
import { Lock } from './lock.js';
import {
  type AcquireOptions,
  type AcquireSettings,
  checkLockName,
  type LocksOptions,
  parseAcquireOptions,
  parseLocksOptions,
} from './options.js';
import type { LockStore } from './port.js';
import { type Extending, Renewal } from './renewal.js';
import { Tenure } from './tenure.js';
import { tracedLock } from './traces.js';

/** What the work of `withLock` is given. */
export interface LockedWork {
  /** Aborts when the lock is lost, and when the caller's own signal does. */
  readonly signal: AbortSignal;
  /** The fencing token: for the resource that the work writes to. */
  readonly fence: bigint;
  readonly lock: Lock;
}

// Most locks are short: the first pauses are too, and double up to the longest.
const FIRST_PAUSE = 1 / 16;

/**
 * Locks that several processes share, each known by its name.
 *
 * What they promise: as long as the store keeps what it is told and no process is stopped while it works, one at a time has the lock. A store on one Redis
 * server does not always keep it (a failover, a flush or an eviction forgets it), and a process can be stopped at any time. Then two are at work, which
 * for saving work twice is no harm. Where it is, let the resource refuse the late one: `fence` grows with every acquisition of a name, and
 * `update(id, patch, { fence })` of a repository keeps it.
 *
 * @throws TypeError when an option is not what was expected.
 * @example
 * ```ts
 * import { Locks, RedisLockStore, RedisStore } from 'trivet';
 *
 * const redis = new RedisStore({ url: 'redis://localhost:6379/0' });
 * const locks = new Locks(new RedisLockStore(redis), { ttl: '30s' });
 * const sum = await locks.withLock('report:2026', async ({ signal, fence }) => {
 *   signal.throwIfAborted();
 *   return Number(fence);
 * }, { wait: '10s' });
 * console.log(sum);
 * await redis.close();
 * ```
 */
export class Locks {
  readonly #ttlMs: number;
  readonly #pollMs: number;
  readonly #extending: Extending;
  readonly #renewal: Renewal;
  readonly #lines = new Lines();

  constructor(store: LockStore, options: LocksOptions = {}) {
    const { ttlMs, timeoutMs, pollMs, time } = parseLocksOptions(options);
    this.#ttlMs = ttlMs;
    this.#pollMs = pollMs;
    this.#extending = { store, time, timeoutMs };
    this.#renewal = new Renewal(this.#extending);
  }

  /**
   * Takes the lock, or fails at once when another has it, unless `wait` says how long to wait for it. It is not renewed unless `renew` says so. The same
   * process does not get it twice.
   *
   * @throws LockContendedError when another has it, with the time that is left of it; LockUnavailableError when the store cannot tell; AbortedError by
   * `signal`; TypeError for a name that is empty or no text.
   * @example
   * ```ts
   * import { Locks, MemoryLockStore } from 'trivet';
   *
   * const locks = new Locks(new MemoryLockStore());
   * {
   *   await using lock = await locks.acquire('import', { ttl: '1m', wait: '5s' });
   *   lock.assertHeld();
   * }
   * ```
   */
  async acquire(name: string, options: AcquireOptions = {}): Promise<Lock> {
    const [lock] = await this.#acquire(name, options, false);
    return lock;
  }

  /**
   * Runs `work` while the lock is held, which is renewed until the work is done, and releases it.
   *
   * When the lock is lost meanwhile, `signal` aborts, and it is up to the work to stop. What the work throws is what this throws. When the work comes
   * to its end all the same, another may have been at work too: a result that looks like any other would hide that from who does not watch
   * `signal`, so it is a `LockLostError` with the result in `result`. A release that fails changes nothing: it is tried again in the
   * background, and the lock ends with its time at the latest.
   *
   * @throws what `acquire` throws, what the work throws, and LockLostError.
   */
  async withLock<T>(
    name: string,
    work: (given: LockedWork) => Promise<T> | T,
    options: AcquireOptions = {},
  ): Promise<T> {
    const [lock, tenure] = await this.#acquire(name, options, true);
    const { signal, stop } = joined(lock.signal, options.signal);
    let result: T;
    try {
      result = await work({ signal, fence: lock.fence, lock });
    } catch (error) {
      await lock.release().catch(() => {});
      throw error;
    } finally {
      stop();
    }
    await settle(lock, tenure, result);
    return result;
  }

  #acquire(name: string, options: AcquireOptions, renews: boolean): Promise<readonly [Lock, Tenure]> {
    checkLockName(name);
    const settings = parseAcquireOptions(options, this.#ttlMs, renews);
    const { store } = this.#extending;
    return tracedLock(store, 'acquire', { name }, (trace) => this.#acquired(name, settings, trace));
  }

  async #acquired(name: string, settings: AcquireSettings, trace: LockTrace | null): Promise<readonly [Lock, Tenure]> {
    const { time, store } = this.#extending;
    const startedAt = time.now();
    if (settings.signal?.aborted) throw aborted(settings.signal, store.name, 0);
    const { owner, fence, sentAt } = await this.#take(name, settings, startedAt, trace);
    if (trace !== null) trace.fence = String(fence);
    const tenure: Tenure = new Tenure({
      ...{ name, owner, fence, sentAt, time },
      ttlMs: settings.ttlMs,
      store,
      ended: () => this.#renewal.remove(tenure),
    });
    if (settings.renew) this.#renewal.add(tenure);
    return [new Lock(tenure, this.#extending), tenure];
  }

  /** Null when the store is away, and may be back before the wait is over. */
  async #try(name: string, settings: AcquireSettings, startedAt: number, endAt: number): Promise<Attempted | null> {
    const { ttlMs, signal } = settings;
    try {
      return await attempt(this.#extending, { name, ttlMs, signal, startedAt });
    } catch (error) {
      if (error instanceof LockUnavailableError && error.retryable && this.#extending.time.now() < endAt) return null;
      throw error;
    }
  }

  async #take(
    name: string,
    settings: AcquireSettings,
    startedAt: number,
    trace: LockTrace | null,
  ): Promise<Attempted & { readonly owner: string }> {
    const { waitMs, signal } = settings;
    const { time, store } = this.#extending;
    const elapsedMs = (): number => Math.round(time.now() - startedAt);
    const endAt = startedAt + waitMs;
    const bell = new Bell(time);
    const ring = (): void => bell.ring();
    const place = waitMs === 0 ? null : this.#lines.join(name, ring);
    let stopListening: (() => void) | null = null;
    signal?.addEventListener('abort', ring);
    try {
      if (place?.isFirst === false) {
        while (!place.isFirst && time.now() < endAt && !signal?.aborted) await bell.wait(endAt - time.now());
        if (place.isFirst) stopListening = store.listen(name, ring);
        bell.hush();
      }
      for (let boundMs = this.#pollMs * FIRST_PAUSE; ; boundMs *= 2) {
        if (signal?.aborted) throw aborted(signal, store.name, elapsedMs());
        if (trace !== null) trace.waitedMs = time.now() - startedAt;
        const answer = await this.#try(name, settings, startedAt, endAt);
        if (answer !== null && answer.owner !== null) return answer;
        if (answer !== null && time.now() >= endAt)
          throw new LockContendedError({
            lock: name,
            leftMs: answer.leftMs,
            resource: store.name,
            elapsedMs: elapsedMs(),
          });
        stopListening ??= store.listen(name, ring);
        const pauseMs = Math.min(boundMs, this.#pollMs) * (0.5 + Math.random() / 2);
        const nextAt = Math.min(time.now() + pauseMs, endAt);
        if (answer !== null) await bell.wait(Math.min(nextAt - time.now(), answer.leftMs + 1));
        // A store that is away gets its pause, though giving back what it may have done tells of a release.
        else while (time.now() < nextAt && !signal?.aborted) await bell.wait(nextAt - time.now());
      }
    } finally {
      signal?.removeEventListener('abort', ring);
      place?.leave();
      stopListening?.();
    }
  }
}

/** Releases the lock after its work. @throws LockLostError unless the lock was ours while the work ran, as far as can be known */
async function settle(lock: Lock, tenure: Tenure, result: unknown): Promise<void> {
  const { loss } = tenure;
  const isOurs = await lock.release().catch(() => null);
  // The store had it as ours all the time, though we could not have known.
  if (isOurs === true) return;
  // Nobody answered, or only when its time had passed, which the work had not needed.
  if (loss === null && (isOurs === null || tenure.leftMs <= 0)) return;
  throw tenure.lossOf('it may have been held by another while the work ran', { result });
}

/** A signal that aborts with either. */
function joined(first: AbortSignal, second: AbortSignal | undefined): { readonly signal: AbortSignal; stop(): void } {
  if (second === undefined) return { signal: first, stop: () => {} };
  const controller = new AbortController();
  const stops = [first, second].map((each) => {
    const abort = (): void => controller.abort(each.reason);
    if (each.aborted) abort();
    else each.addEventListener('abort', abort, { once: true });
    return () => each.removeEventListener('abort', abort);
  });
  return {
    signal: controller.signal,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
