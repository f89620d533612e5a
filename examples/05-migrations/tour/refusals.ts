import type { PostgresDatabase } from 'trivet';
import { MigrationHistoryError, MigrationLockedError, Migrator, migration } from 'trivet/migrate';

/** What a call threw. */
export async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('Expected the call to be refused');
    },
    (error: unknown) => error,
  );
}

export function forEdited(error: unknown): string {
  if (!(error instanceof MigrationHistoryError)) throw error;
  return `${error.code}: ${error.message}`;
}

/** What a second process is told that migrates while the first one does. Its migration waits for just that. */
export async function second(first: PostgresDatabase, other: PostgresDatabase, signal: AbortSignal): Promise<string> {
  let told: unknown = null;
  const ledger = 'tour_of_the_lock';
  const long = (up: () => Promise<void>) => migration({ version: '1', name: 'long', up });
  const late = new Migrator(other, { ledger, migrations: [long(async () => {})] });
  const early = new Migrator(first, {
    ledger,
    migrations: [
      long(async () => {
        told = await errorOf(late.up({ signal }));
      }),
    ],
  });
  await early.up({ signal });
  await first.query(`drop table ${ledger}`);
  if (!(told instanceof MigrationLockedError)) throw told;
  return `${told.code}: ${told.message}`;
}
