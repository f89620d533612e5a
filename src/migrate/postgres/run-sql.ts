import { MigrationLockLostError } from '../../errors/migration.js';
import { QueryError } from '../../errors/runtime.js';
import type { BesideConnection } from '../../postgres/beside-connection.js';
import type { LedgerEntry } from '../ports.js';
import { type SqlStatement, splitSql } from '../split-sql.js';
import { askOn } from './ask.js';
import { leave, mark, markDone } from './marks.js';
import type { Running } from './running.js';
import { after, closeWork, isStored, openWork, runStatement, truthOf } from './work-connection.js';

/** Runs the statements and writes it down, all in one transaction. */
export async function sqlInTransaction(running: Running, text: string): Promise<LedgerEntry | null> {
  const statements = splitSql(text, running.migration.file);
  const work = await opened(running);
  let at: number | null = null;
  let committing = false;
  let entry: LedgerEntry | null = null;
  try {
    await work.run('begin', [], running.deadline);
    for (at = 0; at < statements.length; at++) {
      await runStatement(running, work, statements[at]!.text);
      running.options.watch.progress(at + 1, statements.length);
    }
    at = null;
    const ask = askOn(work, running.deadline);
    entry = await running.record(ask, statements.length);
    committing = true;
    const { tag } = await work.run('commit', [], running.deadline);
    if (tag !== 'COMMIT')
      throw new QueryError('The server rolled the transaction back at COMMIT', { resource: running.resource });
    return entry;
  } catch (error) {
    // The server answered: it is no error of the connection, and nothing is stored.
    const answered = !work.ended;
    if (answered) await after((deadline) => work.run('rollback', [], deadline)).catch(() => work.destroy(false));
    if (committing && !answered) return await committed(running, error, entry);
    if (error instanceof MigrationLockLostError) throw error;
    throw running.failure(work.map(error), false, where(statements, at));
  } finally {
    await closeWork(running, work);
  }
}

async function committed(running: Running, error: unknown, entry: LedgerEntry | null): Promise<LedgerEntry | null> {
  const truth = await truthOf(running);
  if (truth.known && isStored(running, truth)) return entry;
  throw running.failure(running.ground.lock.map(error), !truth.known, { unknown: !truth.known });
}

/** Runs each statement by itself and counts in the ledger those that are done. */
export async function sqlAlone(running: Running, text: string): Promise<LedgerEntry | null> {
  const statements = splitSql(text, running.migration.file);
  const work = await opened(running);
  let at: number | null = null;
  let begun = false;
  try {
    await mark(running, 0);
    begun = true;
    for (at = 0; at < statements.length; at++) {
      await runStatement(running, work, statements[at]!.text);
      // What is in a transaction of the file's own is done when that has ended.
      if (work.idle) await markDone(running, at + 1);
      running.options.watch.progress(at + 1, statements.length);
    }
    at = null;
    if (!work.idle)
      throw new QueryError('The file leaves a transaction open: its last statements are not stored', {
        resource: running.resource,
      });
    return await leave(running, statements.length);
  } catch (error) {
    if (error instanceof MigrationLockLostError) throw error;
    throw running.failure(work.map(error), begun, where(statements, at));
  } finally {
    await closeWork(running, work);
  }
}

async function opened(running: Running): Promise<BesideConnection> {
  try {
    return await openWork(running);
  } catch (error) {
    if (error instanceof MigrationLockLostError) throw error;
    throw running.failure(error, false);
  }
}

function where(
  statements: readonly SqlStatement[],
  at: number | null,
): { readonly statement?: number; readonly line?: number } {
  const statement = at === null ? undefined : statements[at];
  return statement === undefined ? {} : { statement: at! + 1, line: statement.line };
}
