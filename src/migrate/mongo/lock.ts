import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LockHolder, MigrationLockedError, MigrationLockLostError } from '../../errors/migration.js';
import { AbortedError } from '../../errors/runtime.js';
import type { Document } from '../../mongo/client.js';
import type { MongoDatabase } from '../../mongo/database.js';
import type { RawCommands } from '../../mongo/raw.js';
import type { LockRequest } from '../ports.js';

/** How long a lock is held whose holder does not say that it is there. */
export const LEASE_MS = 30_000;
/** The server waits for a transaction of before that is about to commit; it ends one that is left after a minute. */
const FENCE_TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

/** Where the lock is: two documents, for who has it and until when, and for which taking of it the ledger listens to. */
export interface LockPlace {
  readonly database: MongoDatabase;
  /** Collection of the lock. */
  readonly collection: string;
  readonly resource: string;
  readonly leaseMs: number;
}

const IS_FREE: Document = {
  $or: [{ $eq: [{ $ifNull: ['$token', null] }, null] }, { $lte: [{ $ifNull: ['$until', null] }, '$$NOW'] }],
};

const NEXT: Document = { $add: [{ $ifNull: ['$taking', 0] }, 1] };

/** Who has the lock; null when nobody does. */
export async function holderOf({ database, collection }: LockPlace, signal?: AbortSignal): Promise<LockHolder | null> {
  const held = { _id: 'lock', $expr: { $not: IS_FREE } };
  const [found] = await database['~raw']({ signal }, (raw) => raw.find(collection, held));
  return found === undefined ? null : holder(found);
}

