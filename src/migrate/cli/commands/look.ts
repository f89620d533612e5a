import type { HistoryProblem } from '../../../errors/migration.js';
import type { MigrationStatus, MigratorStatus } from '../../results.js';
import type { CommandSpec, Job } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Output, Paint } from '../output.js';
import { counted, milliseconds, moment, table } from '../table.js';
import { rangeOf, rangeProblem } from './arguments.js';
import { migratorOf, planLines } from './migrator.js';

const PAINTS: Readonly<Record<MigrationStatus['state'], Paint>> = {
  applied: 'green',
  baseline: 'green',
  pending: 'yellow',
  running: 'yellow',
  dirty: 'red',
  missing: 'red',
};

export const STATUS: CommandSpec = {
  name: 'migrate status',
  does: 'shows which migrations are applied, and which are pending',
  about: [
    'Lists the migrations with what the ledger knows of them: when, how long, by whom; what was edited or is missing; and who migrates just now. It reads only and takes no lock.',
    'Use it to see where a database stands. With --check it is a test for a pipeline: the exit code says whether something is pending or wrong.',
  ],
  argument: null,
  options: ['check'],
  examples: [
    { line: 'npx trivet migrate status', does: 'a table of all migrations' },
    {
      line: 'npx trivet migrate status --check --quiet',
      does: 'exit code 2 when something is pending, 4 when something is wrong',
    },
  ],
  exits: ['done', 'failed', 'work', 'history', 'usage', 'config'],
  databases: 'every',
  run: async (job) => {
    const status = await (await migratorOf(job)).status({ signal: job.world.signal });
    const exit = job.given.is('check') ? exitOf(status) : EXIT.done;
    return { exit, data: { ...status }, lines: statusLines(status, job.output) };
  },
};

export const PLAN: CommandSpec = {
  name: 'migrate plan',
  does: 'shows what `migrate up` would do, with its SQL',
  about: [
    'Prints the steps and their statements and does nothing; with --down those of the way back. What a migration in code does cannot be known before it runs.',
    'Use it in a pull request or before a deployment. The exit code is 2 when there is something to do, so that a script can ask.',
  ],
  argument: null,
  options: ['to', 'steps', 'down'],
  examples: [
    { line: 'npx trivet migrate plan', does: 'what is pending, with its SQL' },
    { line: 'npx trivet migrate plan --down --steps 2', does: 'what it would take to undo the last two' },
    { line: 'npx trivet migrate plan --json', does: 'the same for a program' },
  ],
  exits: ['done', 'failed', 'work', 'history', 'usage', 'config'],
  databases: 'every',
  check: (given) => rangeProblem(given),
  run: async (job) => {
    const verb = job.given.is('down') ? 'down' : 'up';
    const migrator = await migratorOf(job);
    const plan = await migrator.plan({ verb, ...rangeOf(job.given), signal: job.world.signal });
    // Nothing but warnings: what there is to do would be refused.
    const idle = plan.warnings.length === 0 ? EXIT.done : EXIT.history;
    return {
      exit: plan.steps.length === 0 ? idle : EXIT.work,
      data: { ...plan },
      lines: planLines(plan, (text) => job.output.paint('dim', text)),
    };
  },
};

export const VALIDATE: CommandSpec = {
  name: 'migrate validate',
  does: 'checks that the history fits the files',
  about: [
    'Reads the files and the ledger and says what does not fit: a file that was edited or taken away after it was applied, one that was left half-way, one that is pending before others that are applied. Pending migrations alone are no problem.',
    'Use it in a pipeline, before anything else is done.',
  ],
  argument: null,
  options: [],
  examples: [{ line: 'npx trivet migrate validate', does: 'exit code 4 when something does not fit' }],
  exits: ['done', 'failed', 'history', 'usage', 'config'],
  databases: 'every',
  run: async (job) => {
    const problems = await (await migratorOf(job)).validate({ signal: job.world.signal });
    return {
      exit: problems.length === 0 ? EXIT.done : EXIT.history,
      data: { problems },
      lines: problems.length === 0 ? ['The history fits the files'] : problemLines(problems, job.output),
    };
  },
};

function exitOf({ pending, problems }: MigratorStatus): ExitCode {
  if (problems.length > 0) return EXIT.history;
  return pending > 0 ? EXIT.work : EXIT.done;
}

function statusLines({ migrations, pending, problems, holder }: MigratorStatus, output: Output): readonly string[] {
  const rows = migrations.map((each) => [
    each.version,
    each.name,
    output.paint(PAINTS[each.state], each.state) + marksOf(each),
    moment(each.at),
    milliseconds(each.durationMs),
    each.by ?? '',
  ]);
  return [
    ...(rows.length === 0 ? [] : table(['VERSION', 'NAME', 'STATE', 'AT', 'TOOK', 'BY'], rows)),
    counted(migrations.length, 'migration') + (pending === 0 ? ', none pending' : `, ${pending} pending`),
    ...(holder === null
      ? []
      : [`Locked by ${holder.who}${holder.since === null ? '' : ` since ${moment(holder.since)}`}`]),
    ...problemLines(problems, output),
  ];
}

function marksOf({ edited, outOfOrder, reversible, state }: MigrationStatus): string {
  const marks = [
    ...(edited ? ['edited'] : []),
    ...(outOfOrder ? ['out of order'] : []),
    ...(reversible === false && state !== 'pending' ? ['no way back'] : []),
  ];
  return marks.length === 0 ? '' : ` (${marks.join(', ')})`;
}

function problemLines(problems: readonly HistoryProblem[], output: Output): readonly string[] {
  return problems.map(({ message }) => `${output.paint('red', '!')} ${message}`);
}

/** For the commands that take something away: what is wrong, before they are told to do it. */
export async function problemsOf(job: Job): Promise<readonly HistoryProblem[]> {
  return (await migratorOf(job)).validate({ signal: job.world.signal });
}
