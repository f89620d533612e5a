import { acquiring } from './acquiring.js';
import { extending } from './extending.js';
import { fencing } from './fencing.js';
import type { LockContractCase, OpenedLocks } from './kit.js';
import { listening } from './listening.js';
import { locking } from './locking.js';
import { naming } from './naming.js';
import { releasing } from './releasing.js';

/** What `lockContract` needs. */
export interface LockContractOptions {
  /** Registers a test: `it` of Vitest, Jest, Mocha or `node:test`. */
  readonly test: (name: string, body: () => Promise<void>) => unknown;
  /** Registers what runs when all tests are done: `afterAll`, or `after` of `node:test`. Without it, a last test closes the store. */
  readonly after?: ((body: () => Promise<void>) => unknown) | undefined;
  /** Opens the store. Called once, by the first test. */
  readonly open: () => Promise<OpenedLocks>;
  /** The rules that this store does not keep, and why. A name that is no rule is an error. @default none */
  readonly except?: Readonly<Record<string, string>> | undefined;
}

const CASES: readonly LockContractCase[] = [
  ...acquiring,
  ...fencing,
  ...releasing,
  ...extending,
  ...naming,
  ...listening,
  ...locking,
];

/** Every rule of the contract of lock stores, to be run by hand. */
export function lockContractCases(): readonly LockContractCase[] {
  return CASES;
}

/**
 * The rules that every store of locks keeps, a test each. It needs no particular test runner.
 *
 * @throws RangeError when `except` names something that is no rule.
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { MemoryLockStore } from 'trivet';
 * import { lockContract } from 'trivet/testing';
 *
 * lockContract({ test, open: async () => ({ store: new MemoryLockStore(), close: async () => {} }) });
 * ```
 */
export function lockContract({ test, after, open, except = {} }: LockContractOptions): void {
  const names = new Set(CASES.map((each) => each.name));
  const unknown = Object.keys(except).filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new RangeError(
      `\`except\` names what is no rule of the contract: ${unknown.map((name) => `"${name}"`).join(', ')}`,
    );
  let opened: Promise<OpenedLocks> | undefined;
  for (const { name, run } of CASES) {
    const reason = Object.hasOwn(except, name) ? except[name] : undefined;
    if (reason === undefined) test(name, async () => run(await (opened ??= open())));
    else test(`${name} (not on this store: ${reason})`, async () => {});
  }
  const close = async () => (await opened)?.close();
  if (after === undefined) test('the store closes', close);
  else after(close);
}
