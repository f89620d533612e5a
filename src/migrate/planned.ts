import { lintBehind } from './diff/lint.js';
import type { History } from './history.js';
import type { MigrationDatabase } from './migration.js';
import type { Chosen } from './plan-steps.js';
import type { Step } from './ports.js';
import type { PlannedStep } from './results.js';
import { splitSql } from './split-sql.js';

/** A step as it is shown before it runs. */
export function plannedStep<D extends MigrationDatabase>({ migration, direction }: Step<D>): PlannedStep {
  const way = direction === 'up' ? migration.up : migration.down!;
  return {
    version: migration.version,
    name: migration.name,
    direction,
    transaction: way.transaction === true,
    statements: way.kind === 'sql' ? splitSql(way.text, migration.file).map(({ text }) => text) : null,
  };
}

/** What would be refused, or is worth a thought: a sentence each. `planned` are the chosen steps as they are shown. */
export function planWarnings<D extends MigrationDatabase>(
  { statuses }: History,
  chosen: Chosen<D>,
  planned: readonly PlannedStep[],
): string[] {
  const warnings = chosen.refused.map(({ message }) => message);
  if (chosen.irreversible !== null) {
    const { version, name } = chosen.irreversible;
    warnings.push(`Migration ${version} (${name}) has no \`down\`, so nothing would be undone.`);
  }
  const made = new Set<string>();
  for (const { version, name, direction, transaction, statements } of planned) {
    const status = statuses.find((each) => each.version === version);
    const what = `Migration ${version} (${name})`;
    if (!transaction && statements !== null)
      warnings.push(`${what} does not run in a transaction: a failure leaves what is done until then.`);
    if (direction === 'down' && status?.state === 'baseline')
      warnings.push(`${what} was taken for applied by \`baseline\`: what it would undo was there before the ledger.`);
    if (direction === 'up' && status?.outOfOrder === true && chosen.refused.every((each) => each.version !== version))
      warnings.push(`${what} would run although later ones are applied.`);
    // Whoever goes back wants away what is there.
    if (direction === 'up' && statements !== null)
      for (const { statement, message } of lintBehind(statements, transaction, made))
        warnings.push(`${what}, statement ${statement}: ${message}`);
  }
  return warnings;
}
