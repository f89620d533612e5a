import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openedAt, until } from '../postgres/kit.js';
import { postgresDatabase } from '../setup/databases.js';
import { caught, SqlProject } from './sql-kit.js';

const SCRIPT = fileURLToPath(new URL('postgres-migrator-process.ts', import.meta.url));

function migrating(url: string, { folder, ledger }: SqlProject, wait: string): ChildProcess {
  const args = ['--import', 'tsx', SCRIPT, url, folder, ledger, wait];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Four statements of which one is replaced: what was done before it is seen by its table. */
const STATEMENTS = 4;
const madeBy = (name: string, stopAt: number, stop: string) =>
  Array.from({ length: STATEMENTS }, (_, i) =>
    i + 1 === stopAt ? stop : `create table if not exists ${name}_${i + 1} (n int);`,
  );

// PGlite has one session: a lock on a connection of its own needs two.
describe.skipIf(!inject('postgresReal'))('a migration that is ended in the middle, or runs beside others', async () => {
  const { url } = await postgresDatabase();
  const database = openedAt(url, { max: 2 });
  const tables = async (name: string): Promise<string[]> => {
    const rows = await database.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relname like $1 order by 1`,
      [`${name.replaceAll('_', '\\_')}\\_%`],
    );
    return rows.map((row) => row.name.slice(name.length + 1));
  };
  const upTo = (last: number) => Array.from({ length: last }, (_, i) => String(i + 1));
  const every = Array.from({ length: STATEMENTS }, (_, i) => i + 1).flatMap((at) =>
    [true, false].map((transaction) => ({ at, transaction })),
  );

  it.each(every)(
    'by the loss of its connection at statement $at (transaction: $transaction)',
    async ({ at, transaction }) => {
      const name = `lost${at}${transaction}`.toLowerCase();
      const project = new SqlProject();
      project.put(1, madeBy(name, at, 'select pg_terminate_backend(pg_backend_pid());'), { transaction });
      const migrator = project.migrator(database);
      const error = await caught(migrator.up());
      expect(error).toMatchObject({ code: 'MIGRATION_FAILED', statement: at, dirty: !transaction });
      expect(await tables(name)).toEqual(transaction ? [] : upTo(at - 1));
      const [status] = (await migrator.status()).migrations;
      expect(status!.state).toBe(transaction ? 'pending' : 'dirty');
      const [line] = await database.query(`select state, statements from ${project.ledger}`);
      expect(line).toEqual(transaction ? undefined : { state: 'applying', statements: at - 1 });
      project.put(1, madeBy(name, 0, ''), { transaction });
      if (!transaction) await migrator.repair({ forget: ['1'] });
      expect((await migrator.up()).steps).toHaveLength(1);
      expect(await tables(name)).toEqual(upTo(STATEMENTS));
    },
  );

  it.each(every)(
    'by the death of its process at statement $at (transaction: $transaction)',
    async ({ at, transaction }) => {
      const name = `dead${at}${transaction}`.toLowerCase();
      const key = 1_000 + at * 2 + Number(transaction);
      const project = new SqlProject();
      project.put(1, madeBy(name, at, `select pg_advisory_lock_shared(${key});`), { transaction });
      await database.transaction(async () => {
        await database.query('select pg_advisory_xact_lock($1::int8)', [key]);
        const child = migrating(url, project, '0s');
        await database.detached(() =>
          until(
            async () =>
              (await database.query('select from pg_locks where not granted and objid = $1::int8::oid', [key])).length >
              0,
          ),
        );
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        expect(await exit).toEqual([null, 'SIGKILL']);
      });
      // The statement may still end on the server: nobody begins before that is over.
      const migrator = project.migrator(database, { wait: '1m' });
      const report = await migrator.repair();
      expect(report.problems.map(({ kind }) => kind)).toEqual(transaction ? [] : ['dirty']);
      expect(await tables(name)).toEqual(transaction ? [] : upTo(at - 1));
      const [line] = await database.query(`select state, statements from ${project.ledger}`);
      expect(line).toEqual(transaction ? undefined : { state: 'applying', statements: at - 1 });
      project.put(1, madeBy(name, 0, ''), { transaction });
      if (!transaction) await migrator.repair({ forget: ['1'] });
      expect((await migrator.up()).steps).toHaveLength(1);
      expect(await tables(name)).toEqual(upTo(STATEMENTS));
    },
  );

  // Older servers notice only when the statement is over.
  it.skipIf(Number.parseInt(inject('postgresVersion'), 10) < 14)(
    'is ended by the server, too, when its process is dead',
    async () => {
      const project = new SqlProject();
      project.put(1, ['create table orphan (n int);', 'select pg_sleep(100000);'], { transaction: false });
      const child = migrating(url, project, '0s');
      const sleeping = async () =>
        (
          await database.query(
            "select from pg_stat_activity where state = 'active' and query = 'select pg_sleep(100000)'",
          )
        ).length > 0;
      await until(sleeping);
      child.kill('SIGKILL');
      // Whoever comes next waits for it, and does not for long.
      const migrator = project.migrator(database, { wait: '1m' });
      expect((await migrator.repair({ applied: ['1'] })).problems).toEqual([]);
      expect(await sleeping()).toBe(false);
    },
  );

  it('may be a file of TypeScript where the process reads it', async () => {
    const project = new SqlProject();
    const code = `type Database = { query(text: string): Promise<unknown> };
      export const up = ({ db }: { db: Database }): Promise<unknown> => db.query('create table typed_1 (n int)');`;
    writeFileSync(join(project.folder, '1_typed.ts'), code);
    const child = migrating(url, project, '0s');
    expect(await text(child.stdout!)).toBe('["1"]\n');
    expect(await tables('typed')).toEqual(['1']);
  });

  it('runs each migration once in processes that start together', async () => {
    const project = new SqlProject();
    for (let version = 1; version <= 6; version++)
      project.put(version, [`create table once_${version} (n int);`], { transaction: version % 2 === 0 });
    const children = [migrating(url, project, '60s'), migrating(url, project, '60s'), migrating(url, project, '60s')];
    const said = await Promise.all(
      children.map(async (child) => {
        const [output, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
        expect(code).toBe(0);
        return JSON.parse(output) as string[];
      }),
    );
    expect(said.flat().sort()).toEqual(upTo(6));
    expect(await tables('once')).toEqual(upTo(6));
  });
});
