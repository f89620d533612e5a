import { type Issue, ValidationError } from '../errors/data.js';
import { describeValue } from '../util/describe.js';
import { type Bag, checkBag, runOptions, wholeNumber } from './check-options.js';
import type { IsolationLevel } from './ports.js';

const NAME = 'transaction';
const KNOWN: readonly string[] = ['isolation', 'readOnly', 'retries', 'signal', 'timeout'];
const LEVELS: readonly IsolationLevel[] = ['read committed', 'repeatable read', 'serializable'];

/** The options that `transaction` takes besides, on one engine. */
export interface OwnTransactionOptions {
  readonly names: readonly string[];
  check(bag: Bag, issues: Issue[]): void;
  /** Refuses what a transaction inside another one cannot have. */
  checkNested?(bag: Bag, issues: Issue[]): void;
}

/** The options of a transaction, checked. */
export interface TransactionSettings {
  readonly isolation: IsolationLevel | null;
  readonly readOnly: boolean | null;
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | null;
  /** What was given, with the engine's own options. */
  readonly bag: Bag;
}

/** @throws ValidationError with every problem by the name of the option */
export function transactionSettings(
  work: unknown,
  options: unknown,
  own: OwnTransactionOptions | undefined,
): TransactionSettings {
  const bag = checkBag(NAME, new Set([...KNOWN, ...(own?.names ?? [])]), options);
  const { signal, timeoutMs = null } = runOptions(NAME, bag);
  const { isolation = null, readOnly = null } = bag;
  const issues: Issue[] = [];
  if (typeof work !== 'function')
    issues.push({ path: '', message: 'needs a function, such as `async (tx) => { ... }`' });
  if (isolation !== null && !LEVELS.includes(isolation as IsolationLevel)) {
    const message = `must be ${LEVELS.map((each) => `'${each}'`).join(' or ')}, got ${describeValue(isolation)}`;
    issues.push({ path: 'isolation', message });
  }
  if (readOnly !== null && typeof readOnly !== 'boolean')
    issues.push({ path: 'readOnly', message: `must be true or false, got ${describeValue(readOnly)}` });
  const retries = wholeNumber(bag, 'retries', 0, issues) ?? 0;
  own?.check(bag, issues);
  if (issues.length > 0) throw new ValidationError(NAME, issues);
  return {
    isolation: isolation as IsolationLevel | null,
    readOnly: readOnly as boolean | null,
    retries,
    signal,
    timeoutMs,
    bag,
  };
}

/** What the transaction around gives is all that one inside can have. @throws ValidationError */
export function checkNested(
  inner: TransactionSettings,
  outer: { readonly isolation: IsolationLevel; readonly readOnly: boolean },
  own: OwnTransactionOptions | undefined,
): void {
  const issues: Issue[] = [];
  own?.checkNested?.(inner.bag, issues);
  if (inner.isolation !== null && LEVELS.indexOf(inner.isolation) > LEVELS.indexOf(outer.isolation)) {
    const message = `is '${outer.isolation}' in the transaction around this one: ask for '${inner.isolation}' there`;
    issues.push({ path: 'isolation', message });
  }
  if (inner.readOnly === false && outer.readOnly)
    issues.push({ path: 'readOnly', message: 'is true in the transaction around this one' });
  if (issues.length > 0) throw new ValidationError(NAME, issues);
}

/** @throws ValidationError when the engine has no level that gives as much. */
export function checkLevel(isolation: IsolationLevel, most: IsolationLevel, why: string): void {
  if (LEVELS.indexOf(isolation) <= LEVELS.indexOf(most)) return;
  throw new ValidationError(NAME, [{ path: 'isolation', message: `can be '${most}' at most: ${why}` }]);
}
