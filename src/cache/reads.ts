import { refuseUnknown } from '../core/engine-options.js';
import { type CommandCall, last, type Middleware, type Next } from '../core/middleware.js';
import { isRead } from '../core/transaction-scope.js';
import type { Outcome } from '../errors/error.js';
import { AbortedError } from '../errors/runtime.js';
import type { ReadCommand, WriteCommand } from '../query/command.js';
import type { Duration } from '../util/duration.js';
import { lifetime } from './lifetime.js';
import type { CacheManager } from './manager.js';
import { keyOfRead, pinnedKeys, queriesTag, rowsTag, rowTag, tagsOfWrite } from './reads-keys.js';
import { thawed } from './thaw.js';

/** How long the rows of each kind of read are kept. A kind that is not named is not cached. */
export interface CacheReadsOptions {
  /** Reads of rows by their key: `findById`, `get`, and rows that a relation looks up. */
  readonly findById?: Duration | undefined;
  /** Reads of rows by anything else: `find`, `findOne`, pages, and the lists of relations. */
  readonly find?: Duration | undefined;
  readonly count?: Duration | undefined;
  readonly exists?: Duration | undefined;
  readonly distinct?: Duration | undefined;
  readonly groupBy?: Duration | undefined;
  readonly search?: Duration | undefined;
  readonly near?: Duration | undefined;
  /** How long after that rows are still given, while they are read again behind. @default what the cache has */
  readonly stale?: Duration | undefined;
  /** Whether rows are kept that hold `hidden()` fields, because a call reveals them. @default false */
  readonly hidden?: boolean | undefined;
}

const TIMES = ['findById', 'find', 'count', 'exists', 'distinct', 'groupBy', 'search', 'near', 'stale'] as const;
const KNOWN: ReadonlySet<string> = new Set([...TIMES, 'hidden']);

/** Somebody else's abort ends no call of ours; one that is ended so again and again reads by itself. */
const MOST_TRIES = 3;

/**
 * Middleware that keeps what is read in a cache: `new Repository(database, User, { use: [cacheReads(cache, { findById: '5m' })] })`. Writes through the
 * repository take away what they may have changed: after they are done, inside a transaction after it has committed. Every repository of an entity must
 * have it, and with the same cache.
 *
 * It is the last of `use`: rows are kept as they were asked for by then, so that what `scopedBy` leaves to one tenant is given to no other.
 *
 * Inside a transaction nothing is given from the cache: what it reads is of one moment. Reads that lock rows, streams, and rows with hidden fields pass by
 * it. It cannot see what is written past the repositories (`sql`, `query`, `aggregate`, other programs, triggers, cascading deletes): call
 * `cache.invalidateTags(...entityTags(User))` then. Databases that have entities of the same name need a cache, or a `namespace`, each.
 *
 * @throws TypeError when an option is not what was expected; a repository, when it is not the last of its `use`
 * @example
 * ```ts
 * import { CacheManager, cacheReads, entity, MemoryDatabase, MemoryStore, Repository, text, uuid } from 'trivet';
 *
 * const cache = new CacheManager(new MemoryStore());
 * const User = entity('users', { id: uuid().primaryKey(), name: text() });
 * const users = new Repository(new MemoryDatabase(), User, { use: [cacheReads(cache, { findById: '5m', find: '30s' })] });
 * const { id } = await users.insert({ name: 'Ann' });
 * await users.findById(id);
 * await users.findById(id); // from the cache
 * await users.update(id, { name: 'Bob' }); // no more
 * ```
 */
export function cacheReads(cache: CacheManager, options: CacheReadsOptions): Middleware {
  refuseUnknown(options, KNOWN);
  for (const name of TIMES) {
    const time = options[name];
    if (time !== undefined) lifetime(time, name);
  }
  return last('cacheReads', async (command, next, call) => {
    if (command.kind === 'ensureSchema') return next(command);
    if (!isRead(command)) return written(cache, command as WriteCommand, next, call);
    const read = command as ReadCommand;
    const keys = pinnedKeys(read);
    const ttl = ttlOf(read, keys !== null, options);
    if (ttl === undefined || call.stream || call.transaction !== null || !isKept(read, options.hidden === true))
      return next(command);
    return kept(cache, read, keys, ttl, options.stale, next, call);
  });
}

function ttlOf(command: ReadCommand, isByKey: boolean, options: CacheReadsOptions): Duration | undefined {
  if (command.kind === 'find') return isByKey ? options.findById : options.find;
  return command.kind === 'group' ? options.groupBy : options[command.kind];
}

function isKept(command: ReadCommand, keepsHidden: boolean): boolean {
  if (command.kind === 'find') {
    // Marks of microseconds are no part of what a codec stores.
    if (command.lock !== undefined || command.exactTimes === true) return false;
  }
  const select = 'select' in command ? command.select : [];
  return keepsHidden || !select.some(({ hidden }) => hidden);
}

async function kept(
  cache: CacheManager,
  command: ReadCommand,
  keys: readonly string[] | null,
  ttl: Duration,
  stale: Duration | undefined,
  next: Next,
  { signal }: CommandCall,
): Promise<unknown> {
  const { name } = command.entity;
  const tags = keys === null ? [queriesTag(name)] : [rowsTag(name), ...keys.map((key) => rowTag(name, key))];
  const key = keyOfRead(command);
  for (let tries = 1; tries < MOST_TRIES; tries++) {
    try {
      return thawed(await cache.getOrSet<unknown>(key, () => next(command), { ttl, stale, tags, signal }));
    } catch (error) {
      // The read that was waited for was another caller's, who gave up.
      if (!(error instanceof AbortedError) || signal?.aborted === true) throw error;
    }
  }
  return next(command);
}

/** Carries out a write, and takes away what it may have changed: also when it is not known whether it was executed. */
async function written(
  cache: CacheManager,
  command: WriteCommand,
  next: Next,
  { transaction }: CommandCall,
): Promise<unknown> {
  let result: unknown;
  let failure: { readonly error: unknown } | null = null;
  try {
    result = await next(command);
  } catch (error) {
    failure = { error };
    const { outcome } = error as { readonly outcome?: Outcome };
    if (outcome === 'not-executed') throw error;
  }
  const tags = tagsOfWrite(command, result);
  // It fails where the store does not answer; then it is done when it does, and the cache has told of it. The write is done.
  const invalidate = (): Promise<void> => cache.invalidateTags(...tags).catch(() => {});
  if (transaction === null) await invalidate();
  else transaction.afterCommit(invalidate, { evenIfUnknown: true });
  if (failure !== null) throw failure.error;
  return result;
}
