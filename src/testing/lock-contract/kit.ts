import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Locks } from '../../cache/lock/locks.js';
import type { LocksOptions } from '../../cache/lock/options.js';
import type { LockCall, LockStore } from '../../cache/lock/port.js';
import type { LockTime } from '../../cache/lock/time.js';
import type { Rule } from '../contract.js';

/** A store to be tested, and its time. */
export interface OpenedLocks {
  readonly store: LockStore;
  /** Lets so much time of the store pass. @default waits for it */
  readonly elapse?: ((milliseconds: number) => Promise<void>) | undefined;
  /** The time that `elapse` lets pass, for the locks over the store. @default the time of the process */
  readonly time?: LockTime | undefined;
  close(): Promise<void>;
}

/** One rule and how to see that a store keeps it. Cases have names of their own for their locks: they can run on a store that is in use. */
export type LockContractCase = Rule<OpenedLocks>;

export const CALL: LockCall = { timeoutMs: 10_000 };
/** A time in which no test ends. */
export const LONG = 60_000;
/** A time that tests let pass; long enough for a slow machine to do something within it. */
export const SHORT = 1_000;

/** Names a rule and the body that checks it. */
export function law(name: string, body: (given: Given) => Promise<void>): LockContractCase {
  return { name, run: (opened) => body(new Given(opened)) };
}

/** What a case starts from. */
export class Given {
  readonly store: LockStore;
  readonly #opened: OpenedLocks;

  constructor(opened: OpenedLocks) {
    this.store = opened.store;
    this.#opened = opened;
  }

  /** A text that is used nowhere else: a name of a lock, or an owner. */
  fresh(): string {
    return `contract:${randomUUID()}`;
  }

  /** What another process would have over the same store. */
  locks(options: LocksOptions = {}): Locks {
    return new Locks(this.store, { timeout: '10s', time: this.#opened.time, ...options });
  }

  elapse(milliseconds: number): Promise<void> {
    const { elapse = wait } = this.#opened;
    return elapse(milliseconds);
  }

  /** Lets a time pass that a lock was taken for, and the rounding of either side. */
  outlive(ttlMs: number): Promise<void> {
    return this.elapse(ttlMs + 20);
  }

  /** Lets time pass until the work is done: a store need not tell those who wait, who ask again in their own time. */
  async passing<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    work.then(end, end);
    while (!isDone) await this.elapse(20);
    return work;
  }

  /** Takes a lock that must be free; gives its fence. */
  async take(name: string, owner: string, ttlMs: number = LONG): Promise<bigint> {
    const { fence, leftMs } = await this.store.acquire(name, owner, ttlMs, CALL);
    assert.equal(leftMs, undefined, 'the lock should have been free');
    assert.equal(typeof fence, 'bigint', 'the fence is no bigint');
    return fence!;
  }

  /** Sees that a lock is held; gives the time that is left of it. */
  async held(name: string): Promise<number> {
    const { fence, leftMs } = await this.store.acquire(name, this.fresh(), LONG, CALL);
    assert.equal(fence, undefined, 'the lock should have been held');
    assert.equal(typeof leftMs, 'number', 'the time that is left is no number');
    return leftMs!;
  }

  async free(name: string): Promise<void> {
    const owner = this.fresh();
    await this.take(name, owner);
    assert.equal(await this.release(name, owner), true, 'the lock could not be released');
  }

  release(name: string, owner: string): Promise<boolean> {
    return this.store.release(name, owner, CALL);
  }

  async extend(name: string, owner: string, ttlMs: number = LONG): Promise<boolean> {
    const answers = await this.store.extend([{ name, owner, ttlMs }], CALL);
    assert.equal(answers.length, 1, 'there is not one answer for one lock');
    return answers[0]!;
  }

  /** Waits until it is so; what a store tells comes in its own time. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      assert.ok(performance.now() < end, what);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

// Only a store that breaks a rule lets it pass.
const PATIENCE_MS = 5_000;

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Expects the error class; gives the error. */
export async function fails<E extends Error>(
  work: Promise<unknown>,
  expected: abstract new (...values: any[]) => E,
): Promise<E> {
  const result = await work.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  assert.ok(result !== null, `Expected ${expected.name}, but the call did not fail`);
  const { error } = result;
  assert.ok(error instanceof expected, `Expected ${expected.name}, got ${String((error as Error)?.stack ?? error)}`);
  return error;
}
