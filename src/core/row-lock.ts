import type { Issue } from '../errors/data.js';
import type { LockStrength, RowLock } from '../query/command.js';
import { describeValue } from '../util/describe.js';
import { type Bag, KNOWN } from './check-options.js';

/** What a read takes where rows can be locked. */
export interface LockOptions {
  /**
   * Locks the rows that are found, to the end of the transaction. `'update'` keeps off everybody who would change or lock them, `'no key update'`
   * leaves those that only refer to them; `'share'` keeps off whoever would change them, `'key share'` whoever would delete them or change
   * their keys.
   * @default no lock
   */
  readonly lock?: LockStrength | undefined;
  /** Leaves out the rows that others have locked, instead of waiting: for workers that share a table of jobs. @default false */
  readonly skipLocked?: boolean | undefined;
  /** Throws `ConflictError` at once when others have locked a row, instead of waiting. @default false */
  readonly noWait?: boolean | undefined;
}

const NAMES: readonly (keyof LockOptions)[] = ['lock', 'skipLocked', 'noWait'];
const STRENGTHS: readonly unknown[] = ['update', 'no key update', 'share', 'key share'] satisfies LockStrength[];

/** The options of the verbs that can lock what they read: for the repository of an engine that has row locks. */
export const LOCKING: ReadonlyMap<ReadonlySet<string>, ReadonlySet<string>> = new Map(
  [KNOWN.findById, KNOWN.findOne, KNOWN.find].map((known) => [known, new Set([...known, ...NAMES])]),
);

/** The lock that a read asks for, or undefined. */
export function parseLock(options: Bag, issues: Issue[]): RowLock | undefined {
  const { lock, skipLocked = false, noWait = false } = options;
  const before = issues.length;
  if (lock !== undefined && !STRENGTHS.includes(lock)) {
    const message = `must be ${STRENGTHS.map((each) => `'${each}'`).join(' or ')}, got ${describeValue(lock)}`;
    issues.push({ path: 'lock', message });
  }
  for (const [path, value] of Object.entries({ skipLocked, noWait })) {
    if (typeof value !== 'boolean')
      issues.push({ path, message: `must be true or false, got ${describeValue(value)}` });
    else if (value && lock === undefined)
      issues.push({ path, message: "says what a lock does: give `lock: 'update'` or another one with it" });
  }
  if (skipLocked === true && noWait === true)
    issues.push({ path: 'noWait', message: 'must not be given together with `skipLocked`' });
  if (lock === undefined || issues.length > before) return undefined;
  return {
    strength: lock as LockStrength,
    onLocked: skipLocked === true ? 'skip' : noWait === true ? 'fail' : 'wait',
  };
}

/** Part of the shape of a find; empty without a lock. */
export function shapeOfLock(lock: RowLock | undefined): string {
  return lock === undefined ? '' : `|for ${lock.strength} ${lock.onLocked}`;
}
