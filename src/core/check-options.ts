import { type Issue, ValidationError } from '../errors/data.js';
import { isListQuery } from '../query/list-query.js';
import { isPlainObject } from '../query/parsing.js';
import { describeValue, typeName } from '../util/describe.js';
import { durationInsteadOf, millisecondsOf } from '../util/duration.js';
import { unknownName } from '../util/nearest.js';
import type { RunOptions } from './ports.js';

/** An option bag after its names were checked. */
export type Bag = Readonly<Record<string, unknown>>;

/** The options of a call that gave none. */
export const NO_OPTIONS: Bag = Object.freeze({});
const NO_RUN_OPTIONS: RunOptions = Object.freeze({});

const CALL = ['signal', 'timeout'];
const READ = [...CALL, 'deleted'];
const BY_ID = [...READ, 'select', 'reveal', 'include'];
const FIND_ONE = [...BY_ID, 'orderBy'];

/** Rows of a page, of a search and of `near`, unless told. */
export const DEFAULT_LIMIT = 20;

/** The options that each verb knows. */
export const KNOWN: Readonly<
  Record<
    | 'call'
    | 'count'
    | 'findById'
    | 'findOne'
    | 'find'
    | 'stream'
    | 'group'
    | 'near'
    | 'paginate'
    | 'paginateByCursor'
    | 'search'
    | 'write'
    | 'update'
    | 'updateOne'
    | 'delete'
    | 'many'
    | 'upsert'
    | 'upsertMany',
    ReadonlySet<string>
  >
> = {
  call: new Set(CALL),
  count: new Set(READ),
  findById: new Set(BY_ID),
  findOne: new Set(FIND_ONE),
  find: new Set([...FIND_ONE, 'limit', 'offset']),
  stream: new Set([...FIND_ONE, 'limit', 'offset', 'batch']),
  group: new Set([...READ, 'where', 'having', 'orderBy', 'limit', 'offset']),
  near: new Set([...BY_ID, 'where', 'minDistance', 'maxDistance', 'limit', 'offset']),
  paginate: new Set([...FIND_ONE, 'page', 'limit', 'count']),
  paginateByCursor: new Set([...FIND_ONE, 'limit', 'after', 'before']),
  search: new Set([...BY_ID, 'where', 'fields', 'limit', 'offset']),
  write: new Set([...CALL, 'reveal']),
  update: new Set([...CALL, 'reveal', 'version', 'fence']),
  updateOne: new Set([...CALL, 'reveal', 'orderBy']),
  delete: new Set([...CALL, 'reveal', 'fence']),
  many: new Set([...CALL, 'all']),
  upsert: new Set([...CALL, 'reveal', 'on']),
  upsertMany: new Set([...CALL, 'on']),
};

/** What a list of `parseListQuery` says besides and a read may leave alone. Of its `search` only `search` knows that it was given: dropping it would give other rows. */
const LEFT: ReadonlySet<string> = new Set(['where', 'orderBy', 'limit', 'offset', 'page', 'select']);

/** Refuses options that the verb does not know: a misspelt `limit` would read everything. */
export function checkBag(entity: string, known: ReadonlySet<string>, options: unknown): Bag {
  if (options === undefined) return NO_OPTIONS;
  if (!isPlainObject(options))
    throw new ValidationError(entity, [{ path: '', message: 'options must be a plain object' }]);
  const issues: Issue[] = [];
  // A write that dropped a limit would change more than the page.
  const isList = known.has('deleted') && isListQuery(options);
  for (const name of Object.keys(options)) {
    if (known.has(name) || (isList && (LEFT.has(name) || (name === 'search' && known === KNOWN.search)))) continue;
    issues.push({ path: name, message: unknownName(name, known, 'is no option of this verb', 'it takes') });
  }
  if (issues.length > 0) throw new ValidationError(entity, issues);
  return options;
}

/** The list that a verb of many rows was given. @throws ValidationError */
export function listOf(entity: string, given: unknown, what: string): readonly unknown[] {
  if (Array.isArray(given)) return given;
  throw new ValidationError(entity, [{ path: '', message: `must be given a list of ${what}, got ${typeName(given)}` }]);
}

/** A whole number from `least`, or undefined; adds an issue otherwise. */
export function wholeNumber(options: Bag, name: string, least: number, issues: Issue[]): number | undefined {
  const value = options[name];
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least))
    return value as number | undefined;
  issues.push({ path: name, message: `must be an integer from ${least}, got ${describeValue(value)}` });
  return undefined;
}

/** The limits of a call. @throws ValidationError */
export function runOptions(entity: string, options: Bag): RunOptions {
  const { signal, timeout } = options;
  if (signal === undefined && timeout === undefined) return NO_RUN_OPTIONS;
  if (signal !== undefined && typeof (signal as AbortSignal).addEventListener !== 'function') {
    throw new ValidationError(entity, [{ path: 'signal', message: 'must be an AbortSignal' }]);
  }
  return {
    signal: signal as AbortSignal | undefined,
    timeoutMs: timeout === undefined ? undefined : milliseconds(entity, timeout),
  };
}

function milliseconds(entity: string, timeout: unknown): number {
  const read = millisecondsOf(timeout);
  if (read === null)
    throw new ValidationError(entity, [{ path: 'timeout', message: `must be ${durationInsteadOf(timeout)}` }]);
  return read;
}
