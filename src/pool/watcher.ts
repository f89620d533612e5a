import type { Resource, ServerState } from '../core/ports.js';
import { TimeoutError } from '../errors/runtime.js';
import type { PoolHealth, PoolStatus } from './health.js';
import type { HealthSettings } from './options.js';

type Answer =
  | { readonly latencyMs: number; readonly server: ServerState | null; readonly error: null }
  | { readonly latencyMs: null; readonly server: null; readonly error: Error };

/** Asks one pool for its health, and makes a status of the answers: one bad answer is no outage, one good answer no recovery. */
export class Watcher {
  readonly name: string;
  readonly required: boolean;
  readonly #resource: Resource;
  readonly #changed: (now: PoolHealth, before: PoolHealth) => void;
  #settings: HealthSettings;
  #checking: Promise<PoolHealth> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #watching = false;
  #failures = 0;
  #successes = 0;
  #isDown = false;
  #last: PoolHealth;

  constructor(
    name: string,
    resource: Resource,
    required: boolean,
    settings: HealthSettings,
    changed: (now: PoolHealth, before: PoolHealth) => void,
  ) {
    this.name = name;
    this.required = required;
    this.#resource = resource;
    this.#settings = settings;
    this.#changed = changed;
    this.#last = {
      status: 'down',
      since: new Date().toISOString(),
      checkedAt: null,
      latencyMs: null,
      failures: 0,
      reason: 'it was not checked yet',
      error: null,
      server: null,
      pool: resource.stats(),
      required,
    };
  }

  /** What the last check found, with the figures of now. */
  get last(): PoolHealth {
    return { ...this.#last, pool: this.#resource.stats() };
  }

  /** Checks now. Who asks while a check runs gets its answer. */
  check(): Promise<PoolHealth> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  start(settings: HealthSettings): void {
    this.#settings = settings;
    if (this.#watching) return;
    this.#watching = true;
    this.#next(0);
  }

  stop(): void {
    this.#watching = false;
    clearTimeout(this.#timer);
  }

  #next(milliseconds: number): void {
    clearTimeout(this.#timer);
    const look = (): void => {
      void this.check().then(({ status }) => {
        if (!this.#watching) return;
        const isCertain = status === 'up' || (status === 'degraded' && this.#failures === 0 && !this.#isDown);
        const soon = this.#settings.intervalMs / 10;
        // A pool that stays down is asked as rarely as one that is up.
        const isLong = this.#failures > this.#settings.fall;
        this.#next(isCertain || isLong ? this.#settings.intervalMs : soon);
      });
    };
    // Health alone keeps no process alive.
    this.#timer = setTimeout(look, milliseconds).unref();
  }

  async #check(): Promise<PoolHealth> {
    const answer = await this.#ask();
    if (answer.error === null) {
      this.#failures = 0;
      this.#successes += 1;
      if (this.#successes >= this.#settings.rise || this.#last.checkedAt === null) this.#isDown = false;
    } else {
      this.#successes = 0;
      this.#failures += 1;
      // Before the first answer there is nothing that one failure could be an exception of.
      if (this.#failures >= this.#settings.fall || this.#last.checkedAt === null) this.#isDown = true;
    }
    return this.#conclude(answer);
  }

  async #ask(): Promise<Answer> {
    const controller = new AbortController();
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          const { timeoutMs } = this.#settings;
          reject(new TimeoutError(`The check of \`${this.name}\` did not end within ${timeoutMs} ms`));
        }, this.#settings.timeoutMs);
      });
      const asked = this.#resource.probe?.(controller.signal) ?? this.#resource.ping(controller.signal);
      const server = (await Promise.race([asked, late])) ?? null;
      return { latencyMs: performance.now() - startedAt, server, error: null };
    } catch (error) {
      return { latencyMs: null, server: null, error: error instanceof Error ? error : new Error('unknown failure') };
    } finally {
      clearTimeout(timer);
      controller.abort();
    }
  }

  #conclude({ latencyMs, server, error }: Answer): PoolHealth {
    const before = this.#last;
    const pool = this.#resource.stats();
    const reason = this.#reason(latencyMs, server, error, pool);
    const status: PoolStatus = this.#isDown ? 'down' : reason === null ? 'up' : 'degraded';
    const checkedAt = new Date().toISOString();
    const isNew = before.checkedAt === null || before.status !== status;
    const code = (error as { readonly code?: unknown } | null)?.code;
    const now: PoolHealth = {
      status,
      since: isNew ? checkedAt : before.since,
      checkedAt,
      latencyMs,
      failures: this.#failures,
      reason,
      error: error === null ? null : { code: typeof code === 'string' ? code : error.name, message: error.message },
      server,
      pool,
      required: this.required,
    };
    this.#last = now;
    if (isNew) this.#changed(now, before);
    return now;
  }

  #reason(
    latencyMs: number | null,
    server: ServerState | null,
    error: Error | null,
    { active, max, waiting }: PoolHealth['pool'],
  ): string | null {
    if (error !== null) return error.message;
    if (this.#isDown) return `it answers again: ${this.#successes} of ${this.#settings.rise} times`;
    if (server?.role === 'starting') return 'the server is starting';
    if (server?.writable === false) return 'the server takes no writes';
    if (waiting > 0 && active >= max)
      return `the pool is exhausted: ${active} of ${max} in use, ${waiting} calls waiting`;
    if (latencyMs !== null && latencyMs > this.#settings.slowMs) return `the check took ${Math.round(latencyMs)} ms`;
    return null;
  }
}
