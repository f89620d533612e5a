import { inspect } from 'node:util';
import type { Database, PoolStats, Resource, RunOptions, StreamRunOptions } from '../core/ports.js';
import { ClosedError } from '../errors/runtime.js';
import type { Assignment, Command, FindCommand, SchemaReport } from '../query/command.js';
import { modelOf } from '../schema/entity.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import { type Call, within } from './call.js';
import type { MongoCollectionLike } from './client.js';
import { Connection, type Opened } from './connection.js';
import { ensureSchema } from './ensure-schema.js';
import { toError } from './errors.js';
import { Names } from './names.js';
import { type MongoOptions, parseOptions, type Settings } from './options.js';
import { countBy } from './per-parent.js';
import { Plans } from './plans.js';
import { count, distinct, exists, find } from './reads.js';
import { streamRows } from './stream.js';
import { Target } from './target.js';
import { upsert } from './upsert.js';
import { insert, remove, update } from './writes.js';

// Building an index over a large collection takes minutes.
const SCHEMA_TIMEOUT_MS = 600_000;

interface EntityLike {
  readonly '~model': EntityModel;
}

/** What a call is about, for the message when it fails. */
interface Subject {
  readonly entity: EntityModel;
  readonly assignments?: readonly Assignment[];
}

/**
 * A MongoDB database: the place that repositories store in. It connects at the first call, with the driver `mongodb` that
 * the application installed.
 *
 * Writes of many rows are all or nothing on a replica set and on a sharded cluster, by a transaction, whose limit on the server
 * is 60 seconds by default. A single server has no transactions: there a failing write keeps the rows that were written before it.
 *
 * @throws TypeError for a wrong option.
 * @example
 * ```ts
 * import { MongoDatabase } from 'trivet';
 *
 * const database = new MongoDatabase({ url: 'mongodb://localhost:27017/app', max: 20 });
 * await database.connect();
 * await database.close();
 * ```
 */
export class MongoDatabase implements Database<'mongo'>, Resource {
  static {
    // Shows no connection string: it may hold a password.
    const value = function (this: MongoDatabase): string {
      return `MongoDatabase(${this.#settings.label})`;
    };
    Object.defineProperty(this.prototype, inspect.custom, { value });
  }

  readonly engine = 'mongo' as const;
  /** Where repositories take the time from. */
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #plans = new Plans();
  #targets = new WeakMap<EntityModel, Target>();

  constructor(options: MongoOptions = {}) {
    this.#settings = parseOptions(options);
    this.#connection = new Connection(this.#settings);
  }

