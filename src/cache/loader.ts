import { Deadline } from '../core/deadline.js';
import { LoadFailedError } from '../errors/cache.js';
import { Backoff } from '../util/backoff.js';
import type { Duration } from '../util/duration.js';
import type { Breaker } from './breaker.js';
import type { Entries, Look, Stamps } from './entries.js';
import { newToken } from './envelope.js';
import type { Flight, Landing } from './flight.js';
import { ageOf, olderMs } from './freshness.js';
import { lifetime } from './lifetime.js';
import type { Load } from './load.js';
import { type CacheSettings, type CallSettings, tagTexts } from './options.js';
import type { Part } from './part.js';
import type { EntryStore, Lease } from './ports.js';
import type { Space } from './space.js';

/** How long a lease stands without being renewed: as long as others wait for a process that was killed. */
const LEASE_MS = 3_000;
/** How often one who waits for another process looks, at first and at most. */
const FIRST_LOOK_MS = 2;
const MOST_LOOK_MS = 40;

/** Everybody who asked may have it. */
const EVERYBODY = Number.POSITIVE_INFINITY;

/** What one load is about. */
export interface LoadRequest {
  readonly text: string;
  readonly load: Load<unknown>;
  readonly call: CallSettings;
  /** What was seen and is not good enough. */
  readonly look: Look | null;
  /** Whether to wait for another process that loads. */
  readonly waits: boolean;
  /** Whether a value that another process has stored meanwhile does as well. */
  readonly takesOthers: boolean;
  /** Called when nobody may join any more. */
  readonly closed: () => void;
  /** Called when it is known whether it is loaded here. */
  readonly answered?: (() => void) | undefined;
}

interface Loaded {
  readonly value: unknown;
  readonly loadMs: number;
  readonly tags: readonly string[];
  readonly ttlMs: number;
}

/** Fills entries: takes the lease and the stamps, loads, and stores what it loaded as long as the lease stands. */
export class Loader {
  readonly #part: Part;
  readonly #store: EntryStore;
  readonly #breaker: Breaker;
  readonly #entries: Entries;
  readonly #space: Space;
  readonly #settings: CacheSettings;

  constructor(part: Part) {
    const { backing, entries, space, settings } = part;
    this.#part = part;
    this.#store = backing.store;
    this.#breaker = backing.breaker;
    this.#entries = entries;
    this.#space = space;
    this.#settings = settings;
  }

  /** The value, loaded here or by another process; null when that goes on there and is not waited for. */
  async fly(flight: Flight, request: LoadRequest): Promise<Landing | null> {
    const deadline = new Deadline(request.call.loadTimeoutMs, flight.signal);
    try {
      return await this.#fly(flight, request, deadline);
    } finally {
      deadline.clear();
      request.closed();
    }
  }

