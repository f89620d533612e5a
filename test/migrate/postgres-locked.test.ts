import { expect, it } from 'vitest';
import { MigrationLockLostError } from '../../src/errors/migration.js';
import { ConnectionError } from '../../src/errors/runtime.js';
import { LockedPostgres } from '../../src/migrate/postgres/locked.js';
import type { Lock } from '../../src/migrate/postgres/running.js';
import type { BesideConnection } from '../../src/postgres/beside-connection.js';
import { caught } from '../setup/outcomes.js';

it('a lock is lost as soon as the server says so, before its connection has ended', async () => {
  let destroyed = false;
  const lock: BesideConnection = {
    processId: 1,
    ended: false,
    idle: true,
    onEnd: () => {},
    run: () => Promise.reject(Object.assign(new Error('terminating connection'), { code: '57P01' })),
    map: () => new ConnectionError('The server ended the connection (db)', { resource: 'db' }),
    destroy: () => {
      destroyed = true;
    },
    close: () => Promise.resolve(),
  };
  const place = { schema: 's', table: 't', sql: 's.t', format: 2, keys: { migrator: '1', work: '2' } };
  const locked = new LockedPostgres({ database: { name: 'db' }, lock, place, who: 'somebody' } as unknown as Lock);

  expect(await caught(locked.history())).toBeInstanceOf(MigrationLockLostError);
  expect(locked.signal.aborted).toBe(true);
  expect(destroyed).toBe(true);
  await locked.release();
});
