import { ValidationError } from '../errors/data.js';
import type { Clause } from '../query/clause.js';
import type { Command, CountCommand } from '../query/command.js';
import { allOf, shapeOf } from '../query/logic.js';
import { parseWhere } from '../query/parse-where.js';
import type { Parsing } from '../query/parsing.js';

/**
 * The command within the rows that fit the filter, for middleware: reads, updates and deletions see no others, and an `upsert` that meets
 * another row is a `DuplicateKeyError`. What an insert brings is not looked at: middleware changes its `rows` itself.
 *
 * @throws ValidationError for a filter that does not fit the entity.
 * @example
 * ```ts
 * import { boolean, entity, MemoryDatabase, type Middleware, narrow, Repository, uuid } from 'trivet';
 *
 * const published: Middleware = (command, next) => next(narrow(command, { published: true }));
 * const Post = entity('posts', { id: uuid().primaryKey(), published: boolean().default(false) });
 * const posts = new Repository(new MemoryDatabase(), Post, { use: [published] });
 * await posts.find(); // no drafts
 * ```
 */
export function narrow<C extends Command>(command: C, where: object): C {
  if (command.kind === 'insert' || command.kind === 'ensureSchema') return command;
  const parsing: Parsing = { entity: command.entity, values: [...valuesOf(command)], issues: [] };
  const clause = parseWhere(parsing, where);
  if (parsing.issues.length > 0) throw new ValidationError(command.entity.name, parsing.issues);
  return narrowed(command, clause, parsing.values) as C;
}

/** The values behind which those of a clause go; updates that differ in theirs have equally many. */
export function valuesOf(command: Exclude<Command, { readonly kind: 'insert' | 'ensureSchema' }>): readonly unknown[] {
  return command.kind === 'updateEach' ? (command.each[0] ?? []) : command.values;
}

/** The command within the clause, whose slots point into `values`: those of the command with more behind them. */
export function narrowed(command: Command, clause: Clause, values: readonly unknown[]): Command {
  switch (command.kind) {
    case 'find':
    case 'exists':
    case 'distinct':
    case 'group':
    case 'search':
    case 'near':
    case 'update':
    case 'delete':
      return {
        ...command,
        where: allOf([command.where, clause]),
        values,
        shape: `${command.shape}|within ${shapeOf(clause)}`,
      };
    case 'count':
      return narrowedCount(command, clause, values);
    case 'updateEach': {
      const added = values.slice(command.each[0]?.length ?? 0);
      return {
        ...command,
        where: allOf([command.where, clause]),
        each: command.each.map((each) => [...each, ...added]),
        shape: `${command.shape}|within ${shapeOf(clause)}`,
      };
    }
    case 'upsert':
    case 'upsertMany':
      return {
        ...command,
        guard: command.guard === undefined ? clause : allOf([command.guard, clause]),
        values,
        shape: `${command.shape}|within ${shapeOf(clause)}`,
      };
    case 'insert':
    case 'ensureSchema':
      return command;
    default:
      return unknownKind(command);
  }
}

/** An engine knows the number of all rows alone: of others it gives too few, and who asked goes on to count. */
function narrowedCount(command: CountCommand, clause: Clause, values: readonly unknown[]): CountCommand {
  const { estimate, shape, where, ...rest } = command;
  const within = { where: allOf([where, clause]), values, shape: `${shape}|within ${shapeOf(clause)}` };
  return estimate === true ? { ...rest, ...within, limit: 1 } : { ...command, ...within };
}

/** A kind of command that is not known here must not pass unseen. */
export function unknownKind(command: never): never {
  throw new TypeError(`A command of kind '${(command as Command).kind}' cannot be narrowed`);
}
