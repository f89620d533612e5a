import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Parts, SeedRunner } from '../../../src/migrate/cli/parts.js';
import type { SchemaDiff } from '../../../src/migrate/diff/types.js';
import { postgresDatabase } from '../../setup/databases.js';
import { Project } from './kit.js';

const { url } = await postgresDatabase();

const config = (table: string): string => `
import { entity, integer, PostgresDatabase, text } from 'trivet';
import { defineConfig } from 'trivet/migrate';
const User = entity('${table}', { id: integer().primaryKey(), name: text().max(80).unique() });
export default defineConfig({ database: () => new PostgresDatabase({ url: ${JSON.stringify(url)} }), entities: [User] });`;

const project = (table: string): Project => new Project({ 'trivet.config.ts': config(table) });

describe('schema ensure', () => {
  it('makes what is missing and says it, and then has nothing to do', async () => {
    const cli = project('ensured');
    const first = await cli.run('schema ensure');
    expect(first.code).toBe(0);
    expect(first.out).toContain('+ table ensured\n');
    expect(await cli.run('schema ensure')).toEqual({ code: 0, out: 'Nothing was missing\n', err: '' });
    expect((await cli.json('schema ensure')).document.databases).toEqual([
      { database: 'main', exit: 0, created: [], drift: [] },
    ]);
  });

  it('needs entities in the configuration', async () => {
    const cli = new Project({ 'migrations/x.txt': '' }, { DATABASE_URL: url });
    expect(await cli.run('schema ensure')).toMatchObject({
      code: 78,
      err: expect.stringContaining('`entities` must be given'),
    });
  });
});

const DIFF: SchemaDiff = {
  changes: [
    {
      action: 'alter',
      what: 'column users.age',
      up: ['alter table users add column age integer'],
      down: ['alter table users drop column age'],
      transaction: true,
      warnings: [{ risk: 'blocks', message: 'Reads and writes wait for a moment' }],
    },
  ],
  foreign: ['table logs is of no entity'],
  questions: [],
};

function parts(diff: SchemaDiff, asked: unknown[] = []): Partial<Parts> {
  return {
    diffSchema: async (_database, entities, options) => {
      asked.push([entities.length, options]);
      return diff;
    },
    renderMigrations: ({ changes }, { name }) =>
      changes.map(({ up }, n) => ({ name: `${name}_${n + 1}`, kind: 'sql', text: `-- migrate:up\n${up[0]};\n` })),
  };
}

describe('schema diff', () => {
  it('prints the statements with what they do to others, and exits with 2', async () => {
    const asked: unknown[] = [];
    const line = 'schema diff --rename users.name=users.full_name --drop --drop-table old';
    const { code, out } = await project('diffed').run(line, { parts: parts(DIFF, asked) });
    expect(code).toBe(2);
    expect(out).toBe(
      'alter column users.age\n     alter table users add column age integer;\n  ! blocks: Reads and writes wait for a moment\n- table logs is of no entity\n1 difference\n',
    );
    expect(asked).toEqual([[1, { renames: { 'users.name': 'users.full_name' }, drop: true, dropTables: ['old'] }]]);
  });

  it('exits with 0 when the database fits', async () => {
    const fits = { ...DIFF, changes: [] };
    expect(await project('diffed').run('schema diff', { parts: parts(fits) })).toMatchObject({ code: 0 });
    expect((await project('diffed').json('schema diff', { parts: parts(fits) })).document.databases[0].changes).toEqual(
      [],
    );
  });

  it('--write writes the migrations and exits with 0', async () => {
    const cli = project('diffed');
    const { code, document } = await cli.json('schema diff --write add_age', { parts: parts(DIFF) });
    expect(code).toBe(0);
    const [file] = document.databases[0].files;
    expect(file).toMatch(/migrations\/\d{14}_add_age_1\.sql$/);
    expect(readFileSync(file, 'utf8')).toBe('-- migrate:up\nalter table users add column age integer;\n');
  });

  it('writes nothing while something that may be a rename is not decided', async () => {
    const open = { ...DIFF, questions: [{ from: 'users.name', to: ['users.full_name', 'users.nick'] }] };
    const { code, err } = await project('diffed').run('schema diff --write x', { parts: parts(open) });
    expect(code).toBe(64);
    expect(err).toContain(
      '--rename users.name=users.full_name or --rename users.name=users.nick; if not, --rename users.name=users.name',
    );
  });
});

describe('seed', () => {
  it('runs the seeds with progress, only those that are named, and takes them away with --yes', async () => {
    const asked: unknown[] = [];
    const seeder: Parts['seeder'] = (database, { seeds }): SeedRunner => {
      const listeners: ((seed: string, done: number, total: number | null) => void)[] = [];
      const report = (inserted: number, deleted: number) => ({
        seeds: [{ name: 'users', inserted, updated: 0, deleted, durationMs: 5 }],
      });
      return {
        on: (_name, listener) => {
          listeners.push(listener);
          return () => {};
        },
        run: async (options) => {
          asked.push([database.engine, typeof seeds, options?.only]);
          for (const listener of listeners) for (const done of [0, 50, 100]) listener('users', done, 100);
          return report(100, 0);
        },
        undo: async () => report(0, 100),
      };
    };
    const cli = project('seeded');
    let seconds = 0;
    const { code, out, err } = await cli.run('seed --only users --only posts', {
      parts: { seeder },
      now: () => 1_000 * seconds++,
    });
    expect({ code, out, err }).toEqual({
      code: 0,
      out: '✓ users  100 rows inserted  5 ms\n',
      err: 'seed users 50%, 50 of 100\n',
    });
    expect(asked).toEqual([['postgres', 'string', ['users', 'posts']]]);
    expect((await cli.run('seed undo --yes', { parts: { seeder } })).out).toBe('✓ users  100 rows deleted  5 ms\n');
    expect((await cli.json('seed', { parts: { seeder } })).document.databases[0].seeds[0].inserted).toBe(100);
  });
});
