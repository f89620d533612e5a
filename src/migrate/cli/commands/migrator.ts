import type { Duration } from '../../../util/duration.js';
import type { MigrationDatabase } from '../../migration.js';
import { Migrator } from '../../migrator.js';
import type { MigrationPlan, PlannedStep } from '../../results.js';
import type { Job } from '../command.js';
import { loadCode } from '../load-code.js';
import { counted, milliseconds } from '../table.js';

/** The migrator of a job's database; what it tells while it works is shown. */
export async function migratorOf({ target, given, output, world }: Job): Promise<Migrator<MigrationDatabase>> {
  const { ledger, outOfOrder, timeout, lockTimeout } = target.config;
  const wait = (given.text('wait') as Duration | undefined) ?? target.config.wait;
  const migrator = new Migrator<MigrationDatabase>(await target.connected(), {
    migrations: target.source('migrations'),
    load: world.load ?? loadCode,
    ...(ledger === undefined ? {} : { ledger }),
    ...(outOfOrder === undefined ? {} : { outOfOrder }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(lockTimeout === undefined ? {} : { lockTimeout }),
    ...(wait === undefined ? {} : { wait }),
  });
  migrator.on('waiting', (holder) => {
    const who = holder === null ? 'another process' : holder.who;
    output.note(`Waiting for ${who}, who migrates this database`);
  });
  migrator.on('started', (step) => output.begin(labelOf(step)));
  migrator.on('progress', (step, done, total) => output.progress(labelOf(step), done, total));
  migrator.on('finished', ({ durationMs, ...step }) => {
    output.done(`${output.paint('green', '✓')} ${labelOf(step)}  ${output.paint('dim', milliseconds(durationMs))}`);
  });
  migrator.on('failed', (step) => output.note(`${output.paintError('red', '✗')} ${labelOf(step)}`));
  return migrator;
}

type Named = Pick<PlannedStep, 'direction' | 'version' | 'name'>;

function labelOf({ direction, version, name }: Named): string {
  return `${direction.padEnd(4)} ${version} ${name}`;
}

/** What a plan would do, for people: each step with its SQL. */
export function planLines({ steps, warnings }: MigrationPlan, paint: (text: string) => string): readonly string[] {
  if (steps.length === 0 && warnings.length === 0) return ['Nothing to do'];
  return [
    ...steps.flatMap((step) => [
      `${labelOf(step)}${step.transaction ? '' : '  (without a transaction)'}`,
      ...statementLines(step).map(paint),
    ]),
    ...warnings.map((warning) => `! ${warning}`),
    `${counted(steps.length, 'migration')} to run`,
  ];
}

function statementLines({ statements }: PlannedStep): readonly string[] {
  if (statements === null) return ['     in code: what it does is known when it runs'];
  return statements.flatMap((statement) => `${statement};`.split('\n').map((line) => `     ${line}`));
}
