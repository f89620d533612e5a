import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors/config.js';
import { PostgresDatabase } from '../../../src/index.js';
import { checkConfig } from '../../../src/migrate/cli/checked-config.js';
import { Project } from './kit.js';

const database = new PostgresDatabase({ url: 'postgres://nobody@localhost:9/none' });

function problems(config: unknown): readonly string[] {
  try {
    checkConfig(config, 'trivet.config.ts', '.');
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('a configuration', () => {
  it.each([
    [{ database }],
    [{ database: () => database, migrations: 'm', seeds: [], entities: [], ledger: 'x.y', outOfOrder: 'allow' }],
    [{ database, wait: '5m', timeout: '1h', lockTimeout: null, entities: () => [] }],
    [{ databases: { main: { database }, events: { database } } }],
  ])('that is good is taken (%#)', (config) => {
    expect(problems(config)).toEqual([]);
  });

  it.each([
    [undefined, [': its default export must be a configuration, got undefined']],
    [[], [': its default export must be a configuration, got a list']],
    [{}, ['database: must be a database or a function that gives one']],
    [{ database: 'postgres://x' }, [expect.stringMatching(/^database: must be a PostgresDatabase, .* got a string$/)]],
    [{ database, migration: './m' }, ['migration: is no option; did you mean `migrations`?']],
    [{ database, wait: 5 }, [expect.stringMatching(/^wait: must be a duration .* got a number$/)]],
    [{ database, ledger: '' }, ['ledger: must be the name of a table, got a string']],
    [{ database, outOfOrder: 'no' }, ["outOfOrder: must be 'refuse' or 'allow'"]],
    [{ database, entities: [{}] }, [expect.stringMatching(/^entities: must be a list of entities/)]],
    [{ databases: {} }, [expect.stringMatching(/^databases: must be an object of databases by name/)]],
    [{ databases: { a: { database }, b: null } }, ['databases.b: must be an object, got null']],
    [
      { databases: { main: { database, seeds: 1 } }, ledger: 'x' },
      [
        'ledger: must stand in one of the `databases`',
        expect.stringMatching(/^databases.main.seeds: must be the path of a folder/),
      ],
    ],
  ])('that is wrong is refused with every problem, by path, and without a value (%#)', (config, expected) => {
    expect(problems(config)).toEqual(expected);
  });
});

const config = (extra = ''): string => `
import { PostgresDatabase } from 'trivet';
export default { database: () => new PostgresDatabase({ url: 'postgres://nobody@localhost:9/none', connectTimeout: '1s' })${extra} };
`;

describe('the file of the configuration', () => {
  it.each(['ts', 'mts', 'js', 'mjs'])('is found upward from the working directory (.%s)', async (ending) => {
    const project = new Project({ [`trivet.config.${ending}`]: config(', migration: 1'), 'a/b/x.txt': '' });
    const { code, err } = await project.run('migrate status', { cwd: join(project.folder, 'a', 'b') });
    expect(code).toBe(78);
    expect(err).toContain(`trivet.config.${ending}: \`migration\` is no option; did you mean \`migrations\`?`);
  });

  it('is the one that --config names', async () => {
    const project = new Project({ 'trivet.config.mjs': config(), 'other/conf.mjs': config(', wait: 1') });
    const { code, err } = await project.run('migrate status --config other/conf.mjs');
    expect(code).toBe(78);
    expect(err).toContain('`wait` must be a duration');
  });

  it('that --config names and is not there is told', async () => {
    const { code, err } = await new Project().run('migrate status -c none.mjs');
    expect(code).toBe(78);
    expect(err).toMatch(/none\.mjs: there is no such file/);
  });

  it('must be one', async () => {
    const project = new Project({ 'trivet.config.mjs': config(), 'trivet.config.ts': config() });
    const { code, err } = await project.run('migrate status');
    expect(code).toBe(78);
    expect(err).toMatch(/there are trivet\.config\.mjs and trivet\.config\.ts: keep one/);
  });

  it('that cannot be loaded is told with its reason, and without a stack unless --verbose', async () => {
    const project = new Project({
      'trivet.config.mjs': "throw new Error('no DATABASE here: postgres://u:geheim@h/d');",
    });
    const quiet = await project.run('migrate status');
    expect(quiet.code).toBe(78);
    expect(quiet.err).toContain('trivet.config.mjs: it cannot be loaded: no DATABASE here: postgres://***@h/d');
    expect(quiet.err).not.toMatch(/\n\s+at /);
    const verbose = await project.run('migrate status --verbose');
    expect(verbose.err).toMatch(/\n\s+at /);
    expect(verbose.err).toContain('caused by Error');
    expect(verbose.err).not.toContain('geheim');
  });

  it('that has a function which fails, or gives something else, names its path', async () => {
    const project = new Project({
      'trivet.config.mjs': "export default { database: () => { throw new Error('not today'); } };",
    });
    expect((await project.run('migrate status')).err).toContain('`database()` failed: not today');
    const named = 'export default { databases: { main: { database: () => 5 } } };';
    project.write({ 'trivet.config.mjs': '', 'b/trivet.config.mjs': named });
    const { code, err } = await project.run('migrate status', { cwd: project.path('b') });
    expect(code).toBe(78);
    expect(err).toContain('`databases.main.database()` must be a PostgresDatabase');
  });

  it('may have several databases: --database chooses, and where it has to be one the names are told', async () => {
    const both = `
      import { PostgresDatabase } from 'trivet';
      const at = (name) => ({ database: () => new PostgresDatabase({ name, url: 'postgres://nobody@localhost:9/none', connectTimeout: '1s' }) });
      export default { databases: { main: at('main'), events: at('events') } };`;
    const project = new Project({ 'trivet.config.mjs': both, 'migrations/1_a.sql': '-- migrate:up\nselect 1;\n' });
    expect(await project.run('migrate up')).toMatchObject({
      code: 64,
      err: expect.stringContaining('Choose with --database: main, events'),
    });
    expect(await project.run('migrate up -d event')).toMatchObject({
      code: 64,
      err: expect.stringContaining('did you mean `events`?'),
    });
    expect((await project.run('migrate up -d events')).code).toBe(1);
    const { code, document } = await project.json('migrate status');
    expect(code).toBe(1);
    expect(document.databases.map((each: { database: string }) => each.database)).toEqual(['main', 'events']);
    expect(document.databases[0].error).toMatchObject({
      code: 'CONNECTION',
      next: 'does the server run, and is the address right?',
    });
  });
});

describe('without a configuration', () => {
  it('the environment has to say which database', async () => {
    const { code, err } = await new Project().run('migrate status');
    expect(code).toBe(78);
    expect(err).toContain('neither `DATABASE_URL` nor `MONGODB_URI` is set');
  });

  it('and with both in the environment, one has to be chosen', async () => {
    const env = { DATABASE_URL: 'postgres://a@localhost:9/b', MONGODB_URI: 'mongodb://localhost:9/b' };
    const { code, err } = await new Project({}, env).run('migrate status');
    expect(code).toBe(64);
    expect(err).toContain('Choose with --database: postgres, mongo');
  });

  it('a password in the URL is never told', async () => {
    const env = { DATABASE_URL: 'postgres://app:geheim-123@localhost:9/b' };
    const project = new Project({ 'migrations/1_a.sql': '-- migrate:up\nselect 1;\n' }, env);
    const { code, out, err } = await project.run('migrate up --json --verbose');
    expect(code).toBe(1);
    expect(out + err).not.toContain('geheim-123');
  });
});
