import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { MongoMigrations } from '../../src/migrate/mongo/ledger.js';
import type { LockedLedger } from '../../src/migrate/ports.js';
import type { Document } from '../../src/mongo/client.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { findBinaries } from '../../src/testing/servers/binary.js';
import { TemporaryFolder } from '../../src/testing/servers/cleanup.js';
import { startProcess } from '../../src/testing/servers/process.js';
import { cachedPath, mongodWheel } from '../../src/testing/servers/wheel.js';
import { mongoDatabase } from '../setup/databases.js';
import { asking, caught, down, migratingProcess, migrationOf, OPTIONS, until, up } from './mongo-kit.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const send = (command: Document): Promise<Document> => database['~raw']({}, (raw) => raw.send(command));
const found = (collection: string, filter: Document = {}): Promise<Document[]> =>
  database['~raw']({}, (raw) => raw.find(collection, filter));
const insert = (collection: string, ...documents: readonly Document[]): Promise<Document> =>
  send({ insert: collection, documents });

let ledgers = 0;
/** A ledger of the test's own. */
function fresh(leaseMs?: number): { readonly ledger: string; readonly engine: MongoMigrations } {
  const ledger = `ledger_${++ledgers}`;
  return { ledger, engine: new MongoMigrations(database, ledger, leaseMs === undefined ? {} : { leaseMs }) };
}

async function held<T>(engine: MongoMigrations, work: (locked: LockedLedger<MongoDatabase>) => Promise<T>): Promise<T> {
  const locked = await engine.lock(asking('me'));
  try {
    return await work(locked);
  } finally {
    await locked.release();
  }
}

describe('reading the ledger', () => {
  it('makes nothing', async () => {
    const { engine, ledger } = fresh();
    expect(await engine.history()).toEqual([]);
    expect(await engine.holder()).toBeNull();
    expect(await engine.unlock()).toBeNull();
    const made = await database['~raw']({}, (raw) => raw.all({ listCollections: 1, nameOnly: true }));
    expect(made.filter((each) => String(each['name']).startsWith(ledger))).toEqual([]);
  });

  it('gives the lines in the order of the values of their versions', async () => {
    const { engine } = fresh();
    await held(engine, async (locked) => {
      const line = { name: '$name', checksum: null, state: 'baseline', durationMs: null, statements: null } as const;
      await locked.write(['10', '9', '007', '20261126093000'].map((version) => ({ version, ...line })));
      await locked.forget(['7', '11']);
    });
    const entries = await engine.history();
    expect(entries.map(({ version }) => version)).toEqual(['9', '10', '20261126093000']);
    expect(entries[0]).toEqual({
      version: '9',
      name: '$name',
      checksum: null,
      state: 'baseline',
      at: expect.any(Date),
      durationMs: null,
      statements: null,
      by: 'me',
    });
  });

  it('knows lines from before there were states, and the next who has the lock brings them up to date, once', async () => {
    const { engine, ledger } = fresh();
    const at = new Date('2024-03-01T10:00:00Z');
    await insert(ledger, { _id: '002', name: 'b', applied_at: at }, { _id: '001', name: 'a', applied_at: at });
    const line = { checksum: null, state: 'applied', at, durationMs: null, statements: null, by: null };
    const expected = [
      { version: '001', name: 'a', ...line },
      { version: '002', name: 'b', ...line },
    ];
    expect(await engine.history()).toEqual(expected);
    expect(await found(ledger, { _id: 'format' })).toEqual([]);
    expect(await held(engine, (locked) => locked.history())).toEqual(expected);
    expect(await held(engine, (locked) => locked.history())).toEqual(expected);
    expect(await found(ledger, { _id: 'format' })).toEqual([{ _id: 'format', format: 2 }]);
    expect((await found(ledger, { _id: '001' }))[0]).toEqual({
      _id: '001',
      name: 'a',
      checksum: null,
      state: 'applied',
      at,
      durationMs: null,
      statements: null,
      by: null,
    });
  });

  it('refuses a ledger of a newer format, and leaves it alone', async () => {
    const { engine, ledger } = fresh();
    await insert(ledger, { _id: 'format', format: 3 });
    for (const refused of [() => engine.history(), () => engine.lock(asking('me'))]) {
      const error = await caught(refused());
      expect(error).toMatchObject({ code: 'MIGRATION_HISTORY', problems: [{ kind: 'newer-ledger', version: null }] });
    }
    expect(await found(`${ledger}_lock`)).toEqual([]);
  });
});

