import { describe, expect, inject, it } from 'vitest';
import { Interruption } from '../../../src/migrate/cli/world.js';
import { openedAt, running, until } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { Project, sqlFile } from './kit.js';

const { url } = await postgresDatabase();
const observer = openedAt(url, { max: 2 });
const env = { DATABASE_URL: url };

let count = 0;

/** A project with a schema of its own, whose ledger is in that schema. */
async function project(
  migrations: Readonly<Record<string, string>>,
  extra = '',
): Promise<{ readonly schema: string; readonly cli: Project }> {
  const schema = `s${count++}`;
  const named = Object.entries(migrations).map(([name, text]) => [
    `migrations/${name}`,
    text.replaceAll('SCHEMA', schema),
  ]);
  const cli = new Project(
    {
      ...Object.fromEntries(named),
      'trivet.config.ts': `
        import { PostgresDatabase } from 'trivet';
        import { defineConfig } from 'trivet/migrate';
        export default defineConfig({
          database: () => new PostgresDatabase({ url: ${JSON.stringify(url)} }),
          ledger: '${schema}.ledger', lockTimeout: null${extra}
        });`,
    },
    env,
  );
  return { schema, cli };
}

const USERS = { '001_users.sql': sqlFile('create table SCHEMA.users (id int primary key)', 'drop table SCHEMA.users') };
const TWO = {
  ...USERS,
  '002_names.sql': sqlFile(
    'alter table SCHEMA.users add column name text',
    'alter table SCHEMA.users drop column name',
  ),
};
const SLEEP = { '001_sleep.sql': sqlFile('select pg_sleep(600)') };

async function columns(schema: string): Promise<readonly string[]> {
  const rows = await observer.query<{ name: string }>(
    "select column_name as name from information_schema.columns where table_schema = $1 and table_name = 'users' order by ordinal_position",
    [schema],
  );
  return rows.map(({ name }) => name);
}

