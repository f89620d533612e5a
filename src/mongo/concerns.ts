import { AsyncLocalStorage } from 'node:async_hooks';
import { type Issue, ValidationError } from '../errors/data.js';
import { describeValue } from '../util/describe.js';
import { type Duration, durationInsteadOf, millisecondsOf } from '../util/duration.js';
import { unknownName } from '../util/nearest.js';
import type { Document } from './client.js';

/** What reads may see, as the server calls it. */
export type MongoReadConcern = 'local' | 'available' | 'majority' | 'linearizable' | 'snapshot';
/** Which servers are asked, as the driver calls it. */
export type MongoReadPreference = 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest';

/** When a write counts as done. */
export interface MongoWriteConcern {
  /** How many servers, or a majority of them, must have it. @minimum 1 */
  readonly w: 'majority' | number;
  /** Whether it must be in their journals. @default the server's */
  readonly journal?: boolean | undefined;
  /** Longest wait for the servers, then `QueryError` with `outcome: 'unknown'`: the write stays on those that have it. @default the call's timeout */
  readonly timeout?: Duration | undefined;
}

/** What `with` gives to each call. */
export interface MongoConcernOptions {
  /** What reads may see. @default the client's, else the server's */
  readonly readConcern?: MongoReadConcern | undefined;
  /** Which servers reads may ask. One that is not the primary may be behind. @default the client's, else 'primary' */
  readonly readPreference?: MongoReadPreference | undefined;
  /** When writes count as done: `w`, or all of it. @default the client's, else the server's, a majority */
  readonly writeConcern?: MongoWriteConcern | MongoWriteConcern['w'] | undefined;
}

/** Checked, as the server's commands take them. */
export interface Concerns {
  readonly readConcern?: Document;
  readonly readPreference?: MongoReadPreference;
  readonly writeConcern?: Document;
}

/** Of a call that asks for nothing besides. */
export const NO_CONCERNS: Concerns = Object.freeze({});

const LEVELS: readonly unknown[] = [
  'local',
  'available',
  'majority',
  'linearizable',
  'snapshot',
] satisfies MongoReadConcern[];
const MODES: readonly unknown[] = [
  'primary',
  'primaryPreferred',
  'secondary',
  'secondaryPreferred',
  'nearest',
] satisfies MongoReadPreference[];
const KNOWN = ['readConcern', 'readPreference', 'writeConcern'] as const;
const WRITE_KNOWN: readonly string[] = ['w', 'journal', 'timeout'];

/** @throws ValidationError with every problem by the name of the option */
function parseConcerns(subject: string, options: unknown): Concerns {
  const issues: Issue[] = [];
  if (typeof options !== 'object' || options === null)
    throw new ValidationError(subject, [{ path: '', message: "needs options, such as `{ readConcern: 'majority' }`" }]);
  for (const name of Object.keys(options)) {
    if (!(KNOWN as readonly string[]).includes(name))
      issues.push({ path: name, message: unknownName(name, KNOWN, 'is no option of `with`') });
  }
  const { readConcern, readPreference, writeConcern } = options as Record<(typeof KNOWN)[number], unknown>;
  const level = parseLevel(readConcern, LEVELS, issues);
  if (readPreference !== undefined) oneOf('readPreference', readPreference, MODES, issues);
  const write = parseWriteConcern(writeConcern, issues);
  if (issues.length > 0) throw new ValidationError(subject, issues);
  return {
    ...(level !== undefined && { readConcern: level }),
    ...(readPreference !== undefined && { readPreference: readPreference as MongoReadPreference }),
    ...(write !== undefined && { writeConcern: write }),
  };
}

/** The calls of a transaction have what it was begun with. @throws ValidationError */
function refuseConcerns(subject: string, concerns: Concerns): void {
  const names = Object.keys(concerns);
  if (names.length === 0) return;
  const message = 'is the transaction’s for every call in it: give it to `transaction`, or call inside `detached()`';
  throw new ValidationError(
    subject,
    names.map((path) => ({ path, message })),
  );
}