describe('the lock', () => {
  it('is refused to a second one, who is told who has it, from where, since when and what it does', async () => {
    const { engine, ledger } = fresh();
    const [{ at }] = (await database['~raw']({}, (raw) =>
      raw.all({ aggregate: 1, pipeline: [{ $documents: [{ at: '$$NOW' }] }], cursor: {} }),
    )) as [{ at: Date }];
    const locked = await engine.lock(asking('first'));
    await locked.run(
      up(
        migrationOf('007', async () => {
          const error = await caught(new MongoMigrations(database, ledger).lock(asking('second')));
          expect(error).toMatchObject({ code: 'MIGRATION_LOCKED', retryable: true });
          const { holder } = error;
          expect(holder).toMatchObject({ who: 'first', from: hostname(), doing: 'up of migration 007 (step_007)' });
          expect(holder.since.getTime()).toBeGreaterThanOrEqual(at.getTime());
          expect(await engine.holder()).toEqual(holder);
        }),
      ),
      OPTIONS,
    );
    await locked.release();
    await locked.release();
    expect(await engine.holder()).toBeNull();
    await (await engine.lock(asking('second'))).release();
  });

  it('is had by one of many who ask at once', async () => {
    const { engine } = fresh();
    const asked = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => engine.lock(asking(`${i}`))));
    const won = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(won).toHaveLength(1);
    await won[0]!.release();
  });

  it('is had by who waits for it, and is told so once', async () => {
    const { engine } = fresh();
    const first = await engine.lock(asking('first'));
    const told: unknown[] = [];
    let second!: Promise<LockedLedger<MongoDatabase>>;
    await new Promise<void>((resolve) => {
      second = engine.lock(
        asking('second', 600_000, (holder) => {
          told.push(holder);
          resolve();
        }),
      );
    });
    await first.release();
    await (await second).release();
    expect(told).toEqual([expect.objectContaining({ who: 'first' })]);
  });

  it('is not waited for any more when the signal aborts', async () => {
    const { engine } = fresh();
    const first = await engine.lock(asking('first'));
    const controller = new AbortController();
    const waiting = (): void => controller.abort(new Error('enough'));
    const error = await caught(engine.lock({ ...asking('second', 600_000, waiting), signal: controller.signal }));
    expect(error).toMatchObject({ code: 'ABORTED' });
    await first.release();
  });

  it('is kept by its holder beyond the time of a lease', async () => {
    const { engine, ledger } = fresh(3_000);
    const locked = await engine.lock(asking('me'));
    const [{ until: end }] = (await found(`${ledger}_lock`, { _id: 'lock' })) as [{ until: Date }];
    await until(
      async () => (await found(`${ledger}_lock`, { _id: 'lock', $expr: { $gt: ['$$NOW', end] } })).length > 0,
    );
    await caught(engine.lock(asking('other')));
    expect(locked.signal.aborted).toBe(false);
    await locked.release();
  });

  it('is lost when the document is another’s at the next renewal', async () => {
    const { engine } = fresh(300);
    const locked = await engine.lock(asking('me'));
    const lost = new Promise((resolve) => locked.signal.addEventListener('abort', resolve, { once: true }));
    await engine.unlock();
    await lost;
    expect(locked.signal.reason).toMatchObject({ code: 'MIGRATION_LOCK_LOST' });
    await locked.release();
  });

  it.each([false, true])(
    'that was taken away refuses the next write of its holder (transaction: %s)',
    async (transaction) => {
      const { engine, ledger } = fresh();
      const locked = await engine.lock(asking('me'));
      let aborted = false;
      const work = async ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await insert('fruits', { _id: ledger });
        expect(await database.detached(() => engine.unlock())).toMatchObject({ who: 'me' });
      };
      const error = await caught(locked.run(up(migrationOf('001', work, { transaction })), OPTIONS));
      expect(error).toMatchObject({
        code: 'MIGRATION_FAILED',
        cause: { code: 'MIGRATION_LOCK_LOST' },
        dirty: !transaction,
      });
      expect(locked.signal.aborted).toBe(true);
      expect(aborted).toBe(true);
      expect(await found('fruits', { _id: ledger })).toHaveLength(transaction ? 0 : 1);
      expect((await engine.history()).map(({ state }) => state)).toEqual(transaction ? [] : ['applying']);
      for (const write of [() => locked.forget(['001']), () => locked.write([])])
        expect(await caught(write())).toMatchObject({ code: 'MIGRATION_LOCK_LOST' });
      await locked.release();
      expect(await engine.unlock()).toBeNull();
      await (await engine.lock(asking('next'))).release();
    },
  );

  it('that was taken by the next one is not given back by the one before', async () => {
    const { engine } = fresh();
    const first = await engine.lock(asking('first'));
    await engine.unlock();
    const second = await engine.lock(asking('second'));
    await first.release();
    expect(await engine.holder()).toMatchObject({ who: 'second' });
    expect(await caught(first.write([]))).toMatchObject({ code: 'MIGRATION_LOCK_LOST' });
    await second.write([]);
    await second.release();
  });

  it.each([
    ['locked', '', []],
    ['half', '', ['applying']],
    ['half', 'transaction', []],
    ['done', '', ['applied']],
  ] as const)(
    'of a holder that was killed is had when its lease has ended: %s %s',
    async (place, transaction, states) => {
      const { engine, ledger } = fresh();
      const child = await migratingProcess(url, name, ledger, '2000', place, transaction);
      expect(await caught(engine.lock(asking('me')))).toMatchObject({ holder: { who: 'killed' } });
      child.kill('SIGKILL');
      const locked = await engine.lock(asking('me', 600_000));
      expect((await locked.history()).map(({ state }) => state)).toEqual(states);
      // What it left in a transaction stands in nobody's way.
      if (transaction !== '') {
        await insert('things', { _id: `${ledger} 1` });
        await locked.run(up(migrationOf('001', () => {})), OPTIONS);
      }
      await locked.release();
    },
  );
});

