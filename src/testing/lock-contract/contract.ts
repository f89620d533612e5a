import { type ContractRunner, runContract } from '../contract.js';
import { acquiring } from './acquiring.js';
import { extending } from './extending.js';
import { fencing } from './fencing.js';
import type { LockContractCase, OpenedLocks } from './kit.js';
import { listening } from './listening.js';
import { locking } from './locking.js';
import { naming } from './naming.js';
import { releasing } from './releasing.js';

/** What `lockContract` needs. */
export interface LockContractOptions extends ContractRunner {
  /** Opens the store. Called once, by the first test. */
  readonly open: () => Promise<OpenedLocks>;
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
export function lockContract({ open, ...runner }: LockContractOptions): void {
  const opened = async () => {
    const subject = await open();
    return { subject, close: () => subject.close() };
  };
  runContract(CASES, runner, opened, 'store');
}
