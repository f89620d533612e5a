import type { LockHolder } from '../../../errors/migration.js';
import type { RepairReport } from '../../results.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { counted, moment } from '../table.js';
import { UsageError } from '../usage-error.js';
import { VERSION, versionsProblem } from './arguments.js';
import { problemsOf } from './look.js';
import { migratorOf } from './migrator.js';

export const BASELINE: CommandSpec = {
  name: 'migrate baseline',
  does: 'takes a database that is older than the ledger for one of this version',
  about: [
    'Writes down that every migration up to this version is applied, without running any. The migrations behind it are pending.',
    'Use it once, for a database whose tables were there before there were migrations: write a first migration that makes what is there, and take it for applied.',
  ],
  argument: VERSION,
  options: ['wait'],
  examples: [
    {
      line: 'npx trivet migrate baseline 20260101000000',
      does: 'the tables are there already: only later migrations run',
    },
  ],
  exits: ['done', 'failed', 'locked', 'history', 'usage', 'config'],
  databases: 'one',
  run: async (job) => {
    const migrator = await migratorOf(job);
    const versions = await migrator.baseline(job.argument!, { signal: job.world.signal });
    job.output.done(`${counted(versions.length, 'migration')} taken for applied`);
    return { exit: EXIT.done, data: { versions }, lines: [] };
  },
};

export const REPAIR: CommandSpec = {
  name: 'migrate repair',
  does: 'mends the ledger after a failure half-way, or an edited file',
  about: [
    'A migration that runs without a transaction and fails half-way is dirty, and no other runs until you have looked: --applied says that all of it is in the database (you have done the rest by hand), --forget that nothing of it is. --forget also takes out a migration whose file is gone for good. --checksums takes the files as they are now for what was applied.',
    'It changes the ledger, never the schema. Without --yes it says what is wrong and does nothing.',
  ],
  argument: null,
  options: ['applied', 'forget', 'checksums', 'yes', 'wait'],
  examples: [
    { line: 'npx trivet migrate repair', does: 'says what is wrong' },
    {
      line: 'npx trivet migrate repair --forget 20261126093000 --yes',
      does: 'nothing of it is in the database: it is pending again',
    },
    { line: 'npx trivet migrate repair --checksums --yes', does: 'a comment was edited in a file that is applied' },
  ],
  exits: ['done', 'failed', 'locked', 'history', 'usage', 'config'],
  databases: 'one',
  check: versionsProblem,
  run: async (job) => {
    const { given, output, world } = job;
    const [applied, forget, checksums] = [given.texts('applied'), given.texts('forget'), given.is('checksums')];
    const isAsked = applied.length > 0 || forget.length > 0 || checksums;
    if (!isAsked || !given.is('yes')) {
      const problems = await problemsOf(job);
      if (!isAsked && problems.length === 0) {
        return { exit: EXIT.done, data: { problems }, lines: ['The history fits the files: there is nothing to mend'] };
      }
      const what = isAsked ? 'say so with --yes' : 'say how with --applied, --forget or --checksums, and --yes';
      const wrong = problems.map(({ message }) => message);
      throw new UsageError([...wrong, `Nothing was done: ${what}`].join('\n'), 'migrate repair');
    }
    const migrator = await migratorOf(job);
    const report = await migrator.repair({ applied, forget, checksums, signal: world.signal });
    const changed = mended(report);
    for (const line of changed.length === 0 ? ['Nothing had to be mended'] : changed) output.done(line);
    const exit = report.problems.length === 0 ? EXIT.done : EXIT.history;
    return {
      exit,
      data: { ...report },
      lines: report.problems.map(({ message }) => `${output.paint('red', '!')} ${message}`),
    };
  },
};

export const UNLOCK: CommandSpec = {
  name: 'migrate unlock',
  does: 'takes the lock away from who has it, and ends its work',
  about: [
    'Without --yes it shows who has the lock and does nothing. With it, the connection of the one who has it is ended, and with it what it does.',
    'Use it when a process hangs. One that has died needs no unlocking: its lock ends with its connection, on MongoDB after its time.',
  ],
  argument: null,
  options: ['yes'],
  examples: [
    { line: 'npx trivet migrate unlock', does: 'who has the lock?' },
    { line: 'npx trivet migrate unlock --yes', does: 'takes it away' },
  ],
  exits: ['done', 'failed', 'usage', 'config'],
  databases: 'one',
  run: async (job) => {
    const migrator = await migratorOf(job);
    if (!job.given.is('yes')) {
      const { holder } = await migrator.status({ signal: job.world.signal });
      if (holder === null) return { exit: EXIT.done, data: { holder }, lines: ['Nobody has the lock'] };
      const message = `The lock is held by ${described(holder)}. Nothing was done: --yes takes it away and ends its work`;
      throw new UsageError(message, 'migrate unlock');
    }
    const holder = await migrator.unlock();
    job.output.done(holder === null ? 'Nobody had the lock' : `The lock was taken away from ${described(holder)}`);
    return { exit: EXIT.done, data: { holder }, lines: [] };
  },
};

function mended({ applied, forgotten, checksums }: RepairReport): readonly string[] {
  return [
    ...applied.map((version) => `${version} counts as applied`),
    ...forgotten.map((version) => `${version} is forgotten: it is pending, if its file is there`),
    ...checksums.map((version) => `${version} is taken as its file is now`),
  ];
}

function described({ who, from, since, doing }: LockHolder): string {
  const parts = [
    who,
    ...(from === null ? [] : [`from ${from}`]),
    ...(since === null ? [] : [`since ${moment(since)}`]),
    ...(doing === null ? [] : [`(${doing})`]),
  ];
  return parts.join(' ');
}