describe('a migration', () => {
  it.each([false, true])('is applied and undone, and its line says so (transaction: %s)', async (transaction) => {
    const { engine, ledger } = fresh();
    const seen: unknown[] = [];
    const migration = migrationOf(
      '001',
      async ({ db, progress }) => {
        expect(db).toBe(database);
        expect(db.currentTransaction === null).toBe(!transaction);
        progress(1);
        progress(2, 3);
        await insert('tools', { _id: ledger });
        seen.push((await database.detached(() => engine.history())).map(({ state }) => state));
      },
      {
        transaction,
        down: async () => {
          await send({ delete: 'tools', deletes: [{ q: { _id: ledger }, limit: 1 }] });
          seen.push((await database.detached(() => engine.history())).map(({ state }) => state));
        },
      },
    );
    await held(engine, async (locked) => {
      const progress = (...told: readonly unknown[]): unknown => seen.push(told);
      const entry = await locked.run(up(migration), { ...OPTIONS, watch: { progress } });
      expect(entry).toEqual({
        version: '001',
        name: 'step_001',
        checksum: migration.checksum,
        state: 'applied',
        at: expect.any(Date),
        durationMs: expect.any(Number),
        statements: null,
        by: 'me',
      });
      expect(await locked.history()).toEqual([entry]);
      expect(await found('tools', { _id: ledger })).toHaveLength(1);
      expect(await locked.run(down(migration), OPTIONS)).toBeNull();
      expect(await locked.history()).toEqual([]);
      expect(await found('tools', { _id: ledger })).toHaveLength(0);
    });
    const [during, undoing] = transaction ? [[], ['applied']] : [['applying'], ['reverting']];
    expect(seen).toEqual([[1, null], [2, 3], during, undoing]);
  });

  it('that fails in a transaction leaves nothing', async () => {
    const { engine, ledger } = fresh();
    const work = async (): Promise<never> => {
      await insert('tools', { _id: ledger });
      throw new Error('no.');
    };
    await held(engine, async (locked) => {
      const error = await caught(locked.run(up(migrationOf('001', work, { transaction: true })), OPTIONS));
      expect(error).toMatchObject({ code: 'MIGRATION_FAILED', dirty: false, direction: 'up', statement: null });
      expect(error.message).toBe('The up of migration 001 (step_001) failed: no. Nothing of it is stored');
      expect(await locked.history()).toEqual([]);
      expect(await found('tools', { _id: ledger })).toEqual([]);
    });
  });

  it('that fails without one is dirty, either way', async () => {
    const { engine } = fresh();
    let fails = true;
    const work = async (): Promise<void> => {
      if (fails) throw new Error('no');
    };
    const migration = migrationOf('001', work, { down: work });
    await held(engine, async (locked) => {
      expect(await caught(locked.run(up(migration), OPTIONS))).toMatchObject({ dirty: true, cause: { message: 'no' } });
      expect(await locked.history()).toMatchObject([{ state: 'applying', durationMs: null }]);
      fails = false;
      await locked.run(up(migration), OPTIONS);
      fails = true;
      expect(await caught(locked.run(down(migration), OPTIONS))).toMatchObject({ dirty: true, direction: 'down' });
      expect(await locked.history()).toMatchObject([{ state: 'reverting', durationMs: null, version: '001' }]);
    });
  });

  it.each([false, true])('ends at its timeout, and at the signal (transaction: %s)', async (transaction) => {
    const { engine } = fresh();
    const ends: unknown[] = [];
    const controller = new AbortController();
    const hang = (begun: () => void) =>
      migrationOf(
        '001',
        ({ signal }) => {
          signal.addEventListener('abort', () => ends.push(signal.reason));
          begun();
          return new Promise(() => {});
        },
        { transaction },
      );
    await held(engine, async (locked) => {
      const expired = await caught(locked.run(up(hang(() => {})), { ...OPTIONS, timeoutMs: 100 }));
      expect(expired).toMatchObject({ dirty: !transaction, cause: { code: 'TIMEOUT' } });
      const asked = hang(() => controller.abort(new Error('enough')));
      const aborted = await caught(locked.run(up(asked), { ...OPTIONS, signal: controller.signal }));
      expect(aborted).toMatchObject({ cause: { code: 'ABORTED', cause: { message: 'enough' } } });
      expect(ends).toHaveLength(2);
    });
  });

  it('in SQL is refused, and so is one without a way back', async () => {
    const { engine } = fresh();
    const migration = {
      ...migrationOf('001', () => {}),
      up: { kind: 'sql', text: 'select 1', transaction: true },
    } as const;
    await held(engine, async (locked) => {
      const error = await caught(locked.run(up(migration), OPTIONS));
      expect(error).toMatchObject({ code: 'MIGRATION_FAILED', dirty: false });
      expect(error.message).toContain('SQL migrations are for PostgreSQL');
      expect(await caught(locked.run(down(migration), OPTIONS))).toMatchObject({ code: 'MIGRATION_IRREVERSIBLE' });
      expect(await locked.history()).toEqual([]);
    });
  });
});

