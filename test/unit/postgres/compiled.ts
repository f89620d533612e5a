import { type AnyEntity, entity, Repository } from '../../../src/index.js';
import { compileGroup } from '../../../src/postgres/compile-group.js';
import { compileUpdateEach, compileUpsertMany } from '../../../src/postgres/compile-many.js';
import { compileNear } from '../../../src/postgres/compile-near.js';
import { compileCount, compileDistinct, compileExists, compileFind } from '../../../src/postgres/compile-read.js';
import { compileSearch } from '../../../src/postgres/compile-search.js';
import { compileDelete, compileInsert, compileUpdate, compileUpsert } from '../../../src/postgres/compile-write.js';
import { tableOf } from '../../../src/postgres/fields.js';
import type { Plan } from '../../../src/postgres/plans.js';
import type { Encoded } from '../../../src/postgres/values.js';
import type { Command } from '../../../src/query/command.js';
import type { Naming } from '../../../src/schema/model.js';

export { entity };

/** The command that a verb sends: the database notes it and answers nothing. */
export async function commandOf(model: AnyEntity, verb: (repository: any) => Promise<unknown>): Promise<Command> {
  const commands: Command[] = [];
  const database = {
    engine: 'postgres' as const,
    async run(command: Command): Promise<never> {
      commands.push(command);
      throw new Error('noted');
    },
    stream(): never {
      throw new Error('no streams here');
    },
  };
  const failed = await verb(new Repository(database as never, model)).catch((error: unknown) => error);
  if (commands.length === 0) throw failed;
  return commands[0]!;
}

export interface Compiled {
  readonly text: string;
  readonly values: Encoded[];
}

export function compile(command: Command, naming: Naming = 'snake'): Compiled {
  if (command.kind === 'ensureSchema') throw new Error('has no plan');
  const table = tableOf(command.entity, naming);
  const done = <C>(plan: Plan<C>, own: C): Compiled => ({ text: plan.text, values: plan.bind(own) });
  switch (command.kind) {
    case 'find':
      return done(compileFind(command, table), command);
    case 'count':
      return done(compileCount(command, table), command);
    case 'exists':
      return done(compileExists(command, table), command);
    case 'distinct':
      return done(compileDistinct(command, table), command);
    case 'group':
      return done(compileGroup(command, table), command);
    case 'search':
      return done(compileSearch(command, table), command);
    case 'near':
      return done(compileNear(command, table), command);
    case 'insert':
      return done(compileInsert(command, table), command);
    case 'update':
      return done(compileUpdate(command, table), command);
    case 'updateEach':
      return done(compileUpdateEach(command, table), command);
    case 'upsertMany':
      return done(compileUpsertMany(command, table), command);
    case 'upsert':
      return done(compileUpsert(command, table), command);
    case 'delete':
      return done(compileDelete(command, table), command);
  }
}

/** The statement of a verb. */
export async function compiled(model: AnyEntity, verb: (repository: any) => Promise<unknown>): Promise<Compiled> {
  return compile(await commandOf(model, verb));
}

/** What stands behind `where` in the statement that counts. */
export async function whereOf(model: AnyEntity, filter: unknown): Promise<Compiled> {
  const { text, values } = await compiled(model, (repository) => repository.count(filter));
  return { text: text.slice(text.indexOf(' where ') + 7), values };
}
