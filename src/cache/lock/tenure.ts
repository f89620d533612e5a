import { LockLostError } from '../../errors/lock.js';
import type { LockStore } from './port.js';
import { heldUntil, type LockTime } from './time.js';
import { traceLoss } from './traces.js';

/** What an acquisition begins with. */
export interface TenureDetails {
  readonly name: string;
  readonly owner: string;
  readonly fence: bigint;
  readonly ttlMs: number;
  /** When the request for it was sent: what the store counts began later. */
  readonly sentAt: number;
  readonly time: LockTime;
  readonly store: LockStore;
  /** Called once, when it was lost or given back. */
  readonly ended: () => void;
}

/** One acquisition of one lock, from its reply to its end. It knows by the clock alone until when it is held, whatever the store does. */
export class Tenure {
  readonly name: string;
  readonly owner: string;
  readonly fence: bigint;
  readonly ttlMs: number;
  readonly #details: TenureDetails;
  readonly #controller = new AbortController();
  /** When it is to be extended; infinite while that is under way. */
  renewAt: number;
  #until: number;
  #lost: LockLostError | null = null;
  #isOver = false;
  #trouble: unknown;
  #stopTimer: () => void = () => {};

  constructor(details: TenureDetails) {
    this.name = details.name;
    this.owner = details.owner;
    this.fence = details.fence;
    this.ttlMs = details.ttlMs;
    this.#details = details;
    this.renewAt = details.sentAt + details.ttlMs / 2;
    this.#until = heldUntil(details.sentAt, details.ttlMs);
    this.#watch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Not above zero when it is not held any more. */
  get leftMs(): number {
    return this.#lost === null ? this.#until - this.#details.time.now() : 0;
  }

  /** Whether it was lost or given back; looks at the clock, because a blocked event loop delays every timer. */
  get isOver(): boolean {
    if (!this.#isOver && this.leftMs <= 0) this.#lose('its time passed, and it was not extended');
    return this.#isOver;
  }

  /** Why it is not held; null when it is. */
  get loss(): LockLostError | null {
    if (!this.isOver) return null;
    return this.#lost ?? this.lossOf('it was released before');
  }

  /** The store extended it, asked at `sentAt`. An answer that comes after its time has passed brings nothing back. */
  extended(sentAt: number): void {
    if (this.isOver) return;
    this.#until = Math.max(this.#until, heldUntil(sentAt, this.ttlMs));
    this.renewAt = sentAt + this.ttlMs / 2;
    this.#trouble = undefined;
  }

  /** The store does not know it any more. */
  refused(): void {
    if (!this.isOver) this.#lose('the store has it no more, or as that of another');
  }

  /** The store did not answer: it is held as long as it was. */
  failed(error: unknown): void {
    this.#trouble = error;
    this.renewAt = this.#details.time.now() + Math.max(LEAST_PAUSE_MS, Math.min(this.ttlMs / 10, this.leftMs / 2));
  }

  /** It is given back. Its signal does not abort any more. */
  end(): void {
    if (this.isOver) return;
    this.#finish();
  }

  /** `done` holds what the work gave that is at its end. */
  lossOf(why: string, done?: { readonly result: unknown }): LockLostError {
    const { store, sentAt, time } = this.#details;
    return new LockLostError({
      lock: this.name,
      why,
      result: done?.result,
      outcome: done === undefined ? 'unknown' : 'executed',
      resource: store.name,
      elapsedMs: Math.round(time.now() - sentAt),
      cause: this.#trouble,
    });
  }

  #lose(why: string): void {
    this.#lost = this.lossOf(why);
    this.#finish();
    traceLoss(this.#details.store, this, this.#lost);
    this.#controller.abort(this.#lost);
  }

  #finish(): void {
    this.#isOver = true;
    this.#stopTimer();
    this.#details.ended();
  }

  /** Extensions move the end while the timer runs: it looks again when it comes. */
  #watch(): void {
    this.#stopTimer = this.#details.time.after(
      this.leftMs,
      () => {
        if (!this.isOver) this.#watch();
      },
      true,
    );
  }
}

const LEAST_PAUSE_MS = 5;