function holder({ who, host, since, doing }: Document): LockHolder {
  return { who: String(who), from: textOf(host), since: since instanceof Date ? since : null, doing: textOf(doing) };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Takes the lock away from whoever has it: its next write is refused, and its transaction is ended. Null: nobody had it. */
export async function takeAway(place: LockPlace): Promise<LockHolder | null> {
  const { database, collection } = place;
  const before = await database['~raw']({}, async (raw) => {
    // Reads do not make the collection.
    if ((await raw.find(collection, { _id: 'lock' })).length === 0) return null;
    const free = { _id: '$_id', token: null, taking: NEXT };
    const was = { held: { $not: IS_FREE }, who: '$who', host: '$host', since: '$since', doing: '$doing' };
    const reply = await raw.write({
      findAndModify: collection,
      query: { _id: 'lock' },
      update: [{ $replaceWith: { ...free, was: { ...was, session: { $ifNull: ['$session', null] } } } }],
      new: true,
    });
    return reply['value'] as Document | null;
  });
  if (before === null) return null;
  const was = before['was'] as Document;
  await endSession(place, was['session']);
  await fence(place, Number(before['taking']));
  return was['held'] === true ? holder(was) : null;
}

/** Transactions of one who is gone would stand in the way for a minute. Who may not end them waits for as long. */
async function endSession({ database }: LockPlace, id: unknown): Promise<void> {
  if (id === null || id === undefined) return;
  await database['~raw']({}, (raw) => raw.send({ killSessions: [{ id }] })).catch(() => {});
}

/**
 * From now on the ledger listens to this taking only. It waits for a transaction that has written as an earlier one and is about to commit, and makes
 * every other one of it conflict. False: a later taking came before.
 */
async function fence({ database, collection }: LockPlace, taking: number): Promise<boolean> {
  return database['~raw']({ timeoutMs: FENCE_TIMEOUT_MS }, async (raw) => {
    try {
      await raw.write({
        findAndModify: collection,
        query: { _id: 'fence', taking: { $lt: taking } },
        update: { $set: { taking } },
        upsert: true,
      });
      return true;
    } catch (error) {
      // There is one with a number that is not less.
      if ((error as { readonly code?: unknown }).code === 11_000) return false;
      throw error;
    }
  });
}

/** The lock in the hands of one who took it. */
export class MongoLock {
  readonly #place: LockPlace;
  readonly #token: string;
  readonly #taking: number;
  readonly #lost = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** When the server was last asked and gave the lease. */
  #renewedAt: number;
  #released: Promise<void> | null = null;

  private constructor(place: LockPlace, token: string, taking: number, renewedAt: number) {
    this.#place = place;
    this.#token = token;
    this.#taking = taking;
    this.#renewedAt = renewedAt;
    this.#plan(place.leaseMs / 3);
  }

  /** @throws MigrationLockedError when another has it, and does not give it back within `waitMs` */
  static async take(place: LockPlace, { waitMs, signal, who, waiting }: LockRequest): Promise<MongoLock> {
    const until = performance.now() + waitMs;
    let told = false;
    for (let attempt = 1; ; attempt++) {
      const token = randomUUID();
      const startedAt = performance.now();
      const found = await take(place, token, who, signal);
      if (found['token'] === token) {
        const lock = new MongoLock(place, token, Number(found['taking']), startedAt);
        await lock.#begin(found['before']);
        return lock;
      }
      const left = until - performance.now();
      if (left <= 0) throw new MigrationLockedError(holder(found), { resource: place.resource });
      if (!told) waiting(holder(found));
      told = true;
      await pause(Math.min(left, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 5), MAX_PAUSE_MS), signal, place.resource);
    }
  }

  async #begin(before: unknown): Promise<void> {
    try {
      await endSession(this.#place, before);
      if (!(await fence(this.#place, this.#taking))) throw this.#lose();
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  /** Aborts with `MigrationLockLostError` when the lock is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Says what the holder is doing, to whoever asks, and the session of its transaction, to whoever follows. Gives the time of the server.
   * @throws MigrationLockLostError
   */
  async say(what: { readonly doing?: string; readonly session: unknown }): Promise<Date> {
    const said = Object.entries(what).map(([name, $literal]) => [name, { $literal }] as const);
    const found = await this.#change({ ...Object.fromEntries(said), asked: '$$NOW' });
    if (found === null) throw this.#lose();
    return found['asked'] as Date;
  }

  /**
   * Must be the last thing of a transaction that writes to the ledger: it is refused when another took the lock, and one who takes it waits for its
   * end. Without transactions it is asked before the write. @throws MigrationLockLostError
   */
  async confirm(raw: RawCommands): Promise<void> {
    const { collection } = this.#place;
    if (this.signal.aborted) throw this.signal.reason;
    const reply = await raw.write({
      findAndModify: collection,
      query: { _id: 'fence', taking: this.#taking },
      update: { $inc: { writes: 1 } },
    });
    if (reply['value'] === null) throw this.#lose();
  }

  /** Whether the lock is still this one's, once every transaction that it began has ended. */
  async holds(): Promise<boolean> {
    try {
      await this.#place.database['~raw']({ timeoutMs: FENCE_TIMEOUT_MS }, (raw) => this.confirm(raw));
      return true;
    } catch (error) {
      if (error instanceof MigrationLockLostError) return false;
      throw error;
    }
  }

  /** Never throws: what cannot be given back ends with its lease. */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    clearTimeout(this.#timer);
    const { database, collection } = this.#place;
    await database['~raw']({}, (raw) =>
      raw.write({
        findAndModify: collection,
        query: { _id: 'lock', token: this.#token },
        update: [{ $replaceWith: { _id: '$_id', token: null, taking: '$taking' } }],
      }),
    ).catch(() => {});
  }

  /** The lock's document after the change; null when it is another's. */
  async #change(change: Document): Promise<Document | null> {
    const { database, collection, leaseMs } = this.#place;
    const startedAt = performance.now();
    const reply = await database['~raw']({ timeoutMs: this.#place.leaseMs }, (raw) =>
      raw.write({
        findAndModify: collection,
        query: { _id: 'lock', token: this.#token },
        update: [{ $set: { ...change, until: { $add: ['$$NOW', leaseMs] } } }],
        new: true,
      }),
    );
    const found = reply['value'] as Document | null;
    if (found !== null) this.#renewedAt = Math.max(this.#renewedAt, startedAt);
    return found;
  }

  #plan(inMs: number): void {
    this.#timer = setTimeout(() => void this.#renew(), inMs);
    // It must not keep a process alive that has nothing else to do.
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    const { leaseMs } = this.#place;
    const isLost = await this.#place.database
      .detached(() => this.#change({}))
      .then(
        (found) => found === null,
        // A server that is away for a while gives the lease later, unless it has ended by then.
        () => performance.now() - this.#renewedAt >= leaseMs,
      );
    if (this.#released !== null) return;
    if (isLost) this.#lose();
    else this.#plan(performance.now() - this.#renewedAt > leaseMs / 2 ? leaseMs / 20 : leaseMs / 3);
  }

  #lose(): MigrationLockLostError {
    clearTimeout(this.#timer);
    if (!this.signal.aborted) {
      const message = 'The lock of the migrations was lost: `unlock` took it away, or its time ran out';
      this.#lost.abort(new MigrationLockLostError(message, { version: null, resource: this.#place.resource }));
    }
    return this.signal.reason as MigrationLockLostError;
  }
}

async function take(
  { database, collection, leaseMs }: LockPlace,
  token: string,
  who: string,
  signal: AbortSignal | undefined,
): Promise<Document> {
  const mine = {
    _id: 'lock',
    token: { $literal: token },
    taking: NEXT,
    who: { $literal: who },
    host: { $literal: hostname() },
    process: { $literal: process.pid },
    since: '$$NOW',
    until: { $add: ['$$NOW', leaseMs] },
    doing: null,
    session: null,
    // Of one who did not give it back.
    before: { $ifNull: ['$session', null] },
  };
  const command = {
    findAndModify: collection,
    query: { _id: 'lock' },
    update: [{ $replaceWith: { $cond: [IS_FREE, mine, '$$ROOT'] } }],
    upsert: true,
    new: true,
  };
  return database['~raw']({ signal }, async (raw) => {
    // The first ones to come may meet while they make the document.
    const reply = await raw.write(command).catch((error: unknown) => {
      if ((error as { readonly code?: unknown }).code !== 11_000) throw error;
      return raw.write(command);
    });
    return reply['value'] as Document;
  });
}

async function pause(milliseconds: number, signal: AbortSignal | undefined, resource: string): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (cause) {
    throw new AbortedError('The wait for the lock of the migrations was aborted', { resource, cause });
  }
}
