import type { PoolHolder } from '../errors/pool.js';
import { ConnectionError } from '../errors/runtime.js';
import type { Session } from './session.js';

interface Holding {
  readonly since: number;
  readonly stack: string | undefined;
  readonly timer: NodeJS.Timeout | undefined;
}

const FRAMES = 40;

/** Who has a connection, the oldest first. With a limit, those that are out for longer are told of, with the place where they were taken. */
export class Holders {
  readonly #out = new Map<Session, Holding>();
  readonly #resource: string;
  readonly #limitMs: number | null;
  readonly #leaked: (error: Error) => void;

  constructor(resource: string, limitMs: number | null, leaked: (error: Error) => void) {
    this.#resource = resource;
    this.#limitMs = limitMs;
    this.#leaked = leaked;
  }

  get size(): number {
    return this.#out.size;
  }

  /** The place of the call that asks for a connection, where leaks are looked for: it has to be taken before anything is waited for. */
  place(): string | undefined {
    if (this.#limitMs === null) return undefined;
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES;
    const { stack = '' } = new Error('here');
    Error.stackTraceLimit = stackTraceLimit;
    return stack.split('\n').slice(2).join('\n');
  }

  add(session: Session, stack: string | undefined): void {
    const timer = this.#limitMs === null ? undefined : setTimeout(() => this.#tell(session), this.#limitMs).unref();
    this.#out.set(session, { since: performance.now(), stack, timer });
  }

  delete(session: Session): void {
    clearTimeout(this.#out.get(session)?.timer);
    this.#out.delete(session);
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#out.keys();
  }

  /** The one that is out for the longest time. */
  get oldest(): PoolHolder | undefined {
    const first = this.#out.values().next().value;
    if (first === undefined) return undefined;
    return { heldMs: performance.now() - first.since, ...(first.stack !== undefined && { stack: first.stack }) };
  }

  #tell(session: Session): void {
    const holding = this.#out.get(session);
    if (holding === undefined) return;
    const held = Math.round(performance.now() - holding.since);
    this.#leaked(
      new ConnectionError(
        `A connection of ${this.#resource} is out for ${held} ms: it leaks, or what has it is slow. It was taken here:\n${holding.stack}`,
        { resource: this.#resource, outcome: 'unknown', elapsedMs: held },
      ),
    );
  }
}
