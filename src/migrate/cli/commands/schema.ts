import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { createMigration } from '../../create.js';
import type { SchemaChange, SchemaDiff } from '../../diff/types.js';
import type { CommandSpec, Job, Result } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { counted } from '../table.js';
import { UsageError } from '../usage-error.js';
import { codeKind } from './create.js';

async function diffOf({ target, given, world }: Job): Promise<SchemaDiff> {
  const dropTables = given.texts('drop-table');
  const renames = given.texts('rename').map((each) => each.split('=') as [string, string]);
  return world.parts.diffSchema(await target.connected(), await target.entities(), {
    ...(renames.length === 0 ? {} : { renames: Object.fromEntries(renames) }),
    drop: given.is('drop'),
    ...(dropTables.length === 0 ? {} : { dropTables }),
  });
}

export const DIFF: CommandSpec = {
  name: 'schema diff',
  does: 'shows what the entities have and the database has not',
  about: [
    'Compares the entities of the configuration with the live database, and prints the statements that would bring the database there, with what each of them locks or destroys. It changes nothing. With --write it writes them as migration files, which you review, commit and apply.',
    'Use it after you have changed an entity. What may be a rename is asked: answer with --rename, and with the same name twice when it is none.',
  ],
  argument: null,
  options: ['write', 'rename', 'drop', 'drop-table', 'yes'],
  examples: [
    { line: 'npx trivet schema diff', does: 'exit code 2 when they differ' },
    { line: 'npx trivet schema diff --write add_age', does: 'writes the migration' },
    {
      line: 'npx trivet schema diff --rename users.name=users.full_name',
      does: 'the column is not dropped, it has another name',
    },
  ],
  exits: ['done', 'failed', 'work', 'usage', 'config'],
  databases: 'one',
  check: (given) =>
    (given.is('drop') || given.texts('drop-table').length > 0) && given.text('write') !== undefined && !given.is('yes')
      ? 'A migration that drops something destroys what is in it. Nothing was written: say so with --yes'
      : null,
  run: async (job) => {
    const diff = await diffOf(job);
    const name = job.given.text('write');
    const exit = diff.changes.length + diff.questions.length === 0 ? EXIT.done : EXIT.work;
    const lines = diffLines(diff, job);
    if (name === undefined || exit === EXIT.done) return { exit, data: { ...diff }, lines };
    const files = await written(diff, name, job);
    return {
      exit: EXIT.done,
      data: { ...diff, files },
      lines: [...lines, ...files.map((file) => relative(job.world.cwd, file))],
    };
  },
};

/** @throws UsageError while something that may be a rename is not decided */
async function written(diff: SchemaDiff, name: string, job: Job): Promise<readonly string[]> {
  if (diff.questions.length > 0) {
    throw new UsageError(`Nothing was written. ${diff.questions.map(asked).join('. ')}`, 'schema diff');
  }
  const { target, world } = job;
  const folder = target.migrationFolder();
  const { engine } = await target.database();
  const files: string[] = [];
  for (const { name: each, kind, text } of world.parts.renderMigrations(diff, {
    name,
    language: codeKind(job) === 'ts' ? 'ts' : 'js',
  })) {
    // One behind the other, so that each version is greater than the one before.
    const file = await createMigration(folder, each, { kind, engine });
    await writeFile(file, text);
    files.push(file);
  }
  return files;
}

function diffLines({ changes, foreign, questions }: SchemaDiff, { output }: Job): readonly string[] {
  return [
    ...changes.flatMap((change) => changeLines(change, (text) => output.paint('dim', text))),
    ...questions.map((each) => `? ${asked(each)}`),
    ...foreign.map((each) => `- ${each}`),
    changes.length + questions.length === 0 ? 'The database fits the entities' : counted(changes.length, 'difference'),
  ];
}

function changeLines({ action, what, up, warnings }: SchemaChange, paint: (text: string) => string): readonly string[] {
  return [
    `${action} ${what}`,
    ...up.flatMap((each) =>
      (typeof each === 'string' ? `${each};` : JSON.stringify(each.command))
        .split('\n')
        .map((line) => paint(`     ${line}`)),
    ),
    ...warnings.map(({ risk, message }) => `  ! ${risk}: ${message}`),
  ];
}

function asked({ from, to }: SchemaDiff['questions'][number]): string {
  const choices = to.map((each) => `--rename ${from}=${each}`).join(' or ');
  return `Is \`${from}\` now ${to.map((each) => `\`${each}\``).join(' or ')}? If so, say ${choices}; if not, --rename ${from}=${from}`;
}

export const ENSURE: CommandSpec = {
  name: 'schema ensure',
  does: 'makes what the entities need and the database has not',
  about: [
    'Makes missing tables, collections, columns and indexes at once, without a migration. It alters nothing and drops nothing, and says what differs.',
    'Use it for development and tests. A database that matters has migrations: `schema diff --write`.',
  ],
  argument: null,
  options: [],
  examples: [{ line: 'npx trivet schema ensure', does: 'makes what is missing' }],
  exits: ['done', 'failed', 'usage', 'config', 'interrupted', 'terminated'],
  databases: 'one',
  run: async (job): Promise<Result> => {
    const database = await job.target.connected();
    const { created, drift } = await database.ensureSchema(await job.target.entities(), { signal: job.world.signal });
    for (const each of created) job.output.done(`${job.output.paint('green', '+')} ${each}`);
    if (created.length === 0) job.output.done('Nothing was missing');
    return { exit: EXIT.done, data: { created, drift }, lines: drift.map((each) => `! ${each}`) };
  },
};
