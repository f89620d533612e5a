import { expected, refuseUnknown } from '../../core/engine-options.js';
import type { Acquired, ExtendedLock, LockCall, LockStore } from '../lock/port.js';
import type { Commands } from './commands.js';
import { lockTag } from './lock-names.js';

/** Options of `RedisLockStore`. */
export interface RedisLockStoreOptions {
  /** What the keys begin with: applications that share a server and should not share locks have different ones. @default 'trivet' */
  readonly prefix?: string | undefined;
}

/** The defaults of `RedisLockStoreOptions`. */
export const REDIS_LOCKS_DEFAULTS: { readonly prefix: string } = Object.freeze({ prefix: 'trivet' });

// The counter alone would be enough until it is evicted, and the time alone while the server's clock does not step back. Together they need both to fail
// in the same moment. It outlives the lock by a day, so that names that nobody uses any more leave nothing behind.
const ACQUIRE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return {0, redis.call('PTTL', KEYS[1])} end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[2]) or '0') or 0
local fence = string.format('%.0f', math.max(last + 1, now))
redis.call('SET', KEYS[2], fence, 'PX', ARGV[2] + 86400000)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, fence}`;

// One key that is no lock of ours must not keep the others from being extended.
const EXTEND = `
local held = {}
for i, key in ipairs(KEYS) do
  held[i] = 0
  if redis.pcall('GET', key) == ARGV[2 * i - 1] then held[i] = redis.call('PEXPIRE', key, ARGV[2 * i]) end
end
return held`;

// Who may not publish may still release: those who wait ask by themselves.
const RELEASE = `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.pcall('PUBLISH', ARGV[2], '')
return 1`;

/**
 * Locks on a Redis server: an owner with an end, and a fencing token, in two keys of one slot, `{prefix:name}:lock` and `{prefix:name}:fence`. Every
 * call is one script; none is sent twice.
 *
 * It is a lock on one server. A failover to a replica that had not heard of it, a flush, an eviction (use `noeviction` or a server of their own for locks)
 * or a clock of the server that leaps ahead ends a lock before its time, and then two have it. The fence still grows, from the server's clock, unless
 * that clock steps back, or is behind on the server that a failover goes to, and the counter is lost together.
 *
 * @throws TypeError when an option is not what was expected.
 * @example
 * ```ts
 * import { Locks, RedisLockStore, RedisStore } from 'trivet';
 *
 * const redis = new RedisStore({ url: 'redis://localhost:6379/0' });
 * const locks = new Locks(new RedisLockStore(redis, { prefix: 'shop' }));
 * const lock = await locks.acquire('stock:17', { wait: '2s' });
 * await lock.release();
 * await redis.close();
 * ```
 */
export class RedisLockStore implements LockStore {
  readonly engine = 'redis' as const;
  readonly name: string;
  readonly #store: Commands;
  readonly #prefix: string;

  constructor(store: Commands, options: RedisLockStoreOptions = {}) {
    refuseUnknown(options, new Set(['prefix']));
    const { prefix = REDIS_LOCKS_DEFAULTS.prefix } = options;
    if (typeof prefix !== 'string') throw expected('prefix', 'a text', prefix);
    this.#store = store;
    this.#prefix = prefix;
    this.name = store.name;
  }

  async acquire(name: string, owner: string, ttlMs: number, call: LockCall): Promise<Acquired> {
    const key = this.#key(name);
    const keys = [`${key}:lock`, `${key}:fence`];
    const [isNew, value] = (await this.#store.script(ACQUIRE, keys, [owner, ttlMs], timeout(call))) as [
      number,
      unknown,
    ];
    if (Number(isNew) === 1) return { fence: BigInt(value as string) };
    const leftMs = Number(value);
    return { leftMs: leftMs < 0 ? Number.POSITIVE_INFINITY : leftMs };
  }

  async extend(locks: readonly ExtendedLock[], call: LockCall): Promise<readonly boolean[]> {
    if (locks.length === 0) return [];
    if (!this.#isCluster) return this.#extend(locks, call);
    // Names lie in slots of their own there, and a script has one slot.
    const answers = await Promise.all(locks.map((each) => this.#extend([each], call)));
    return answers.flat();
  }

  async #extend(locks: readonly ExtendedLock[], call: LockCall): Promise<readonly boolean[]> {
    const keys = locks.map(({ name }) => `${this.#key(name)}:lock`);
    const args = locks.flatMap(({ owner, ttlMs }) => [owner, ttlMs]);
    const held = (await this.#store.script(EXTEND, keys, args, timeout(call))) as readonly unknown[];
    return held.map((each) => Number(each) === 1);
  }

  async release(name: string, owner: string, call: LockCall): Promise<boolean> {
    const key = `${this.#key(name)}:lock`;
    return Number(await this.#store.script(RELEASE, [key], [owner, key], timeout(call))) === 1;
  }

  listen(name: string, listener: () => void): () => void {
    const nothing = (): void => {};
    // What was missed may have been the release.
    return this.#store.subscribe(`${this.#key(name)}:lock`, {
      message: listener,
      heard: listener,
      current: nothing,
      deaf: nothing,
    });
  }

  #key(name: string): string {
    return `{${lockTag(this.#prefix, name)}}`;
  }

  get #isCluster(): boolean {
    return this.#store.isCluster;
  }
}

function timeout({ timeoutMs }: LockCall): { readonly timeout: `${number}ms` } {
  return { timeout: `${Math.max(1, Math.round(timeoutMs))}ms` };
}
