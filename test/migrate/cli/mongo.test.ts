import { describe, expect, it } from 'vitest';
import { MongoDatabase } from '../../../src/index.js';
import { OWN_PARTS } from '../../../src/migrate/cli/own-parts.js';
import { mongoDatabase } from '../../setup/databases.js';
import { Project } from './kit.js';

const { url } = await mongoDatabase();
const env = { MONGODB_URI: url };
// A ledger is of a database.
const other = { MONGODB_URI: (await mongoDatabase()).url };

const code = (body: string): string => `
import { entity, Repository, text } from 'trivet';
import { defineMigration } from 'trivet/migrate';
const User = entity('cli_users', { name: text().max(20).primaryKey() });
export default defineMigration({
  up: async ({ db }) => { ${body} },
  down: async ({ db }) => { await new Repository(db, User).delete('Ann'); },
});`;

describe('on MongoDB', () => {
  it('MONGODB_URI and ./migrations are enough to go up, look, and go down', async () => {
    const cli = new Project(
      { 'migrations/001_users.mjs': code("await new Repository(db, User).insert({ name: 'Ann' });") },
      env,
    );
    expect((await cli.run('migrate plan')).out).toContain('in code: what it does is known when it runs');
    expect((await cli.run('migrate plan')).code).toBe(2);
    expect(await cli.run('migrate up')).toMatchObject({ code: 0, out: expect.stringContaining('1 migration applied') });
    expect((await cli.json('migrate status')).document.databases[0]).toMatchObject({
      database: 'mongo',
      pending: 0,
      holder: null,
    });
    expect((await cli.run('migrate down')).out).toContain('1 migration undone');
    expect((await cli.run('migrate plan')).code).toBe(2);
  });

  it('one that fails half-way is dirty: 1, then 4, until repair', async () => {
    const cli = new Project({ 'migrations/002_half.mjs': code("throw new Error('no');") }, other);
    expect((await cli.run('migrate up')).code).toBe(1);
    expect((await cli.run('migrate up')).code).toBe(4);
    expect((await cli.run('migrate repair --forget 002 --yes')).code).toBe(0);
    expect((await cli.run('migrate status --check')).code).toBe(2);
  });

  it('create writes JavaScript, TypeScript where the project has a tsconfig.json, and refuses SQL', async () => {
    const cli = new Project({}, env);
    expect((await cli.run('migrate create add_users')).out).toMatch(/_add_users\.mjs\n$/);
    cli.write({ 'tsconfig.json': '{}' });
    expect((await cli.run('migrate create add_posts')).out).toMatch(/_add_posts\.ts\n$/);
    expect(await cli.run('migrate create x --kind sql')).toMatchObject({
      code: 64,
      err: expect.stringContaining('MongoDB knows no SQL'),
    });
  });

  it('schema diff writes what the entities have and the database has not; after up there is no difference', async () => {
    const cli = new Project({
      'trivet.config.mjs': `
        import { entity, MongoDatabase, text } from 'trivet';
        const User = entity('diffed_users', { id: text().max(20).primaryKey(), email: text().max(80).unique() });
        export default { database: () => new MongoDatabase({ url: ${JSON.stringify(url)} }), entities: [User], ledger: 'diffed' };`,
    });
    const first = await cli.run('schema diff --write add_users', { parts: OWN_PARTS });
    expect(first, first.err).toMatchObject({ code: 0 });
    expect(first.out).toMatch(/^create collection diffed_users$/m);
    expect(first.out).toMatch(/migrations\/\d{14}_add_users\.mjs$/m);
    const up = await cli.run('migrate up --verbose');
    expect(up.code, up.err).toBe(0);
    expect(await cli.run('schema diff', { parts: OWN_PARTS })).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The database fits the entities$/m),
    });
    expect((await cli.run('schema ensure')).out).toBe('Nothing was missing\n');
  });

  it('a database of the configuration is closed in the end', async () => {
    const key = `cliDatabase${process.pid}`;
    const database = new MongoDatabase({ url });
    Object.assign(globalThis, { [key]: database });
    const cli = new Project({ 'trivet.config.mjs': `export default { database: globalThis.${key}, migrations: [] };` });
    expect((await cli.run('migrate status')).code).toBe(0);
    await expect(database.ping()).rejects.toMatchObject({ code: 'CLOSED' });
    Reflect.deleteProperty(globalThis, key);
  });
});