  async #fly(flight: Flight, request: LoadRequest, deadline: Deadline): Promise<Landing | null> {
    const { text, call } = request;
    const entry = this.#space.entry(text);
    const pause = new Backoff(FIRST_LOOK_MS, MOST_LOOK_MS);
    let seen = request.look?.id ?? null;
    let waitedFor: string | null = null;
    for (;;) {
      if (this.#breaker.error !== null) {
        request.answered?.();
        return this.#alone(request, deadline);
      }
      const token = newToken();
      let lease: Lease;
      let stamps: Stamps | null = null;
      try {
        const asked = this.#store.lease(entry, { token, leaseMs: LEASE_MS, seen, waitedFor });
        // Together at first, because most leases are free; one that waits asks for the stamps when it has the lease.
        [lease, stamps] = await Promise.all([asked, waitedFor === null ? this.#capture(call) : null]);
        if (lease.state === 'ours') stamps ??= await this.#capture(call);
        else if (lease.state === 'refreshed') {
          const joined = flight.joined;
          const [look] = await this.#entries.look([text], call.tags);
          const landing = request.takesOthers ? await this.#taken(look!, call, joined) : null;
          if (landing !== null) return landing;
          seen = look!.id;
          continue;
        }
      } catch (error) {
        this.#part.trouble(error, text);
        request.answered?.();
        return this.#alone(request, deadline);
      }
      request.answered?.();
      if (lease.state === 'failed')
        throw new LoadFailedError(`Another process failed to load the value (${lease.reason})`);
      if (lease.state === 'ours') return this.#load(flight, request, deadline, token, stamps!);
      if (!request.waits) return null;
      waitedFor = lease.by;
      await this.#pause(Math.min(pause.failed() + 1, lease.leftMs + 1), deadline);
    }
  }

  /** The entry that another process has stored, where it is fresh. */
  async #taken(look: Look, call: CallSettings, joined: number): Promise<Landing | null> {
    const { envelope, body } = look;
    if (envelope === null || body === null) return null;
    if (envelope.outlives) {
      const age = ageOf(envelope, await this.#entries.now(), call);
      if (age !== 'fresh' && age !== 'early') return null;
    }
    try {
      return { value: await this.#entries.value(body), body, goodFor: joined };
    } catch {
      // Unreadable: as if it was not there.
      return null;
    }
  }

  #capture(call: CallSettings): Promise<Stamps | null> {
    return this.#entries.capture(call.tags, call.ttlMs + olderMs(call));
  }

  async #load(
    flight: Flight,
    request: LoadRequest,
    deadline: Deadline,
    token: string,
    stamps: Stamps,
  ): Promise<Landing> {
    const { text } = request;
    const entry = this.#space.entry(text);
    const renewal = setInterval(() => {
      this.#store.lease(entry, { token, leaseMs: LEASE_MS, seen: null, waitedFor: null, renew: true }).catch(() => {});
    }, LEASE_MS / 3);
    // What keeps the process alive is the load.
    renewal.unref();
    let loaded: Loaded;
    try {
      loaded = await this.#run(request, deadline);
    } catch (error) {
      this.#store
        .write(entry, { kind: 'release', token, reason: reasonOf(error) })
        .catch((trouble) => this.#part.trouble(trouble, text));
      throw error;
    } finally {
      clearInterval(renewal);
    }
    return this.#stored(flight, request, token, stamps, loaded);
  }

  async #stored(
    flight: Flight,
    request: LoadRequest,
    token: string,
    before: Stamps,
    { value, loadMs, tags, ttlMs }: Loaded,
  ): Promise<Landing> {
    const { text, call } = request;
    const entry = this.#space.entry(text);
    const release = { kind: 'release', token, reason: null } as const;
    let body: Landing['body'] = null;
    try {
      const stamps = tags.length === 0 ? before : await this.#withTags(before, tags, call);
      let write: Parameters<EntryStore['write']>[1] = release;
      if (value !== undefined && stamps !== null) {
        body = await this.#entries.body(value);
        const sealed = await this.#entries.sealed(body, token, stamps, loadMs, { ...call, ttlMs });
        // The stamps were taken for the `ttl` of the call: those of a value that lives longer have to, too.
        if (ttlMs > call.ttlMs) await this.#entries.capture([...call.tags, ...tags], sealed.ttlMs);
        write = { kind: 'fill', token, payload: sealed.payload, ttlMs: sealed.ttlMs };
      }
      // Who comes from now on looks for itself; for those who came before, it is seen once more that nothing was invalidated meanwhile.
      request.closed();
      const { joined } = flight;
      const stands = joined > 1 && stamps !== null ? this.#entries.stand(stamps) : stamps !== null;
      const [isOurs, isGood] = await Promise.all([this.#store.write(entry, write), stands]);
      return { value, body, goodFor: isOurs && isGood ? joined : 1 };
    } catch (error) {
      this.#part.trouble(error, text);
      this.#store.write(entry, release).catch(() => {});
      // Where the store is away nothing can be known; a value that it cannot hold is good all the same for those who asked first.
      return { value, body, goodFor: this.#breaker.error === null ? 1 : EVERYBODY };
    }
  }

  /** The stamps with those of tags that the load has named; null when one of them may have been invalidated since. */
  async #withTags(before: Stamps, tags: readonly string[], call: CallSettings): Promise<Stamps | null> {
    const further = tags.filter((tag) => !call.tags.includes(tag));
    if (further.length === 0) return before;
    const after = await this.#entries.capture(further, call.ttlMs + olderMs(call), before.clock);
    return after === null ? null : { ...before, tags: [...before.tags, ...after.tags] };
  }

  /** Without the store: one load for all of this process who ask meanwhile. */
  async #alone(request: LoadRequest, deadline: Deadline): Promise<Landing> {
    const { value } = await this.#run(request, deadline);
    const body = value === undefined ? null : await this.#copied(value);
    return { value, body, goodFor: EVERYBODY };
  }

  async #copied(value: unknown): Promise<Landing['body']> {
    try {
      return await this.#entries.body(value);
    } catch {
      return null;
    }
  }

  async #run({ text, load, call }: LoadRequest, deadline: Deadline): Promise<Loaded> {
    const controller = new AbortController();
    const tags: string[] = [];
    let ttlMs: number | null = null;
    const context = {
      signal: controller.signal,
      tag: (...names: readonly string[]) => void tags.push(...tagTexts(names)),
      ttl: (ttl: Duration) => {
        ttlMs = lifetime(ttl, 'ttl');
      },
    };
    const startedAt = performance.now();
    const loaded = (): Promise<unknown> =>
      new Promise<unknown>((resolve, reject) => {
        const stop = (): void => {
          const error = deadline.error('not-executed', this.#settings.prefix, 'the value was being loaded');
          controller.abort(error);
          reject(error);
        };
        deadline.listen(stop);
        if (deadline.ended) stop();
        else Promise.resolve(load(context)).then(resolve, reject);
      });
    try {
      const value = await this.#part.traced('load', loaded);
      deadline.listen(null);
      const loadMs = performance.now() - startedAt;
      this.#part.count('loads');
      this.#part.count('loadMs', loadMs);
      this.#part.tell('load', text, loadMs);
      return { value, loadMs, tags, ttlMs: ttlMs ?? call.ttlOf?.(value) ?? call.ttlMs };
    } catch (error) {
      this.#part.count('loadsFailed');
      this.#part.tell('loadFailed', text, error);
      throw error;
    }
  }

  #pause(milliseconds: number, deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(deadline.error('not-executed', this.#settings.prefix, 'another process was loading the value'));
      };
      const timer = setTimeout(() => {
        deadline.listen(null);
        resolve();
      }, milliseconds);
      deadline.listen(stop);
      if (deadline.ended) stop();
    });
  }
}

/** What is told to other processes of a load that failed: no message, which may hold what is not for them. */
function reasonOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return (
    String(typeof code === 'string' || typeof code === 'number' ? code : (name ?? 'Error')).slice(0, 60) || 'Error'
  );
}
