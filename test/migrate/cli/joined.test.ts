import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PostgresDatabase } from '../../../src/index.js';
import { OWN_PARTS } from '../../../src/migrate/cli/own-parts.js';
import { postgresDatabase } from '../../setup/databases.js';
import { Project } from './kit.js';

const config = (url: string, fields: string): string => `
import { entity, integer, PostgresDatabase, text } from 'trivet';
import { defineConfig } from 'trivet/migrate';
export const User = entity('users', { id: integer().primaryKey(), name: text().max(80).unique(), ${fields} });
export default defineConfig({ database: () => new PostgresDatabase({ url: ${JSON.stringify(url)} }), entities: [User] });`;

const SEED = `
import { defineSeed } from 'trivet/migrate';
import { User } from '../trivet.config.js';
export default defineSeed({
  name: 'users',
  run: ({ factory, put }) => put(User, factory(User, ({ sequence }) => ({ name: sequence('user ') }), { key: (number) => number + 1 }).make(30)),
});`;

const parts = OWN_PARTS;
const { url } = await postgresDatabase();

describe('a project from its entities to its rows', () => {
  it('is diffed, migrated, seeded, changed, and taken back, with nothing left to do after each', async () => {
    const cli = new Project({ 'trivet.config.ts': config(url, ''), 'seeds/01_users.ts': SEED });
    expect(await cli.run('schema diff', { parts })).toMatchObject({ code: 2 });
    expect(await cli.run('schema diff --write users', { parts })).toMatchObject({ code: 0 });
    expect(readdirSync(cli.path('migrations'))).toEqual([expect.stringMatching(/^\d{14}_users\.sql$/)]);
    expect(await cli.run('migrate up', { parts })).toMatchObject({ code: 0 });
    expect(await cli.run('schema diff', { parts })).toMatchObject({ code: 0 });

    expect((await cli.run('seed', { parts })).out).toMatch(/^✓ users {2}30 rows inserted/);
    expect((await cli.run('seed', { parts })).out).toMatch(/^✓ users {2}nothing to do/);
    const database = new PostgresDatabase({ url });
    expect(await database.query('select count(*)::int as n from users')).toEqual([{ n: 30 }]);
    expect((await cli.run('seed undo --yes', { parts })).out).toMatch(/^✓ users {2}30 rows deleted/);
    expect(await database.query('select count(*)::int as n from users')).toEqual([{ n: 0 }]);

    const changed = new Project({ 'trivet.config.ts': config(url, 'age: integer().optional()') });
    const written = await changed.run('schema diff --write age', { parts, cwd: changed.folder });
    expect(written).toMatchObject({ code: 0 });
    expect(written.out).toContain('column users.age');
    await database.close();
  });

  it('says which file is no seed, and that it is for the configuration to be mended', async () => {
    const cli = new Project({ 'trivet.config.ts': config(url, ''), 'seeds/01_users.ts': 'export const nothing = 1;' });
    expect(await cli.run('seed', { parts })).toMatchObject({ code: 78, err: expect.stringContaining('01_users.ts') });
  });
});