  run<T>(command: Command, options: RunOptions = {}): Promise<T> {
    const isSchema = command.kind === 'ensureSchema';
    return this.#within(
      isSchema ? null : command,
      options,
      isSchema ? SCHEMA_TIMEOUT_MS : this.#settings.timeoutMs,
      async (call) => {
        const opened = this.#connection.opened ?? (await this.#open(call));
        return this.#dispatch(command, opened, call) as Promise<T>;
      },
    );
  }

  #dispatch(command: Command, opened: Opened, call: Call): Promise<unknown> {
    if (command.kind === 'ensureSchema') {
      const { naming, label } = this.#settings;
      return ensureSchema(opened, command.entities, naming, call, label);
    }
    const target = this.#target(opened, command.entity);
    switch (command.kind) {
      case 'find':
        return find(target, command, call);
      case 'count':
        return count(target, command, call);
      case 'countBy':
        return countBy(target, command, call);
      case 'exists':
        return exists(target, command, call);
      case 'distinct':
        return distinct(target, command, call);
      case 'insert':
        return insert(target, command, call);
      case 'update':
        return update(target, command, call);
      case 'upsert':
        return upsert(target, command, call);
      case 'delete':
        return remove(target, command, call);
    }
  }

  stream(command: FindCommand, options: StreamRunOptions = {}): AsyncIterable<StoredRow> {
    return streamRows(command, options, {
      resource: this.#settings.label,
      defaultMs: this.#settings.timeoutMs,
      target: async (call) => this.#target(this.#connection.opened ?? (await this.#open(call)), command.entity),
      toError: (error, call) => this.#toError(error, command, call),
    });
  }

  /** Connects and logs in. The first command does it too. @throws ConnectionError, AuthenticationError, DriverMissingError */
  async connect(): Promise<void> {
    await this.#within(null, {}, this.#settings.timeoutMs, (call) => this.#open(call));
  }

  /** Asks the server for a sign of life, within `connectTimeout`. @throws ConnectionError, TimeoutError */
  async ping(signal?: AbortSignal): Promise<void> {
    await this.#within(null, { signal }, this.#settings.connectTimeoutMs, async (call) => {
      const { db } = this.#connection.opened ?? (await this.#open(call));
      await db.command({ ping: 1, maxTimeMS: call.left() }, { signal: call.signal });
    });
  }

  /** Connections now. `max` is for each server; the figures are of all together. */
  stats(): PoolStats {
    return this.#connection.stats();
  }

  /** Closes the client, unless the caller brought it. Calls after it throw `ClosedError`. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** `await using` closes the database at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Makes what is missing: collections with a validator, indexes. Alters and drops nothing.
   *
   * @param options `timeoutMs` defaults to ten minutes, because an index over a large collection takes its time.
   */
  ensureSchema(entities: readonly EntityLike[], options?: RunOptions): Promise<SchemaReport> {
    return this.run({ kind: 'ensureSchema', entities: entities.map(modelOf) }, options);
  }

  /**
   * The driver's own collection of an entity, for what repositories do not have. Documents are as stored: a single key is
   * `_id`, and there are no nulls. `trivet/mongo` has `collectionOf`, which gives it with the driver's types.
   */
  async collection(entity: EntityLike): Promise<MongoCollectionLike> {
    const model = modelOf(entity);
    return this.#within({ entity: model }, {}, this.#settings.timeoutMs, async (call) => {
      const opened = this.#connection.opened ?? (await this.#open(call));
      return this.#target(opened, model).collection;
    });
  }

  /** @internal Runs what a repository of this engine does with the driver's collection, under the limits of a call. */
  '~use'<T>(
    entity: EntityModel,
    options: RunOptions,
    work: (collection: MongoCollectionLike, call: Call) => Promise<T>,
  ): Promise<T> {
    return this.#within({ entity }, options, this.#settings.timeoutMs, async (call) => {
      const opened = this.#connection.opened ?? (await this.#open(call));
      return work(this.#target(opened, entity).collection, call);
    });
  }

  toJSON(): { readonly engine: 'mongo'; readonly resource: string } {
    return { engine: 'mongo', resource: this.#settings.label };
  }

  async #open(call: Call): Promise<Opened> {
    const opened = await this.#connection.open();
    // Nobody waits any more: the command must not be sent.
    if (call.over) throw new ClosedError('The call is over');
    return opened;
  }

  #target(opened: Opened, entity: EntityModel): Target {
    let target = this.#targets.get(entity);
    if (target === undefined) {
      target = new Target(opened, entity, this.#settings.naming, this.#plans);
      this.#targets.set(entity, target);
    }
    return target;
  }

  #within<T>(
    subject: Subject | null,
    options: RunOptions,
    defaultMs: number,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const { signal, timeoutMs } = options;
    const limits = { resource: this.#settings.label, signal, timeoutMs, defaultMs };
    return within(limits, work, (error, call) => this.#toError(error, subject, call));
  }

  #toError(error: unknown, subject: Subject | null, { startedAt, sent }: Call): unknown {
    const { label: resource, naming } = this.#settings;
    const names = subject === null ? null : new Names(subject.entity, naming);
    const increments = (subject?.assignments ?? [])
      .filter(({ op, field }) => op === 'increment' && field.kind === 'bigint')
      .map(({ field }) => field.path);
    return toError(error, { resource, names, increments, startedAt, sent });
  }
}
