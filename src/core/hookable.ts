import { modelOf } from '../schema/entity.js';
import type { AnyEntity, Change, Insert } from '../schema/types.js';
import { type Clock, systemClock } from '../util/clock.js';
import { refuseUnknown } from './engine-options.js';
import { Executor } from './executor.js';
import type { DeleteContext, DeleteEvent, HookContext, WriteEvent } from './hook-types.js';
import { Hooks } from './hooks.js';
import type { Middleware } from './middleware.js';
import type { Database, Transaction } from './ports.js';
import type { OwnOptions } from './prepare.js';

/** Settings of a repository. */
export interface RepositoryOptions {
  /** Where `createdAt`, `updatedAt`, `deletedAt` and new ids take the time from. @default the system's clock */
  readonly clock?: Clock | undefined;
  /**
   * Signs the cursors of `paginateByCursor` (HMAC-SHA-256), at least 16 bytes: a cursor that was changed, or made elsewhere, is
   * refused. Every process that shares cursors needs the same key. @default cursors are not signed
   */
  readonly cursorKey?: string | Uint8Array | undefined;
  /** What every command of this repository goes through on its way to the database, in this order. @default nothing */
  readonly use?: readonly Middleware[] | undefined;
}

const KNOWN: ReadonlySet<string> = new Set<keyof RepositoryOptions>(['clock', 'cursorKey', 'use']);

/**
 * What a subclass may do around its writes: it overrides these methods. One that is not overridden costs nothing.
 *
 * The order of a write: the caller's input is checked with all its rules; `beforeInsert` or `beforeUpdate` runs, and then `beforeSave`, each with the
 * change as the one before gave it; types and presence are checked again, but no other rule, so that a hash may be longer than the password; the
 * command runs; `afterWrite` runs. What the server itself keeps holds to the end: the bounds of a field that is not hidden, what is unique.
 *
 * A hook is given the values that the call names and no others, canonical (trimmed, lower-cased): what the call leaves alone no
 * hook sees. `insertMany` runs the hooks for one draft after the other, `updateMany` once with its patch, `upsert` for both its
 * parts, `getOrInsert` only when it did not find the row. A call that changes nothing (an empty patch) runs none. A soft deletion is a
 * deletion and no update, `restore` has no hook but `afterWrite`. `upsertMany`, `updateEach` and `bulk` run them for one row after the
 * other, in their transaction: with hooks, rows do not travel together.
 */
export abstract class Hookable<E extends AnyEntity> {
  /** Tells generic code that this is a repository, without comparing the whole class. */
  declare readonly '~repository': true;
  readonly database: Database<E['~engines']>;
  readonly entity: E;
  /** @internal */
  protected readonly '~calls': Executor;

  constructor(database: Database<E['~engines']>, entity: E, options: RepositoryOptions = {}) {
    // A misspelt `use` would leave a repository without its scope.
    refuseUnknown(options, KNOWN);
    const model = modelOf(entity);
    this.database = database;
    this.entity = entity;
    const { clock = systemClock, cursorKey, use } = options;
    const { '~computed': computed } = entity;
    this['~calls'] = new Executor(database, model, computed, clock, cursorKey, use, this['~own']());
  }

  /** @internal The options that verbs take besides, in the repository of one engine. */
  protected '~own'(): OwnOptions | undefined {
    return undefined;
  }

  #hooks: Hooks | null | undefined;

  /** @internal The hooks that a subclass overrides. Looked for at the first write: fields of a subclass are there by then. */
  protected get '~hooks'(): Hooks | null {
    if (this.#hooks === undefined) this.#hooks = Hooks.of(this, Hookable.prototype, this['~calls']);
    return this.#hooks;
  }

  /**
   * Before a draft is stored. Gives the draft, changed or not: here a `generated()` field gets its value.
   *
   * @example
   * ```ts
   * import { entity, type Insert, Repository, text, uuid } from 'trivet';
   *
   * const Post = entity('posts', { id: uuid().primaryKey(), title: text().max(200), slug: text().max(200).generated() });
   * class Posts extends Repository<typeof Post> {
   *   protected override beforeInsert(draft: Insert<typeof Post>) {
   *     return { slug: draft.title.toLowerCase().replaceAll(' ', '-'), ...draft };
   *   }
   * }
   * ```
   */
  protected beforeInsert(draft: Insert<E>, _context: HookContext<E>): Insert<E> | Promise<Insert<E>> {
    return draft;
  }

  /** Before a patch is carried out. Gives the patch, changed or not, with plain values; its operators are in the context. */
  protected beforeUpdate(change: Change<E>, _context: HookContext<E>): Change<E> | Promise<Change<E>> {
    return change;
  }

  /**
   * Before a draft is stored or a patch is carried out, behind `beforeInsert` and `beforeUpdate`. Gives the change, changed or not.
   *
   * @example
   * ```ts
   * import { randomBytes, scryptSync } from 'node:crypto';
   * import { type Change, entity, Repository, text, uuid } from 'trivet';
   *
   * function hash(password: string): string {
   *   const salt = randomBytes(16);
   *   return `${salt.toString('hex')}:${scryptSync(password, salt, 32).toString('hex')}`;
   * }
   * const User = entity('users', { id: uuid().primaryKey(), password: text().min(8).max(40).hidden() });
   * class Users extends Repository<typeof User> {
   *   protected override beforeSave(change: Change<typeof User>) {
   *     return change.password ? { ...change, password: hash(change.password) } : change;
   *   }
   * }
   * ```
   */
  protected beforeSave(change: Change<E>, _context: HookContext<E>): Change<E> | Promise<Change<E>> {
    return change;
  }

  /**
   * After a write and in one transaction with it: when it throws, nothing is stored. `tx.afterCommit` is for what must not happen before.
   * A single MongoDB server has no transactions: there it runs after the write, which stays.
   */
  protected afterWrite(_event: WriteEvent<E>, _tx: Transaction): void | Promise<void> {}

  /** Before rows are deleted, softly or for good, in one transaction with it. It refuses by throwing. */
  protected beforeDelete(_context: DeleteContext<E>): void | Promise<void> {}

  /** After rows were deleted, softly or for good, in one transaction with it: when it throws, they stay. */
  protected afterDelete(_event: DeleteEvent<E>, _tx: Transaction): void | Promise<void> {}
}
