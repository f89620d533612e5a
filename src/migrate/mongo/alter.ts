import { DuplicateKeyError } from '../../errors/data.js';
import { QueryError, SchemaError } from '../../errors/runtime.js';
import type { MongoDatabase } from '../../mongo/database.js';
import type { EntityModel } from '../../schema/model.js';
import { Alterations, refusedByServer, warned } from '../diff/alteration.js';
import type { MongoCommand, SchemaChange } from '../diff/types.js';
import { type RunCommandsOptions, runCommands } from './commands.js';
import { diffMongo } from './diff.js';

/**
 * Carries out what loses nothing: nothing is dropped or renamed, and other rules are what was asked for. No transaction takes a failure back, so what the documents forbid is not begun; what the server refuses
 * all the same is told, and what was in its place is brought back.
 */
export async function alterMongo(
  database: MongoDatabase,
  models: readonly EntityModel[],
  options: RunCommandsOptions,
): Promise<Alterations> {
  const { changes, questions } = await diffMongo(database, models, {});
  const report = new Alterations(questions);
  for (const change of changes) {
    const bad = warned(change, ['destroys', 'may-fail']);
    report.told(change, bad ?? (await carryOut(database, change, options)));
  }
  return report;
}

async function carryOut(
  database: MongoDatabase,
  change: SchemaChange<MongoCommand>,
  options: RunCommandsOptions,
): Promise<string | null> {
  const commands = change.up.map(({ command }) => command);
  let done = 0;
  try {
    for (; done < commands.length; done++) await runCommands(database, [commands[done]!], options);
    return null;
  } catch (error) {
    const isRefusal = [QueryError, SchemaError, DuplicateKeyError].some((kind) => error instanceof kind);
    if (!isRefusal) throw error;
    if (done > 0 && change.down !== null)
      await runCommands(
        database,
        change.down.map(({ command }) => command),
        options,
      );
    return refusedByServer(change);
  }
}
