import type { Duration, RedisStore } from 'trivet';

/** What a counter says of a key. */
export interface Counted {
  /** Requests since the window of the key began, with this one. */
  readonly count: number;
  /** Milliseconds until the window ends. */
  readonly leftMs: number;
}

/** Counts requests by key, each key in a window of its own that begins with its first request. */
export interface CounterStore {
  /** Counts one more. @throws where it cannot be counted */
  count(key: string, windowMs: number): Promise<Counted>;
}

// One step on the server: a process that dies between two commands would leave a key that never ends. A key without an end is given one.
const COUNT = `
  local count = redis.call('INCR', KEYS[1])
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    left = tonumber(ARGV[1])
  end
  return { count, left }`;

/**
 * Counts in Redis, for all processes of the service together. A request waits no longer than `timeout` for it, so let the store be connected before the
 * first one comes.
 */
export class RedisCounter implements CounterStore {
  readonly #redis: RedisStore;
  readonly #prefix: string;
  readonly #timeout: Duration;

  constructor(redis: RedisStore, prefix: string, timeout: Duration = '250ms') {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#timeout = timeout;
  }

  async count(key: string, windowMs: number): Promise<Counted> {
    const reply = await this.#redis.script(COUNT, [`${this.#prefix}${key}`], [windowMs], { timeout: this.#timeout });
    const [count, leftMs] = reply as [number, number];
    return { count, leftMs };
  }
}

const MOST_KEYS = 50_000;

interface Window {
  count: number;
  readonly endsAt: number;
}

/** Counts in this process alone. */
export class MemoryCounter implements CounterStore {
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  async count(key: string, windowMs: number): Promise<Counted> {
    const now = this.#now();
    let window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      this.#windows.delete(key);
      this.#makeRoom(now);
      window = { count: 0, endsAt: now + windowMs };
      this.#windows.set(key, window);
    }
    window.count++;
    return { count: window.count, leftMs: window.endsAt - now };
  }

  get size(): number {
    return this.#windows.size;
  }

  /** Takes away what has ended, from the oldest on; and the oldest where somebody makes up one key after the other. */
  #makeRoom(now: number): void {
    for (const [key, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size < MOST_KEYS) return;
      this.#windows.delete(key);
    }
  }
}
