import { expect } from 'vitest';
import { PostgresDatabase, type PostgresOptions } from '../../../src/postgres/index.js';
import { type FaultProxy, startFaultProxy } from '../../../src/testing/index.js';
import { atEnd } from '../../setup/at-end.js';
import { logger, lookAt } from '../journal.js';

export { caught } from '../../setup/outcomes.js';

/** A database behind a bad network; both are closed when the test or the file is done. */
export async function behindProxy(
  url: string,
  options: PostgresOptions = {},
): Promise<{ readonly proxy: FaultProxy; readonly database: PostgresDatabase }> {
  const proxy = await startFaultProxy(url);
  const database = new PostgresDatabase({ url: proxy.url(url), logger, ...options });
  atEnd(async () => {
    // Without the faults, so that closing has an end of its own.
    await proxy.heal();
    await lookAt(database);
    await database.close();
    await proxy.close();
  });
  return { proxy, database };
}

/** Which connection of the server a database uses. */
export async function backendOf(database: PostgresDatabase): Promise<number> {
  const rows = await database.query<{ readonly pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

/** Nothing of the pool is lost: no call has a connection or waits for one, and the database answers. */
export async function expectWhole(database: PostgresDatabase): Promise<void> {
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  expect(database.stats()).toMatchObject({ active: 0, waiting: 0 });
}
