import type { LockStore } from './port.js';
import type { Tenure } from './tenure.js';
import type { LockTime } from './time.js';
import { traceExtensions } from './traces.js';

/** What is used for extending locks. */
export interface Extending {
  readonly store: LockStore;
  readonly time: LockTime;
  readonly timeoutMs: number;
}

// A script blocks the server while it runs: so many locks are extended in well under a millisecond.
const MOST_AT_ONCE = 500;
const LEAST_TIMEOUT_MS = 100;

/** Extends them by one call of the store, and tells each what came of it. Rejects when the store did not answer. */
export async function extend({ store, time, timeoutMs }: Extending, tenures: readonly Tenure[]): Promise<void> {
  const sentAt = time.now();
  // Half of the time that is left, so that there is time for another try; but no connection is given up for being slow for a moment.
  const halfMs = Math.min(...tenures.map((each) => each.leftMs)) / 2;
  const locks = tenures.map(({ name, owner, ttlMs }) => ({ name, owner, ttlMs }));
  let answers: readonly boolean[];
  try {
    const asked = store.extend(locks, { timeoutMs: Math.min(timeoutMs, Math.max(LEAST_TIMEOUT_MS, halfMs)) });
    traceExtensions(store, tenures, asked);
    answers = await asked;
  } catch (error) {
    for (const each of tenures) each.failed(error);
    throw error;
  }
  tenures.forEach((each, i) => {
    if (answers[i] === true) each.extended(sentAt);
    else each.refused();
  });
}

/** Extends locks at half of their time, all that are due by one call: one timer, however many there are. */
export class Renewal {
  readonly #extending: Extending;
  readonly #tenures = new Set<Tenure>();
  #wakeAt = Number.POSITIVE_INFINITY;
  #stopTimer: () => void = () => {};

  constructor(extending: Extending) {
    this.#extending = extending;
  }

  add(tenure: Tenure): void {
    this.#tenures.add(tenure);
    this.#wakeBy(tenure.renewAt);
  }

  remove(tenure: Tenure): void {
    if (!this.#tenures.delete(tenure) || this.#tenures.size > 0) return;
    this.#stopTimer();
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  #wakeBy(moment: number): void {
    if (moment >= this.#wakeAt) return;
    this.#stopTimer();
    this.#wakeAt = moment;
    const { time } = this.#extending;
    this.#stopTimer = time.after(Math.max(0, moment - time.now()), () => this.#wake(), true);
  }

  #wake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = this.#extending.time.now();
    // Those that are due soon go along.
    const due = [...this.#tenures].filter((each) => !each.isOver && each.renewAt - each.ttlMs / 8 <= now);
    for (const each of due) each.renewAt = Number.POSITIVE_INFINITY;
    for (let i = 0; i < due.length; i += MOST_AT_ONCE) void this.#renew(due.slice(i, i + MOST_AT_ONCE));
    this.#schedule();
  }

  async #renew(tenures: readonly Tenure[]): Promise<void> {
    // What failed is known to each of them, and tried again until its time has passed.
    await extend(this.#extending, tenures).catch(() => {});
    this.#schedule();
  }

  #schedule(): void {
    let moment = Number.POSITIVE_INFINITY;
    for (const { renewAt } of this.#tenures) moment = Math.min(moment, renewAt);
    this.#wakeBy(moment);
  }
}
