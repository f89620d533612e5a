import type { Command } from '../query/command.js';
import { typeName } from '../util/describe.js';
import { expected } from './engine-options.js';
import type { Database, StreamRunOptions, Transaction } from './ports.js';
import { checkPresence } from './presence.js';
import { timeLeft } from './time-left.js';

/** What a middleware is told beside the command. */
export interface CommandCall extends StreamRunOptions {
  /** The rows are wanted one after the other: the answer is an iterable of rows, async or not. Only of a find. */
  readonly stream: boolean;
  /** The transaction that the command runs in; null outside of one, and on a database of others that does not tell. */
  readonly transaction: Transaction | null;
}

/** Hands a command on: to the next middleware, and behind the last one to the database. It may be called again. */
export type Next = (command: Command) => Promise<unknown>;

/**
 * Stands between the verbs of a repository and its database: `new Repository(database, User, { use: [first, second] })`. Every
 * command of the repository comes through it, those for the relations of others and of `ensureSchema` too; a verb may send none or
 * several. What goes to the database past the verbs is no command: `sql`, `query`, `aggregate`, `collection`, `transaction`.
 *
 * It gives what `next(command)` gives, or an answer of its own, as the command's interface says. It may hand on another
 * command: one with another filter is made by `narrow`, because a plan is found by the command's `shape`. The rows that it gives are
 * the caller's from then on: one that keeps rows gives copies.
 *
 * @example
 * ```ts
 * import { entity, MemoryDatabase, type Middleware, Repository, text, uuid } from 'trivet';
 *
 * const timed: Middleware = async (command, next) => {
 *   const startedAt = performance.now();
 *   try {
 *     return await next(command);
 *   } finally {
 *     console.log(command.kind, performance.now() - startedAt);
 *   }
 * };
 * const User = entity('users', { id: uuid().primaryKey(), name: text() });
 * const users = new Repository(new MemoryDatabase(), User, { use: [timed] });
 * await users.insert({ name: 'Ann' });
 * ```
 */
export type Middleware = (command: Command, next: Next, call: CommandCall) => Promise<unknown>;

/** Marks middleware that must be the last. `Symbol.for` is the same in both copies of the package. */
const LAST: unique symbol = Symbol.for('trivet.last');

/** Middleware that answers commands by itself, so that what stands behind it could not change them: it is refused in any other place than the last. */
export function last(name: string, middleware: Middleware): Middleware {
  return Object.defineProperty(middleware, LAST, { value: name });
}

function checkOrder(use: readonly Middleware[]): void {
  const name = use
    .slice(0, -1)
    .map((each) => (each as { readonly [LAST]?: string })[LAST])
    .find((each) => each !== undefined);
  if (name !== undefined)
    throw new TypeError(
      `Expected \`${name}\` to be the last of \`use\`: what narrows commands behind it, such as \`scopedBy\`, would not narrow what it answers`,
    );
}

/** Sends a command through all middleware. */
export type Send = (command: Command, run: StreamRunOptions, stream: boolean) => Promise<unknown>;

/** The way of a repository's commands; null when it is the straight one. @throws TypeError for what is no list of functions, and for an order that leaks */
export function wayThrough(database: Database, use: readonly Middleware[] | undefined): Send | null {
  if (use === undefined) return null;
  if (!Array.isArray(use) || use.some((each) => typeof each !== 'function'))
    throw expected('use', 'a list of functions', use);
  const all: readonly Middleware[] = [...use];
  if (all.length === 0) return null;
  checkOrder(all);
  return async (command, run, stream) => {
    const startedAt = performance.now();
    const call: CommandCall = Object.freeze({ ...run, stream, transaction: database.currentTransaction ?? null });
    const step = async (at: number, current: Command): Promise<unknown> => {
      const each = all[at];
      if (each === undefined) return arrive(database, current, timeLeft(run, startedAt), stream);
      const given = await each(current, (next) => step(at + 1, checked(next, stream)), call);
      // No command gives undefined, but a function without `return` does.
      if (given === undefined)
        throw new TypeError(
          `A middleware gave nothing for a command of kind '${current.kind}': return what \`next\` gives`,
        );
      return given;
    };
    return step(0, command);
  };
}

function arrive(database: Database, command: Command, run: StreamRunOptions, stream: boolean): unknown {
  checkPresence(command);
  return stream && command.kind === 'find' ? database.stream(command, run) : database.run(command, run);
}

function checked(command: Command, stream: boolean): Command {
  const kind = (command as Command | undefined)?.kind;
  if (typeof kind !== 'string')
    throw new TypeError(`Expected \`next\` to be given a command, got ${typeName(command)}`);
  if (stream && kind !== 'find')
    throw new TypeError(`Expected \`next\` of a stream to be given a find, got a command of kind '${kind}'`);
  return command;
}