describe('on PostgreSQL', () => {
  it('up applies what is pending, says each step, and then has nothing to do', async () => {
    const { cli, schema } = await project(TWO);
    const first = await cli.run('migrate up');
    expect(first).toMatchObject({ code: 0 });
    expect(first.out).toMatch(/^✓ up {3}001 users {2}\d+ ms\n✓ up {3}002 names {2}\d+ ms\n2 migrations applied\n$/);
    expect(first.err).toBe('up   001 users ...\nup   002 names ...\n');
    expect(await columns(schema)).toEqual(['id', 'name']);
    expect(await cli.run('migrate up')).toEqual({ code: 0, out: 'Nothing to do\n', err: '' });
  });

  it('without a configuration, DATABASE_URL and ./migrations are enough', async () => {
    const cli = new Project(
      { 'migrations/001_x.sql': sqlFile('create table plain (id int)', 'drop table plain') },
      env,
    );
    expect((await cli.json('migrate up')).document).toMatchObject({
      command: 'migrate up',
      exit: 0,
      databases: [{ database: 'postgres', steps: [{ version: '001', name: 'x', direction: 'up' }] }],
    });
    expect((await cli.run('migrate to 0')).out).toContain('1 migration undone');
    expect((await observer.query("select to_regclass('plain') as at"))[0]).toEqual({ at: null });
  });

  it('up --steps, up --to, down n, down --to, to and redo go where they are told', async () => {
    const { cli, schema } = await project(TWO);
    await cli.run('migrate up --steps 1');
    expect(await columns(schema)).toEqual(['id']);
    await cli.run('migrate up --to 2');
    expect(await columns(schema)).toEqual(['id', 'name']);
    expect((await cli.run('migrate redo')).out).toMatch(
      /✓ down 002 names.*\n✓ up {3}002 names.*\n1 migration undone, 1 migration applied/,
    );
    await cli.run('migrate down --to 1');
    expect(await columns(schema)).toEqual(['id']);
    await cli.run('migrate to 2');
    expect(await columns(schema)).toEqual(['id', 'name']);
    expect((await cli.json('migrate down 2')).document.databases[0].steps).toMatchObject([
      { version: '002' },
      { version: '001' },
    ]);
    expect(await columns(schema)).toEqual([]);
    expect((await cli.run('migrate to 9')).code).toBe(64);
  });

  it('plan shows the SQL, does nothing, and its exit code is 2 when there is something to do', async () => {
    const { cli, schema } = await project(TWO);
    const { code, out } = await cli.run('migrate plan');
    expect(code).toBe(2);
    expect(out).toContain(`up   001 users\n     create table ${schema}.users (id int primary key);\n`);
    expect(out).toContain('2 migrations to run');
    expect(await columns(schema)).toEqual([]);
    expect((await cli.json('migrate plan')).document.databases[0].steps).toHaveLength(2);
    await cli.run('migrate up');
    expect(await cli.run('migrate plan')).toMatchObject({ code: 0, out: 'Nothing to do\n' });
    expect(await cli.run('migrate plan --down --steps 2')).toMatchObject({
      code: 2,
      out: expect.stringContaining('drop column name'),
    });
  });

  it.each([
    ['migrate up --dry-run', 'create table'],
    ['migrate to 2 --dry-run', 'add column name'],
  ])('%s shows the SQL, does nothing and exits with 0', async (line, text) => {
    const { cli, schema } = await project(TWO);
    const { code, out } = await cli.run(line);
    expect(code).toBe(0);
    expect(out).toContain(text);
    expect(out).toContain('This was a dry run: nothing was done');
    expect(await columns(schema)).toEqual([]);
  });

  it.each([['migrate down --dry-run'], ['migrate redo --dry-run'], ['migrate to 1 --dry-run']])(
    '%s shows the way back and does nothing',
    async (line) => {
      const { cli, schema } = await project(TWO);
      await cli.run('migrate up');
      const { code, out } = await cli.run(line);
      expect(code).toBe(0);
      expect(out).toContain('drop column name');
      expect(out.includes('add column name')).toBe(line.includes('redo'));
      expect(await columns(schema)).toEqual(['id', 'name']);
    },
  );

  it('status is a table of what is applied and pending; --check tells it by the exit code', async () => {
    const { cli } = await project(TWO);
    await cli.run('migrate up --steps 1');
    const { code, out } = await cli.run('migrate status');
    expect(code).toBe(0);
    expect(out).toMatch(/^VERSION {2}NAME {3}STATE/);
    expect(out).toMatch(/^001 {6}users {2}applied {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}\d+ ms/m);
    expect(out).toMatch(/^002 {6}names {2}pending$/m);
    expect(out).toContain('2 migrations, 1 pending');
    expect((await cli.run('migrate status --check')).code).toBe(2);
    await cli.run('migrate up');
    expect((await cli.run('migrate status --check')).code).toBe(0);
    cli.write({ 'migrations/001_users.sql': sqlFile('create table other (id int)') });
    expect((await cli.run('migrate status --check')).code).toBe(4);
    expect((await cli.run('migrate status')).out).toContain('applied (edited)');
  });

  it('an edited file: validate and up exit with 4, repair says what is wrong, and mends it with --yes', async () => {
    const { cli, schema } = await project(USERS);
    await cli.run('migrate up');
    expect((await cli.run('migrate validate')).code).toBe(0);
    cli.write({
      'migrations/001_users.sql': sqlFile(`create table ${schema}.users (id int primary key) -- the key`, 'select 1'),
      'migrations/002_more.sql': sqlFile('select 2'),
    });
    expect(await cli.run('migrate validate')).toMatchObject({ code: 4, out: expect.stringContaining('was edited') });
    const up = await cli.json('migrate up');
    expect(up).toMatchObject({
      code: 4,
      document: { databases: [{ error: { code: 'MIGRATION_HISTORY', problems: [{ kind: 'edited' }] } }] },
    });
    const asked = await cli.run('migrate repair');
    expect(asked.code).toBe(64);
    expect(asked.err).toMatch(/was edited[\s\S]*say how with --applied, --forget or --checksums, and --yes/);
    expect((await cli.run('migrate repair --checksums')).err).toContain('say so with --yes');
    expect((await cli.run('migrate validate')).code).toBe(4);
    expect(await cli.run('migrate repair --checksums --yes')).toMatchObject({
      code: 0,
      out: '001 is taken as its file is now\n',
    });
    expect((await cli.run('migrate up')).out).toContain('1 migration applied');
    expect((await cli.run('migrate repair')).out).toContain('nothing to mend');
  });

  it('a migration that fails exits with 1, names the statement and says what to do; those before it stay', async () => {
    const { cli } = await project({ ...USERS, '002_bad.sql': sqlFile('select 1;\nselect * from nowhere') });
    const { code, out, err } = await cli.run('migrate up');
    expect(code).toBe(1);
    expect(out).toContain('✓ up   001 users');
    expect(err).toContain('✗ up   002 bad');
    expect(err).toMatch(
      /^Error: The up of migration 002 \(bad\) failed, statement 2.*nowhere.*Nothing of it is stored$/m,
    );
    expect(err).toMatch(/^Next: correct it and run the same again/m);
    expect(err).not.toMatch(/\n\s+at /);
    expect((await cli.run('migrate up --verbose')).err).toMatch(/\n\s+at /);
    const { document } = await cli.json('migrate up');
    expect(document.databases[0].error).toMatchObject({
      code: 'MIGRATION_FAILED',
      version: '002',
      statement: 2,
      dirty: false,
    });
  });

  it('one that runs without a transaction and fails is dirty: 1, then 4, until repair', async () => {
    const { cli, schema } = await project({
      ...USERS,
      '002_half.sql': sqlFile(
        'create table SCHEMA.half (id int);\nselect * from nowhere',
        'drop table SCHEMA.half',
        'transaction:false',
      ),
    });
    const first = await cli.run('migrate up');
    expect(first.code).toBe(1);
    expect(first.err).toMatch(/^Next: look what of it is in the database, then `trivet migrate repair --applied 002`/m);
    const second = await cli.run('migrate up');
    expect(second.code).toBe(4);
    expect(second.err).toContain('half-way');
    expect((await cli.run('migrate status')).out).toMatch(/^002 .*dirty/m);
    await observer.query(`drop table ${schema}.half`);
    expect((await cli.run('migrate repair --forget 002 --yes')).out).toContain('002 is forgotten');
    expect((await cli.run('migrate status')).out).toMatch(/^002 .*pending/m);
  });

  it('baseline takes what is there for applied, and later ones run', async () => {
    const { cli, schema } = await project(TWO);
    await observer.query(`create schema ${schema}`);
    await observer.query(`create table ${schema}.users (id int primary key)`);
    expect(await cli.run('migrate baseline 001')).toMatchObject({ code: 0, out: '1 migration taken for applied\n' });
    expect((await cli.run('migrate up')).out).toContain('✓ up   002 names');
    expect((await cli.run('migrate status')).out).toMatch(/^001 .*baseline/m);
  });

  it('a file that is no migration is refused with 78, file and line, before anything runs', async () => {
    const { cli, schema } = await project({ ...USERS, '002_bad.sql': 'select 1;\n' });
    expect(await cli.run('migrate up')).toMatchObject({ code: 78, err: expect.stringContaining('002_bad.sql') });
    expect(await columns(schema)).toEqual([]);
    const none = new Project({}, env);
    expect(await none.json('migrate status')).toMatchObject({
      code: 78,
      document: { databases: [{ error: { code: 'MIGRATION_FILE', file: none.path('migrations') } }] },
    });
  });

  it('a migration without a way back is refused with 1', async () => {
    const { cli } = await project({ '001_x.sql': '-- migrate:up\nselect 1;\n' });
    expect(await cli.run('migrate up')).toMatchObject({ code: 0, out: expect.stringContaining('1 migration applied') });
    expect(await cli.run('migrate down')).toMatchObject({ code: 1, err: expect.stringContaining('has no `down`') });
  });

  it('create writes a file that comes behind those that are there', async () => {
    const { cli } = await project(TWO);
    const { code, out } = await cli.run('migrate create add_age');
    expect(code).toBe(0);
    expect(out).toMatch(/^migrations\/\d{14}_add_age\.sql\n$/);
    const { document } = await cli.json('migrate create fill --kind ts');
    expect(document.databases[0].file).toMatch(/_fill\.ts$/);
  });

  it('a migration in TypeScript has the database, and tells how far it is', async () => {
    const { cli, schema } = await project({
      ...USERS,
      '002_fill.ts': `
        import type { PostgresDatabase } from 'trivet';
        import { defineMigration } from 'trivet/migrate';
        enum Least { Id = 1 }
        export default defineMigration<PostgresDatabase>({
          up: async ({ db, progress }) => {
            for (let id = Least.Id as number; id <= 20; id++) {
              await db.query('insert into SCHEMA.users (id) values ($1)', [id]);
              progress(id, 20);
            }
          },
        });`,
    });
    let seconds = 0;
    const { code, err } = await cli.run('migrate up', { now: () => 1_000 * seconds++ });
    expect(code).toBe(0);
    expect(err).toContain('up   002 fill 50%, 10 of 20\n');
    expect(await observer.query(`select count(*)::int as n from ${schema}.users`)).toEqual([{ n: 20 }]);
    expect(await cli.run('migrate up', { isTTY: true })).toMatchObject({ out: 'Nothing to do\n' });
  });

  it('--quiet says nothing but errors', async () => {
    const { cli } = await project(TWO);
    expect(await cli.run('migrate up --quiet')).toEqual({ code: 0, out: '', err: '' });
  });
});

