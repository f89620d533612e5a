import { anyOf, DuplicateKeyError, type LockedWork, LockLostError, type Locks } from 'trivet';
import type { Repositories } from '../repositories.js';
import { type CheckedPost, checkedPosts, type PostToImport } from './import-drafts.js';

export interface ImportCounts {
  readonly inserted: number;
  /** Those that were there already. */
  readonly skipped: number;
}

export interface ImportOptions {
  /** Posts in one transaction: all of them are stored, or none. @default 100 */
  readonly batch?: number;
  /** Told after each batch what is done. The next one waits for it. */
  readonly progress?: (done: ImportCounts, total: number) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** An import came to an end before it was done. What is in `done` is stored; the same import again goes on behind it. */
export class ImportStoppedError extends Error {
  override readonly name = 'ImportStoppedError';
  readonly done: ImportCounts;

  constructor(done: ImportCounts, cause: unknown) {
    super(`The import has stopped after ${done.inserted + done.skipped} posts`, { cause });
    this.done = done;
  }
}

const LOCK = 'import:posts';
/** How often a batch is tried when somebody takes a slug of ours meanwhile: a conflict, or a duplicate where the engine sees it only then. */
const MOST_ATTEMPTS = 3;

/**
 * Brings posts in from elsewhere: one import at a time, wherever the processes of the service are.
 *
 * The lock saves work that would be done twice. What keeps the data right is its fence: each batch writes it to one row, in the transaction
 * of the batch, and the database refuses an older one. Who has lost the lock without knowing it stores nothing more.
 */
export class Importing {
  readonly #repositories: Repositories;
  readonly #locks: Locks;
  readonly #changed: () => Promise<void>;

  /** `changed` is told when there are new posts, of whichever authors. */
  constructor(repositories: Repositories, locks: Locks, changed: () => Promise<void> = async () => {}) {
    this.#repositories = repositories;
    this.#locks = locks;
    this.#changed = changed;
  }

  /**
   * @throws ValidationError that names every draft that does not fit, before anything is stored; LockContendedError while another import
   * is at work; ImportStoppedError when the lock is lost on the way, or a batch fails
   */
  async importPosts(drafts: readonly PostToImport[], options: ImportOptions = {}): Promise<ImportCounts> {
    const { batch = 100, progress, signal } = options;
    const posts = await checkedPosts(drafts, this.#repositories.users);
    const work = async (lock: LockedWork): Promise<ImportCounts> => {
      let done: ImportCounts = { inserted: 0, skipped: 0 };
      try {
        const { row } = await this.#repositories.imports.getOrInsert({ name: LOCK }, { on: 'name' });
        for (let start = 0; start < posts.length; start += batch) {
          lock.signal.throwIfAborted();
          const part = posts.slice(start, start + batch);
          const inserted = await this.#storeUnlessTaken(part, row.id, lock.fence);
          done = { inserted: done.inserted + inserted, skipped: done.skipped + part.length - inserted };
          if (inserted > 0) await this.#changed();
          await progress?.(done, posts.length);
        }
      } catch (error) {
        throw new ImportStoppedError(done, error);
      }
      return done;
    };
    try {
      return await this.#locks.withLock(LOCK, work, { ...(signal && { signal }) });
    } catch (error) {
      // It was lost behind the last batch: the database has accepted the fence of every one.
      if (error instanceof LockLostError && error.result !== undefined) return error.result as ImportCounts;
      throw error;
    }
  }

  /** A post that somebody writes between our look for free slugs and our commit can take one of them. */
  async #storeUnlessTaken(part: readonly CheckedPost[], importId: string, fence: bigint): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#store(part, importId, fence);
      } catch (error) {
        const isTaken = error instanceof DuplicateKeyError && error.fields.includes('slug');
        if (!isTaken || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** Stores those of a batch that are new, and gives their number. */
  #store(part: readonly CheckedPost[], importId: string, fence: bigint): Promise<number> {
    const { posts, tags, postTags, imports, importedPosts } = this.#repositories;
    const store = async (): Promise<number> => {
      // First of all: it waits for the transaction of whoever was here before, and sees what that one has stored.
      await imports.update(importId, {}, { fence });
      const fresh = await this.#fresh(part);
      const slugs = await posts.freeSlugs(fresh.map(({ post }) => post.title));
      const rows = await posts.insertMany(fresh.map(({ post }, i) => ({ ...post, slug: slugs[i]! })));
      await importedPosts.insertMany(rows.map(({ id }, i) => ({ reference: fresh[i]!.reference, postId: id })));
      const named = await tags.named([...new Set(fresh.flatMap((each) => each.tags))]);
      const idOf = new Map(named.map(({ id, name }) => [name, id]));
      await postTags.insertMany(
        fresh.flatMap((each, i) => each.tags.map((name) => ({ postId: rows[i]!.id, tagId: idOf.get(name)! }))),
      );
      return rows.length;
    };
    return posts.database.transaction(store, { retries: MOST_ATTEMPTS - 1 });
  }

  /** Those that were not imported before; of two with one reference the first. */
  async #fresh(part: readonly CheckedPost[]): Promise<CheckedPost[]> {
    const byReference = new Map<string, CheckedPost>();
    for (const each of part) if (!byReference.has(each.reference)) byReference.set(each.reference, each);
    const known = await this.#repositories.importedPosts.find({ reference: anyOf(...byReference.keys()) });
    for (const { reference } of known) byReference.delete(reference);
    return [...byReference.values()];
  }
}
