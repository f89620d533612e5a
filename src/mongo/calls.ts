import type { QueryTrace } from '../core/channels.js';
import { Observer } from '../core/observer.js';
import { PlanCache } from '../core/plan-cache.js';
import type { RunOptions } from '../core/ports.js';
import { isRead, type Scope } from '../core/transaction-scope.js';
import { ClosedError, SchemaError } from '../errors/runtime.js';
import type { Command } from '../query/command.js';
import type { EntityModel } from '../schema/model.js';
import { type Call, mayBeStored, within as runWithin, type Subject } from './call.js';
import type { MongoSessionLike } from './client.js';
import { type AskedConcerns, type Concerns, NO_CONCERNS } from './concerns.js';
import type { Connection, Opened } from './connection.js';
import { isLoginRefused, mapError } from './errors.js';
import { InFlight } from './in-flight.js';
import { Names } from './names.js';
import type { Settings } from './options.js';
import { Target } from './target.js';
import { joined } from './transaction.js';

/** Where a call runs, for how long, and what its errors become. */
export class Calls {
  readonly #settings: Settings;
  readonly #observer: Observer;
  readonly #connection: Connection;
  readonly #concerns: AskedConcerns;
  /** The transaction of the context. */
  readonly #current: () => Scope<MongoSessionLike> | null;
  readonly #plans = new PlanCache();
  readonly inFlight: InFlight = new InFlight();
  readonly #targets = new WeakMap<EntityModel, Target>();
  #closing = false;

  constructor(
    settings: Settings,
    connection: Connection,
    concerns: AskedConcerns,
    current: () => Scope<MongoSessionLike> | null,
  ) {
    this.#settings = settings;
    this.#observer = new Observer('mongo', settings.label, settings.observer);
    this.#connection = connection;
    this.#concerns = concerns;
    this.#current = current;
  }

  /** Takes no more calls but those of transactions that are under way. */
  refuse(): void {
    this.#closing = true;
  }

  /** Whether a call that comes now is refused. */
  get refuses(): boolean {
    return this.#closing && this.#current() === null;
  }

  /** What is open, or will be: waiting for the first costs a call nothing but its turn. */
  opened(call: Call): Opened | Promise<Opened> {
    return this.#connection.opened ?? this.open(call);
  }

  async open(call: Call): Promise<Opened> {
    call.watch?.wait();
    const opened = await this.#connection.open();
    // Nobody waits any more: the command must not be sent.
    if (call.over) throw new ClosedError('The call is over');
    return opened;
  }

  target(opened: Opened, entity: EntityModel): Target {
    let target = this.#targets.get(entity);
    // Another client may have taken over.
    if (target?.opened !== opened) {
      target = new Target(opened, entity, this.#settings.naming, this.#plans);
      this.#targets.set(entity, target);
    }
    return target;
  }

  /** Runs work as a call of the transaction of the context, if there is one. Without a command, what it writes is not known. */
  join<T>(
    command: Command | null,
    subject: Subject | null,
    options: RunOptions,
    defaultMs: number,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    if (!this.#observer.listens) return this.#join(command, subject, options, defaultMs, work);
    return this.#observer.query(command?.kind ?? 'query', subject?.entity.name ?? null, (trace) =>
      this.#join(command, subject, options, defaultMs, work, trace),
    );
  }

  /** The rows of a stream, told to whoever listens. */
  observed<T>(entity: string, open: (trace: QueryTrace | null) => AsyncIterable<T>): AsyncIterable<T> {
    return this.#observer.listens ? this.#observer.stream('stream', entity, open) : open(null);
  }

  async #join<T>(
    command: Command | null,
    subject: Subject | null,
    options: RunOptions,
    defaultMs: number,
    work: (call: Call) => Promise<T>,
    trace?: QueryTrace,
  ): Promise<T> {
    const scope = this.#current();
    const concerns = this.#concerns.of(subject?.entity.name ?? this.#settings.label, scope !== null);
    if (scope === null) {
      const mayRepeat = command !== null && isRead(command);
      return this.within(subject, options, defaultMs, work, concerns, trace, mayRepeat);
    }
    if (command?.kind === 'ensureSchema') {
      throw new SchemaError(
        'MongoDB makes no collections and indexes in a transaction: call `ensureSchema()` before it, or in `database.detached()`',
        { resource: this.#settings.label },
      );
    }
    scope.admit(command);
    const inTurn = (call: Call): Promise<T> =>
      joined(scope, call, work, (error) => this.mapError(error, subject, call));
    return this.within(subject, options, defaultMs, inTurn, NO_CONCERNS, trace);
  }

  within<T>(
    subject: Subject | null,
    options: RunOptions,
    defaultMs: number,
    work: (call: Call) => Promise<T>,
    concerns: Concerns = NO_CONCERNS,
    trace?: QueryTrace,
    mayRepeat = true,
  ): Promise<T> {
    if (this.refuses) return Promise.reject(this.#connection.closedError());
    const { signal, timeoutMs } = options;
    const { begin } = this.inFlight;
    const limits = { resource: this.#settings.label, signal, timeoutMs, defaultMs, concerns, begin, trace };
    const mapped = (error: unknown, call: Call): unknown => this.mapError(error, subject, call);
    if (!this.#connection.rotates) return runWithin(limits, work, mapped);
    return runWithin(limits, (call) => this.#rotating(call, work, mayRepeat), mapped);
  }

  /**
   * Once more with a new password, when a new connection was refused with the old one: nothing was sent then, unless an attempt of the driver's before
   * that one lost its connection.
   */
  async #rotating<T>(call: Call, work: (call: Call) => Promise<T>, mayRepeat: boolean): Promise<T> {
    const used = this.#connection.opened?.client;
    try {
      return await work(call);
    } catch (error) {
      if (!isLoginRefused(error) || used === undefined || call.over || call.session !== undefined) throw error;
      if (call.sent && !mayRepeat) throw error;
      await this.#connection.renew(used, () => this.inFlight.settled());
      return work(call);
    }
  }

  mapError(error: unknown, subject: Subject | null, call: Call): unknown {
    const { label: resource, naming } = this.#settings;
    const names = subject === null ? null : new Names(subject.entity, naming);
    const increments = (subject?.assignments ?? [])
      .filter(({ op, field }) => op === 'increment' && field.kind === 'bigint')
      .map(({ field }) => field.path);
    const pool = { stats: this.#connection.stats(this.inFlight.size), oldest: this.#connection.pool.oldest };
    const { startedAt } = call;
    return mapError(error, { resource, names, increments, startedAt, sent: mayBeStored(call), pool });
  }
}