// PGlite has no second session.
describe.skipIf(!inject('postgresReal'))('while somebody else migrates', () => {
  async function busy(): Promise<{
    readonly cli: Project;
    stop(signal: 'SIGINT' | 'SIGTERM'): void;
    readonly ended: Promise<{ code: number; err: string }>;
  }> {
    const { cli } = await project(SLEEP);
    const controller = new AbortController();
    const ended = cli.run('migrate up', { signal: controller.signal });
    await until(() => running(observer, 'pg_sleep(600)'));
    return { cli, ended, stop: (signal) => controller.abort(new Interruption(signal)) };
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'up exits with 3 and says who; %s ends what runs with %d, and gives the lock back',
    async (signal, code) => {
      const { cli, ended, stop } = await busy();
      const { code: locked, err } = await cli.run('migrate up');
      expect(locked).toBe(3);
      expect(err).toMatch(/locked by .*process/);
      expect(err).toMatch(/^Next: wait for it with `--wait 5m`/m);
      expect((await cli.run('migrate status')).out).toMatch(/^Locked by /m);
      stop(signal);
      const first = await ended;
      expect(first.code).toBe(code);
      expect(first.err).toContain(`Ended by ${signal}`);
      expect(await running(observer, 'pg_sleep(600)')).toBe(false);
      expect((await cli.run('migrate unlock')).out).toBe('Nobody has the lock\n');
      cli.write({ 'migrations/001_sleep.sql': sqlFile('select 1') });
      expect((await cli.run('migrate up')).code).toBe(0);
    },
  );

  it('unlock shows who it is, and with --yes ends its work', async () => {
    const { cli, ended } = await busy();
    const asked = await cli.run('migrate unlock');
    expect(asked.code).toBe(64);
    expect(asked.err).toMatch(/The lock is held by .*process.*--yes takes it away/s);
    expect(await cli.run('migrate unlock --yes')).toMatchObject({
      code: 0,
      out: expect.stringContaining('The lock was taken away from'),
    });
    expect((await ended).code).toBe(1);
    expect((await cli.run('migrate unlock --yes')).out).toBe('Nobody had the lock\n');
  });

  it('up --wait waits for it, and says for whom', async () => {
    const { cli, ended, stop } = await busy();
    cli.write({ 'migrations/001_sleep.sql': sqlFile('select 1') });
    const second = cli.run('migrate up --wait 5m');
    await until(async () => (await cli.run('migrate status')).out.includes('Locked by'));
    stop('SIGINT');
    expect((await ended).code).toBe(130);
    const { code, err } = await second;
    expect(code).toBe(0);
    if (err.includes('Waiting')) expect(err).toMatch(/Waiting for .*process/);
  });
});
