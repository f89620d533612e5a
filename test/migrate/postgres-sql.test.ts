import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import {
  AbortedError,
  ClosedError,
  ConflictError,
  PostgresDatabase,
  SchemaError,
  TimeoutError,
} from '../../src/index.js';
import {
  type MigrationFailedError,
  type MigrationLockedError,
  MigrationLockLostError,
  Migrator,
  migration,
} from '../../src/migrate/index.js';
import { openedAt, running, until } from '../postgres/kit.js';
import { postgresDatabase } from '../setup/databases.js';
import { lossyWire } from '../setup/lossy-wire.js';
import { caught, SqlProject } from './sql-kit.js';

// PGlite has one session: a lock on a connection of its own needs two.
describe.skipIf(!inject('postgresReal'))('migrations of SQL', async () => {
  const { url } = await postgresDatabase();
  const database = openedAt(url, { max: 1 });
  const observer = openedAt(url, { max: 4 });
  const there = async (...tables: readonly string[]): Promise<boolean[]> => {
    const rows = await observer.query<{ there: boolean }>(
      'select to_regclass(name) is not null as there from unnest($1::text[]) with ordinality as n(name, i) order by i',
      [`{${tables.join(',')}}`],
    );
    return rows.map((row) => row.there);
  };
  const states = async (migrator: Migrator<PostgresDatabase>) =>
    (await migrator.status()).migrations.map(({ version, state }) => `${version} ${state}`);

  it('run their statements in one transaction with their line', async () => {
    const project = new SqlProject();
    project.put(1, ['create table a1 (n int);', 'insert into a1 values (1);', 'alter table a1 add column m int;'], {
      down: ['drop table a1;'],
    });
    const migrator = project.migrator(database);
    const progress: unknown[] = [];
    migrator.on('progress', ({ version }, done, total) => progress.push([version, done, total]));
    const { steps } = await migrator.plan();
    expect(steps[0]!.statements).toEqual([
      'create table a1 (n int)',
      'insert into a1 values (1)',
      'alter table a1 add column m int',
    ]);
    await migrator.up();
    expect(progress).toEqual([
      ['1', 1, 3],
      ['1', 2, 3],
      ['1', 3, 3],
    ]);
    expect(await there('a1')).toEqual([true]);
    await migrator.down();
    expect(await there('a1')).toEqual([false]);
  });

  it('tell of a line in the ledger that is none, whoever wrote it', async () => {
    const migrator = new Migrator(database, { migrations: [], ledger: 'strange_ledger' });
    const known = { kind: 'sql', text: 'select 1', transaction: true } as const;
    await new Migrator(database, {
      migrations: [{ version: '1', name: 'a', up: known, down: null, checksum: 'c', file: null }],
      ledger: 'strange_ledger',
    }).up();
    await observer.query("update strange_ledger set started_at = 'infinity', state = 'planted'");
    const { migrations } = await migrator.status();
    expect(migrations).toMatchObject([{ version: '1', state: 'dirty', at: new Date(0) }]);
    await observer.query("update strange_ledger set version = '1; drop'");
    const error = (await caught(migrator.status())) as Error;
    expect(error).toBeInstanceOf(SchemaError);
    expect(error.message).toContain('A line of the ledger has a version that is no number');
    expect(error.message).not.toContain('drop');
  });

  it('are read by plan() for what blocks others, unless they made the table themselves', async () => {
    const project = new SqlProject();
    project.put(1, ['create table w1 (n int);', 'create index on w1 (n);']);
    project.put(2, ['create index on w1 (n);', 'create index on elsewhere (n);']);
    const { warnings } = await project.migrator(database).plan();
    expect(warnings).toEqual([
      expect.stringMatching(/^Migration 2 \(.*\), statement 2: Writes of `elsewhere` wait while the index is built\./),
    ]);
  });

  it('that fail say which statement, in which line, and what the server said; nothing of them is stored', async () => {
    const project = new SqlProject();
    const path = project.put(1, [
      'create table b1 (n int);',
      '',
      'create table b2 as select 1 as n;',
      'drop table nowhere;',
    ]);
    const error = (await caught(project.migrator(database).up())) as MigrationFailedError;
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', version: '1', statement: 3, dirty: false });
    expect(error.message).toContain(`failed, statement 3 (${path}:5): `);
    expect(error.message).toContain('table "nowhere" does not exist');
    expect(error.message).toContain('Nothing of it is stored');
    expect(await there('b1', 'b2')).toEqual([false, false]);
  });

  it('show no values of rows in their errors', async () => {
    const project = new SqlProject();
    project.put(1, ['create table c1 (n text primary key);', "insert into c1 values ('secret'), ('secret');"]);
    const error = (await caught(project.migrator(database).up())) as MigrationFailedError;
    expect(error).toMatchObject({ statement: 2 });
    expect(`${error.message} ${String(error.cause)}`).not.toContain('secret');
  });

  it('fail as a whole when a constraint is found broken at COMMIT', async () => {
    const project = new SqlProject();
    project.put(1, [
      'create table d1 (n int primary key, of int references d1 deferrable initially deferred);',
      'insert into d1 values (1, 7);',
    ]);
    const error = (await caught(project.migrator(database).up())) as MigrationFailedError;
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', statement: null, dirty: false });
    expect(await there('d1')).toEqual([false]);
    expect(await states(project.migrator(database))).toEqual(['1 pending']);
  });

  describe('without a transaction', () => {
    it('count the statements that are done, and are dirty when one fails', async () => {
      const project = new SqlProject();
      project.put(
        1,
        ['create table e1 (n int);', 'create table if not exists e2 (n int);', 'drop table nowhere;', 'select 1;'],
        {
          transaction: false,
        },
      );
      const migrator = project.migrator(database);
      const error = (await caught(migrator.up())) as MigrationFailedError;
      expect(error).toMatchObject({ statement: 3, dirty: true, outcome: 'executed' });
      expect(await there('e1', 'e2')).toEqual([true, true]);
      expect((await migrator.validate())[0]!.message).toContain('2 of its statements are known to be done');
      expect(await caught(migrator.up())).toMatchObject({ code: 'MIGRATION_HISTORY' });
      project.put(1, ['create table if not exists e1 (n int);', 'create table if not exists e2 (n int);'], {
        transaction: false,
      });
      await migrator.repair({ forget: ['1'] });
      await migrator.up();
      expect(await states(migrator)).toEqual(['1 applied']);
    });

    it('count nothing of a transaction of their own before it has ended', async () => {
      const project = new SqlProject();
      project.put(
        1,
        ['create table f1 (n int);', 'begin;', 'create table f2 (n int);', 'drop table nowhere;', 'commit;'],
        {
          transaction: false,
        },
      );
      const migrator = project.migrator(database);
      expect(await caught(migrator.up())).toMatchObject({ statement: 4, dirty: true });
      expect(await there('f1', 'f2')).toEqual([true, false]);
      expect((await migrator.validate())[0]!.message).toContain('1 of its statements is known to be done');
    });

    it('fail when they leave a transaction open', async () => {
      const project = new SqlProject();
      project.put(1, ['begin;', 'create table g1 (n int);'], { transaction: false });
      const error = (await caught(project.migrator(database).up())) as MigrationFailedError;
      expect(error.message).toContain('leaves a transaction open');
      expect(await there('g1')).toEqual([false]);
    });

    it('build an index concurrently while another one waits for the lock', async () => {
      const project = new SqlProject();
      project.put(1, ['create table h1 (n int);']);
      project.put(2, ['create index concurrently h1_n on h1 (n);'], {
        transaction: false,
        down: ['drop index concurrently h1_n;'],
      });
      await project.migrator(database).up({ steps: 1 });
      // It waits for every transaction that may see the table, so that it is under way while the other comes.
      const holder = new pg.Client({ connectionString: url });
      await holder.connect();
      await holder.query('begin');
      await holder.query('insert into h1 values (1)');
      const first = project.migrator(database).up();
      await until(() => running(observer, 'create index concurrently h1_n'));
      const second = project.migrator(observer, { wait: '1m' });
      const waits = new Promise<unknown>((resolve) => second.on('waiting', resolve));
      const later = second.up();
      expect(await waits).toMatchObject({ doing: 'create index concurrently h1_n on h1 (n)' });
      await holder.query('commit');
      await holder.end();
      expect((await first).steps).toHaveLength(1);
      expect((await later).steps).toEqual([]);
      await project.migrator(database).down();
      expect(await states(project.migrator(database))).toEqual(['1 applied', '2 pending']);
    });
  });

  it('leave nothing of their session behind, and a changed search path harms nobody', async () => {
    const project = new SqlProject();
    project.put(1, ["select pg_catalog.set_config('search_path', '', false);", 'create table public.i1 (n int);']);
    project.put(2, ["set datestyle = 'German';", 'create table i2 (n int);'], { transaction: false });
    project.put(3, ['create table i3 (n int);']);
    const migrator = project.migrator(database);
    await migrator.up();
    expect(await there('public.i1', 'public.i2', 'public.i3')).toEqual([true, true, true]);
    expect(await database.query('show search_path')).toEqual([{ search_path: '"$user", public' }]);
    expect(await database.query('show datestyle')).toEqual([{ DateStyle: 'ISO, MDY' }]);
    expect(await states(migrator)).toEqual(['1 applied', '2 applied', '3 applied']);
  });

  it('keep their ledger in a schema that is made for it, whatever its name', async () => {
    const project = new SqlProject();
    project.put(1, ['create table j1 (n int);']);
    const options = { ledger: 'My "own" schema.the ledger' };
    await project.migrator(database, options).up();
    expect(await states(project.migrator(observer, options))).toEqual(['1 applied']);
    expect(await observer.query('select version from "My ""own"" schema"."the ledger"')).toEqual([{ version: '1' }]);
    expect(await states(project.migrator(database))).toEqual(['1 pending']);
  });

  it('refuse a table that is no ledger', async () => {
    await database.query('create table k1 (n int)');
    const project = new SqlProject();
    project.put(1, ['select 1;']);
    expect(await caught(project.migrator(database, { ledger: 'k1' }).up())).toBeInstanceOf(SchemaError);
  });

  it('run over a pool of the application, of one connection', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const adopted = new PostgresDatabase({ pool });
    const project = new SqlProject();
    project.put(1, ['create table l1 (n int);']);
    const migrator = project.migrator(adopted);
    await migrator.up();
    expect(await states(migrator)).toEqual(['1 applied']);
    expect((await migrator.status()).holder).toBeNull();
    await adopted.close();
    await pool.end();
  });

  it('run as what `onConnect` makes of a connection', async () => {
    const own = openedAt(url, {
      max: 1,
      onConnect: async (session) => void (await session.query('set search_path to m_schema')),
    });
    await database.query('create schema m_schema');
    const project = new SqlProject();
    project.put(1, ['create table m1 (n int);']);
    await project.migrator(own).up();
    expect(await there('m_schema.m1', 'public.m1', `m_schema.${project.ledger}`)).toEqual([true, false, true]);
  });

  describe('limits', () => {
    it('of the role do not count, those of the migrator do', async () => {
      const hasty = openedAt(
        `${url}${url.includes('?') ? '&' : '?'}options=-c%20statement_timeout%3D100%20-c%20idle_in_transaction_session_timeout%3D100`,
        { max: 1 },
      );
      const project = new SqlProject();
      project.put(1, ['select pg_sleep(0.3);']);
      project.put(2, ['select pg_sleep(0.3);'], { transaction: false });
      expect((await project.migrator(hasty).up()).steps).toHaveLength(2);
    });

    it('`timeout` cancels what runs, and gives the lock back', async () => {
      const project = new SqlProject();
      project.put(1, ['create table n1 (n int);', 'select pg_sleep(1000), $$timeout of n1$$;']);
      const error = (await caught(project.migrator(database, { timeout: '3s' }).up())) as MigrationFailedError;
      expect(error).toMatchObject({ code: 'MIGRATION_FAILED', statement: 2, dirty: false });
      expect(error.cause).toBeInstanceOf(TimeoutError);
      expect(await running(observer, 'timeout of n1$$')).toBe(false);
      project.put(1, ['create table n1 (n int);']);
      expect((await project.migrator(observer).up()).steps).toHaveLength(1);
    });

    it('the signal cancels what runs', async () => {
      const project = new SqlProject();
      project.put(1, ['select pg_sleep(1000), $$signal of o1$$;'], { transaction: false });
      const controller = new AbortController();
      const call = caught(project.migrator(database).up({ signal: controller.signal }));
      await until(() => running(observer, 'signal of o1$$'));
      controller.abort();
      const error = (await call) as MigrationFailedError;
      expect(error).toMatchObject({ statement: 1, dirty: true });
      expect(error.cause).toBeInstanceOf(AbortedError);
      expect(await running(observer, 'signal of o1$$')).toBe(false);
    });

    it('`lockTimeout` ends a statement that waits for somebody', async () => {
      const project = new SqlProject();
      await database.query('create table p1 (n int)');
      project.put(1, ['alter table p1 add column m int;']);
      await observer.transaction(async () => {
        await observer.query('select * from p1');
        const error = (await caught(project.migrator(database, { lockTimeout: '50ms' }).up())) as MigrationFailedError;
        expect(error).toMatchObject({ statement: 1, dirty: false });
        expect(error.cause).toBeInstanceOf(ConflictError);
        expect(error.message).toContain(
          'Another session holds a lock that the statement needs; it waited for `lockTimeout` (50 ms)',
        );
      });
      expect((await project.migrator(database, { lockTimeout: null }).up()).steps).toHaveLength(1);
    });

    it.each([[true], [false]])('unlock() ends what runs, also on the server (transaction: %s)', async (transaction) => {
      const project = new SqlProject();
      const text = `unlock of q1 ${transaction}$$`;
      project.put(1, [`select pg_sleep(1000), $$${text};`], { transaction });
      const call = caught(project.migrator(database).up());
      await until(() => running(observer, text));
      const rescuer = project.migrator(observer);
      const locked = (await caught(rescuer.up())) as MigrationLockedError;
      expect(locked.message).toMatch(
        /^The migrations are locked by .+ \(process \d+ of .+\) (?:from .+ )?since \d{4}-.+ \(select pg_sleep\(1000\)/,
      );
      expect(await rescuer.unlock()).toMatchObject({ doing: expect.stringContaining('pg_sleep(1000)') });
      expect(await call).toBeInstanceOf(MigrationLockLostError);
      expect(await running(observer, text)).toBe(false);
      expect((await rescuer.status()).holder).toBeNull();
    });

    it('a database that is closed ends them', async () => {
      const closing = openedAt(url, { max: 1 });
      const project = new SqlProject();
      project.put(1, ['select pg_sleep(1000), $$closing of r1$$;']);
      const migrator = project.migrator(closing);
      const call = caught(migrator.up());
      await until(() => running(observer, 'closing of r1$$'));
      await closing.close();
      expect(await call).toBeInstanceOf(MigrationLockLostError);
      expect(await caught(migrator.up())).toBeInstanceOf(ClosedError);
    });
  });

  describe('a connection that breaks at COMMIT', () => {
    const projectOf = (table: string, kind: 'sql' | 'code', database: PostgresDatabase) => {
      const project = new SqlProject();
      const text = `create table ${table} (n int)`;
      const value = migration<PostgresDatabase>({
        version: '1',
        name: 'one',
        up: kind === 'sql' ? text : ({ db }) => db.query(text),
      });
      return new Migrator<PostgresDatabase>(database, { migrations: [value], ledger: project.ledger });
    };

    it.each([
      ['sql', 'reply', true],
      ['sql', 'request', false],
      ['code', 'reply', true],
      ['code', 'request', false],
    ] as const)('is looked up in the ledger: %s, its %s lost', async (kind, what, stored) => {
      const wire = await lossyWire(url);
      const shaky = openedAt(wire.url, { max: 1 });
      const table = `s_${kind}_${what}`;
      const migrator = projectOf(table, kind, shaky);
      // The ledger is made before, by a COMMIT of its own.
      await migrator.repair();
      wire.lose(what, 'commit');
      const result = await migrator.up().catch((error: unknown) => error);
      if (stored) expect(result).toMatchObject({ steps: [{ version: '1' }] });
      else expect(result).toMatchObject({ code: 'MIGRATION_FAILED', dirty: false, outcome: 'not-executed' });
      expect(await there(table)).toEqual([stored]);
      expect(await states(migrator)).toEqual([stored ? '1 applied' : '1 pending']);
      await shaky.close();
      await wire.close();
    });

    /** Ends, at COMMIT, the connection that holds the lock. */
    const endingTheLock = (table: string) => `
      create table ${table} (n int);
      create function ${table}_end() returns trigger language plpgsql as $$ begin
        perform pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
          and database = (select oid from pg_database where datname = current_database());
        return null;
      end $$;
      create constraint trigger at_end after insert on ${table} deferrable initially deferred
        for each row execute function ${table}_end();
      insert into ${table} values (1);`;
    const migratorOf = (table: string, of: PostgresDatabase) => {
      const values = [migration<PostgresDatabase>({ version: '1', name: 'one', up: endingTheLock(table) })];
      return new Migrator<PostgresDatabase>(of, { migrations: values, ledger: new SqlProject().ledger });
    };

    it('is looked up on a new one when that of the lock is lost, too', async () => {
      const migrator = migratorOf('s_both', database);
      const result = await migrator.up().catch((error: unknown) => error);
      // Either the server had committed, or it was told to cancel before: what is said is what is there.
      const [stored] = await there('s_both');
      if (stored) expect(result).toMatchObject({ steps: [{ version: '1' }] });
      else expect(result).toBeInstanceOf(MigrationLockLostError);
      expect(await states(migrator)).toEqual([stored ? '1 applied' : '1 pending']);
    });

    it('is told as unknown when nobody can be asked', async () => {
      const wire = await lossyWire(url);
      const shaky = openedAt(wire.url, { max: 1, connectTimeout: '1s' });
      const migrator = migratorOf('s_unknown', shaky);
      await migrator.repair();
      wire.lose('reply', 'commit', true);
      const error = (await caught(migrator.up())) as MigrationLockLostError;
      expect(error).toMatchObject({ code: 'MIGRATION_LOCK_LOST', outcome: 'unknown', version: '1' });
      expect(error.cause).toMatchObject({ code: 'MIGRATION_FAILED', outcome: 'unknown', dirty: true });
      expect((error.cause as Error).message).toContain('Whether it is stored is not known');
      await shaky.close();
      await wire.close();
      expect(await there('s_unknown')).toEqual([true]);
    });
  });
});
