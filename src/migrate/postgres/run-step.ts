import type { PostgresDatabase } from '../../postgres/database.js';
import type { LedgerEntry, Step, StepOptions } from '../ports.js';
import { codeAlone, codeInTransaction } from './run-code.js';
import { sqlAlone, sqlInTransaction } from './run-sql.js';
import { type Ground, Running } from './running.js';

/** Carries a step out and writes it down. @throws MigrationFailedError, MigrationLockLostError */
export async function runStep(
  step: Step<PostgresDatabase>,
  options: StepOptions,
  ground: Ground,
): Promise<LedgerEntry | null> {
  const running = new Running(step, options, ground);
  const { way } = running;
  try {
    if (way.kind === 'sql')
      return way.transaction ? await sqlInTransaction(running, way.text) : await sqlAlone(running, way.text);
    return way.transaction === false ? await codeAlone(running, way.work) : await codeInTransaction(running, way.work);
  } finally {
    running.deadline.clear();
  }
}