describe('processes that start together', () => {
  it('run each migration once', async () => {
    const script = fileURLToPath(new URL('mongo-migrator-process.ts', import.meta.url));
    const said = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const args = ['--import', 'tsx', script, url, name, 'together'];
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        onTestFinished(() => void child.kill('SIGKILL'));
        const [output, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
        expect(code).toBe(0);
        return JSON.parse(output) as string[];
      }),
    );
    expect(said.flat().sort()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(await found('marks', { _id: { $regex: '^together ' } })).toHaveLength(6);
  });
});

describe('a single server', () => {
  it('runs migrations without transactions, and refuses the others with a reason', async (context) => {
    const found = findBinaries('mongod', process.env['PATH'], ['/usr/bin', '/usr/local/bin'])[0];
    const binary = found ?? cachedPath(mongodWheel, process.env);
    if (!existsSync(binary)) context.skip('no `mongod` on this machine');
    const folder = new TemporaryFolder('mongo', undefined);
    const { port, stop } = await startProcess({
      binary,
      folder,
      user: undefined,
      signal: 'SIGKILL',
      arguments: (port) => ['--port', `${port}`, '--dbpath', folder.path, '--bind_ip', '127.0.0.1', '--nounixsocket'],
      ready: async () => {},
    });
    onTestFinished(() => stop());
    const single = new MongoDatabase({ url: `mongodb://127.0.0.1:${port}`, name: 'single', connectTimeout: '60s' });
    onTestFinished(() => single.close());
    const engine = new MongoMigrations(single, 'ledger');
    await held(engine, async (locked) => {
      const work = (): Promise<unknown> => single['~raw']({}, (raw) => raw.send({ create: 'made' }));
      const refused = await caught(locked.run(up(migrationOf('001', work, { transaction: true })), OPTIONS));
      expect(refused).toMatchObject({ code: 'MIGRATION_FAILED', dirty: false });
      expect(refused.message).toContain(
        'is a single server, which has no transactions: give the migration `transaction: false`',
      );
      const migration = migrationOf('001', work, { down: () => {} });
      expect(await locked.run(up(migration), OPTIONS)).toMatchObject({ state: 'applied' });
      expect(await locked.history()).toMatchObject([{ version: '001', state: 'applied' }]);
      expect(await locked.run(down(migration), OPTIONS)).toBeNull();
      const line = { name: 'a', checksum: null, state: 'baseline', durationMs: null, statements: null } as const;
      await locked.write([{ version: '001', ...line }]);
      await locked.forget(['001']);
      await engine.unlock();
      expect(await caught(locked.run(up(migration), OPTIONS))).toMatchObject({
        cause: { code: 'MIGRATION_LOCK_LOST' },
      });
      expect(await locked.history()).toEqual([]);
    });
  });
});
