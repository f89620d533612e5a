import type { MigrationReport } from '../../results.js';
import type { CommandSpec, Job, Result } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { counted } from '../table.js';
import { COUNT, rangeOf, rangeProblem, VERSION } from './arguments.js';
import { migratorOf, planLines } from './migrator.js';

type Migrating = Awaited<ReturnType<typeof migratorOf>>;
type PlanOptions = NonNullable<Parameters<Migrating['plan']>[0]>;

const DRY = 'This was a dry run: nothing was done';

/** Runs a verb, or says what it would do. */
async function applied(
  job: Job,
  goal: PlanOptions,
  work: (migrator: Migrating) => Promise<MigrationReport>,
): Promise<Result> {
  const { given, output } = job;
  const migrator = await migratorOf(job);
  if (given.is('dry-run')) {
    const plan = await migrator.plan(goal);
    const lines = [...planLines(plan, (text) => output.paint('dim', text)), DRY];
    return { exit: EXIT.done, data: { dryRun: true, ...plan }, lines };
  }
  const { steps } = await work(migrator);
  const ups = steps.filter(({ direction }) => direction === 'up').length;
  const parts = [
    ...(ups === steps.length ? [] : [`${counted(steps.length - ups, 'migration')} undone`]),
    ...(ups === 0 ? [] : [`${counted(ups, 'migration')} applied`]),
  ];
  output.done(parts.length === 0 ? 'Nothing to do' : parts.join(', '));
  return { exit: EXIT.done, data: { steps }, lines: [] };
}

const RUNNING = ['done', 'failed', 'locked', 'history', 'usage', 'config', 'interrupted', 'terminated'] as const;

export const UP: CommandSpec = {
  name: 'migrate up',
  does: 'applies the migrations that are pending',
  about: [
    'Applies, in the order of their versions, every migration that the database does not have yet, and writes each of them down in the ledger. One process at a time: the others fail, or wait with --wait.',
    'Use it in every deployment, before the new program starts, and after each `git pull`. When a migration fails, those before it stay, and the failed one leaves nothing behind, unless it says that it runs without a transaction.',
  ],
  argument: null,
  options: ['to', 'steps', 'dry-run', 'wait'],
  examples: [
    { line: 'npx trivet migrate up', does: 'applies all that is pending' },
    { line: 'npx trivet migrate up --dry-run', does: 'shows the SQL and does nothing' },
    {
      line: 'npx trivet migrate up --wait 5m',
      does: 'in a deployment of several instances: the second waits for the first',
    },
  ],
  exits: RUNNING,
  databases: 'one',
  check: (given) => rangeProblem(given),
  run: (job) => {
    const range = rangeOf(job.given);
    const { signal } = job.world;
    return applied(job, { verb: 'up', ...range, signal }, (migrator) => migrator.up({ ...range, signal }));
  },
};

export const DOWN: CommandSpec = {
  name: 'migrate down',
  does: 'undoes the last migration, or the last n',
  about: [
    'Runs the way back of the migrations that were applied last, the latest first. With --to, that version stays applied.',
    'Use it while you write a migration. In production think first: a way back that drops a column drops what is in it. A migration without a way back is refused before anything is undone.',
  ],
  argument: COUNT,
  options: ['to', 'steps', 'dry-run', 'wait'],
  examples: [
    { line: 'npx trivet migrate down', does: 'undoes the last one' },
    { line: 'npx trivet migrate down 3', does: 'undoes the last three' },
    { line: 'npx trivet migrate down --to 20261126093000', does: 'undoes what was applied after that version' },
  ],
  exits: RUNNING,
  databases: 'one',
  check: rangeProblem,
  run: (job) => {
    const range = rangeOf(job.given, job.argument);
    const { signal } = job.world;
    return applied(job, { verb: 'down', ...range, signal }, (migrator) => migrator.down({ ...range, signal }));
  },
};

export const TO: CommandSpec = {
  name: 'migrate to',
  does: 'goes up or down to a version',
  about: [
    'Afterwards that version is the last one that is applied: what is pending before it is applied, what was applied after it is undone. `0` undoes all.',
    'Use it to look at an older program with the schema that it had.',
  ],
  argument: VERSION,
  options: ['dry-run', 'wait'],
  examples: [
    { line: 'npx trivet migrate to 20261126093000', does: 'goes there, up or down' },
    { line: 'npx trivet migrate to 0 --dry-run', does: 'shows what it would take to undo all' },
  ],
  exits: RUNNING,
  databases: 'one',
  run: (job) => {
    const to = job.argument!;
    const { signal } = job.world;
    // Without a direction it is the one that leads there.
    return applied(job, { to, signal }, (migrator) => migrator.to(to, { signal }));
  },
};

export const REDO: CommandSpec = {
  name: 'migrate redo',
  does: 'undoes the last migration and applies it again',
  about: [
    'Runs the way back of the last migration, or of the last n, and then applies them again.',
    'Use it while you write a migration: it shows that the way back works. An edited file is refused first; undo it with `migrate down` before you edit it.',
  ],
  argument: COUNT,
  options: ['steps', 'dry-run', 'wait'],
  examples: [{ line: 'npx trivet migrate redo', does: 'the last one, down and up' }],
  exits: RUNNING,
  databases: 'one',
  check: rangeProblem,
  run: (job) => {
    const { steps = 1 } = rangeOf(job.given, job.argument);
    const { signal } = job.world;
    return applied(job, { verb: 'redo', steps, signal }, (migrator) => migrator.redo({ steps, signal }));
  },
};
