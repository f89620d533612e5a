import type { Database, Transaction, TransactionOptions } from 'trivet';
import type { RunOptions } from '../../../src/core/ports.js';
import type { Command, FindCommand } from '../../../src/query/command.js';
import type { StoredRow } from '../../../src/schema/model.js';

/** A database that writes down which entity each command is for. */
export class CountingDatabase implements Database {
  readonly engine: string;
  readonly sent: string[] = [];
  readonly #inner: Database;

  constructor(inner: Database) {
    this.#inner = inner;
    this.engine = inner.engine;
  }

  run<T>(command: Command, options?: RunOptions): Promise<T> {
    if (command.kind !== 'ensureSchema') this.sent.push(command.entity.name);
    return this.#inner.run(command, options);
  }

  stream(command: FindCommand, options?: RunOptions): AsyncIterable<StoredRow> {
    this.sent.push(command.entity.name);
    return this.#inner.stream(command, options);
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#inner.transaction(work, options);
  }

  detached<T>(work: () => T): T {
    return this.#inner.detached(work);
  }

  /** What the work sends: the number of commands of each entity. */
  async sentBy(work: () => Promise<unknown>): Promise<Record<string, number>> {
    this.sent.length = 0;
    await work();
    const counts: Record<string, number> = {};
    for (const name of this.sent) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }
}