/** A read concern as commands take it; adds an issue for another. */
export function parseLevel(value: unknown, levels: readonly unknown[], issues: Issue[]): Document | undefined {
  if (value === undefined) return undefined;
  oneOf('readConcern', value, levels, issues);
  return { level: value };
}

/** A write concern as commands take it; adds an issue for all that is wrong. */
export function parseWriteConcern(value: unknown, issues: Issue[]): Document | undefined {
  if (value === undefined) return undefined;
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { w: value };
  const before = issues.length;
  for (const name of Object.keys(given)) {
    if (WRITE_KNOWN.includes(name)) continue;
    issues.push({ path: `writeConcern.${name}`, message: unknownName(name, WRITE_KNOWN, 'is no part of it') });
  }
  const { w, journal, timeout } = given;
  // Without an answer nothing could be said about what was written.
  if (w !== 'majority' && !(Number.isSafeInteger(w) && (w as number) >= 1))
    issues.push({
      path: 'writeConcern',
      message: `must be 'majority' or a number of servers from 1, got ${describeValue(w)}`,
    });
  if (journal !== undefined && typeof journal !== 'boolean')
    issues.push({ path: 'writeConcern.journal', message: `must be true or false, got ${describeValue(journal)}` });
  const wtimeout = timeout === undefined ? undefined : milliseconds(timeout, issues);
  if (issues.length > before) return undefined;
  return {
    w,
    ...(journal !== undefined && { j: journal }),
    ...(wtimeout !== undefined && { wtimeout }),
  };
}

function milliseconds(timeout: unknown, issues: Issue[]): number | undefined {
  const read = millisecondsOf(timeout);
  if (read === null) issues.push({ path: 'writeConcern.timeout', message: `must be ${durationInsteadOf(timeout)}` });
  return read ?? undefined;
}

function oneOf(path: string, value: unknown, choices: readonly unknown[], issues: Issue[]): void {
  if (choices.includes(value)) return;
  const message = `must be ${choices.map((each) => `'${each}'`).join(' or ')}, got ${describeValue(value)}`;
  issues.push({ path, message });
}

/** A write concern for the driver's own methods, which name its parts in another way than the server. */
export function forDriver(concern: Document | undefined): { readonly writeConcern?: Document } {
  if (concern === undefined) return {};
  const { wtimeout, ...rest } = concern;
  return { writeConcern: { ...rest, ...(wtimeout !== undefined && { wtimeoutMS: wtimeout }) } };
}

/** Concerns as they are sent, and as they were given. */
interface Asked {
  readonly concerns: Concerns;
  readonly options: MongoConcernOptions;
}

const NOTHING_ASKED: Asked = { concerns: NO_CONCERNS, options: {} };

/** What the calls of one database are asked besides, by the context that they are made in. */
export class AskedConcerns {
  /** Made by the first `with`: until then a call pays nothing for it. */
  #storage: AsyncLocalStorage<Asked> | null = null;

  /** Runs work whose calls are read and written as `options` say, and as those around say. */
  with(subject: string, options: MongoConcernOptions): <T>(work: () => T) => T {
    this.#storage ??= new AsyncLocalStorage();
    const storage = this.#storage;
    const around = storage.getStore();
    const concerns = { ...around?.concerns, ...parseConcerns(subject, options) };
    const asked = { concerns, options: { ...around?.options, ...options } };
    return (work) => storage.run(asked, work);
  }

  /**
   * Runs a transaction that a verb makes by itself: it takes over the write concern that its verb was asked with, and its calls have none
   * of their own.
   */
  handOver<T>(transact: (options: Pick<MongoConcernOptions, 'writeConcern'>) => T): T {
    const asked = this.#storage?.getStore();
    if (asked === undefined) return transact({});
    const { writeConcern } = asked.options;
    return this.#storage!.run(NOTHING_ASKED, () => transact(writeConcern === undefined ? {} : { writeConcern }));
  }

  /** Those of a call; one that joins a transaction has none. @throws ValidationError */
  of(subject: string, inTransaction: boolean): Concerns {
    const concerns = this.#storage?.getStore()?.concerns ?? NO_CONCERNS;
    if (inTransaction) refuseConcerns(subject, concerns);
    return concerns;
  }
}
