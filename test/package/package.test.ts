import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { postgresDatabase } from '../setup/databases.js';
import { Consumer, DRIVERS, type Driver, RESOLUTIONS } from './consumer.js';
import { bin, pack, root, run } from './packed.js';
import { link, ProgramProject, typescriptFiles } from './program.js';
import { sizeOf } from './size.js';

const packed = await pack();
afterAll(() => packed.remove());

const consumers: Consumer[] = [];
afterAll(() => Promise.all(consumers.map((each) => each.remove())));

async function consumer(drivers: readonly Driver[]): Promise<Consumer> {
  const made = await Consumer.install(packed, drivers);
  consumers.push(made);
  return made;
}

/** Two formats with their declarations, readable: a stack trace of a user names a line that can be read. See decision 0005. */
const MAX_UNPACKED = 4_400_000;
/** Minified and compressed, of the code that only this subpath has. The servers and the contract are never part of an application. */
const MAX_OWN: Readonly<Record<string, number>> = {
  '': 52_000,
  postgres: 36_000,
  mongo: 28_000,
  memory: 10_000,
  cache: 30_000,
  pool: 10_000,
  migrate: 52_000,
  http: 16_000,
  telemetry: 2_000,
  testing: 100_000,
};

const manifest = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
};
const subpaths = Object.keys(manifest.exports)
  .filter((key) => key !== './package.json')
  .map((key) => key.slice(2));
const specifier = (subpath: string) => (subpath === '' ? 'trivet' : `trivet/${subpath}`);

const everything = await consumer(DRIVERS);
const bare = await consumer([]);

describe('the package in a project', () => {
  it.each(subpaths)('has the same names in both formats (%j)', async (subpath) => {
    const name = specifier(subpath);
    const asModule = await everything.run('mjs', `import * as all from '${name}'; ${say('Object.keys(all).sort()')}`);
    const asCommonJs = await everything.run('cjs', `const all = require('${name}'); ${say('Object.keys(all).sort()')}`);
    expect(asModule).toEqual(asCommonJs);
    expect(asModule).not.toEqual([]);
    expect(asModule).not.toContain('default');
  });

  it.each([['mjs'], ['cjs']] as const)('stores and finds a row (%s)', async (format) => {
    const names = '{ entity, gte, integer, MemoryDatabase, Repository }';
    const head = format === 'mjs' ? `import ${names} from 'trivet';` : `const ${names} = require('trivet');`;
    const rows = await everything.run(
      format,
      `${head}
      const users = new Repository(new MemoryDatabase(), entity('users', { id: integer().primaryKey(), age: integer() }));
      users.insertMany([{ id: 1, age: 17 }, { id: 2, age: 18 }]).then(() => users.find({ age: gte(18) })).then((rows) => {
        ${say('rows')}
      });`,
    );
    expect(rows).toEqual([{ id: 2, age: 18 }]);
  });

  it.each(RESOLUTIONS)('is typed under $name, with every driver', async (resolution) => {
    await everything.compile('with-drivers.ts', resolution);
  });

  it.each(RESOLUTIONS)('is typed under $name, without any driver', async (resolution) => {
    await bare.compile('without-drivers.ts', resolution);
  });

  it('is refused by the compiler where it is used wrongly', async () => {
    await expect(bare.compile('with-drivers.ts', RESOLUTIONS[0]!)).rejects.toThrow(/mongodb/);
  });
});

describe('the drivers', () => {
  const loaded = `Object.keys(require.cache).map((path) => /node_modules.(pg|mongodb|ioredis).[^/]/.exec(path)?.[1])
    .filter((name, index, all) => name && all.indexOf(name) === index)`;

  it.each(subpaths.filter((each) => each !== 'testing'))('are not loaded by an import (%j)', async (subpath) => {
    const head = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
    const none = await everything.run('mjs', `${head} await import('${specifier(subpath)}'); ${say(loaded)}`);
    expect(none).toEqual([]);
    expect(await everything.run('cjs', `require('${specifier(subpath)}'); ${say(loaded)}`)).toEqual([]);
  });

  it('would be seen if they were', async () => {
    const code = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
      await import('pg'); await import('mongodb'); await import('ioredis'); ${say(loaded)}`;
    expect(await everything.run('mjs', code)).toEqual(['pg', 'mongodb', 'ioredis']);
  });

  it.each([
    { drivers: [], missing: ['pg', 'mongodb'] },
    { drivers: ['pg'], missing: ['mongodb'] },
    { drivers: ['mongodb'], missing: ['pg'] },
  ] as const)('are missed only where they are used: installed are $drivers', async ({ drivers, missing }) => {
    const project = await consumer(drivers);
    const body = `(async () => {
      const { PostgresDatabase, MongoDatabase, ConnectionError, DriverMissingError } = all;
      const found = [];
      const databases = [
        // Nothing listens at the discard port: a driver that is there cannot connect.
        new PostgresDatabase({ url: 'postgres://localhost:9/none', connectTimeout: '1s' }),
        new MongoDatabase({ url: 'mongodb://localhost:9/none', connectTimeout: '1s' }),
      ];
      for (const database of databases) {
        const error = await database.connect().then(() => null, (error) => error);
        if (error instanceof DriverMissingError) found.push([error.package, error.message]);
        else if (!(error instanceof ConnectionError)) found.push([String(error)]);
        await database.close();
      }
      ${say('found')}
    })()`;
    const expected = missing.map((name) => [name, expect.stringContaining(`npm install ${name}@`)]);
    expect(await project.run('mjs', `import * as all from 'trivet'; ${body}`)).toEqual(expected);
    expect(await project.run('cjs', `const all = require('trivet'); ${body}`)).toEqual(expected);
  });

  it('are missed by a cache too, which goes on without a server and not without its driver', async () => {
    const body = `(async () => {
      const cache = new CacheManager(new RedisStore({ url: 'redis://localhost:9' }));
      const codeOf = (work) => work.then(() => 'none', ({ code, message }) => code + ' ' + message);
      const found = [
        await codeOf(cache.getOrSet('a', async () => 1)),
        await codeOf(cache.getMany(['a', 'b'])),
        await codeOf(cache.set('a', 1)),
        await codeOf(cache.get('a')),
      ];
      ${say('found')}
    })()`;
    const told = expect.stringMatching(/^DRIVER_MISSING .*npm install ioredis@/);
    const found = await bare.run('mjs', `import { CacheManager, RedisStore } from 'trivet'; ${body}`);
    expect(found).toEqual([told, told, told, told]);
  });
});

describe('migrations', () => {
  it.each([
    ['mjs', "import { PostgresDatabase } from 'trivet'; import { Migrator } from 'trivet/migrate';"],
    ['cjs', "const { PostgresDatabase } = require('trivet'); const { Migrator } = require('trivet/migrate');"],
  ] as const)('are imported from files, whatever imports them (%s)', async (format, head) => {
    const code = `${head}
      const write = (folder, name, text) => import('node:fs').then(({ mkdirSync, writeFileSync }) => {
        mkdirSync(folder, { recursive: true });
        writeFileSync(folder + '/' + name, text);
      });
      const said = async (folder) => {
        const database = new PostgresDatabase({ url: 'postgres://localhost:9/none', connectTimeout: '1s' });
        const error = await new Migrator(database, { migrations: folder }).plan().catch((error) => error);
        await database.close();
        return [error.code, error.message.split(': ').at(-1)];
      };
      (async () => {
        await write('${format}1', '1_a.mjs', 'throw new Error("read as a module")');
        await write('${format}2', '1_a.cjs', 'throw new Error("read as CommonJS")');
        const found = [await said('${format}1'), await said('${format}2')];
        ${say('found')}
      })();`;
    expect(await everything.run(format, code)).toEqual([
      ['MIGRATION_FILE', 'read as a module'],
      ['MIGRATION_FILE', 'read as CommonJS'],
    ]);
  });
});

describe('the two formats in one process', () => {
  const both = `import { createRequire } from 'node:module';
    import * as esm from 'trivet';
    const cjs = createRequire(import.meta.url)('trivet');
    const define = ({ entity, integer, text }) => entity('users', { id: integer().primaryKey(), name: text(), n: integer() });
    const fill = async (lib, entity = define(lib)) => {
      const users = new lib.Repository(new lib.MemoryDatabase(), entity);
      await users.insertMany([{ id: 1, name: 'Ann', n: 1 }, { id: 2, name: 'Bob', n: 2 }]);
      return users;
    };`;

  it('are two copies', async () => {
    expect(await everything.run('mjs', `${both} ${say('esm.Repository === cjs.Repository')}`)).toBe(false);
  });

  it("know each other's errors", async () => {
    const code = `${both}
      const found = [];
      for (const [one, other] of [[esm, cjs], [cjs, esm]]) {
        const error = await (await fill(one)).get(9).catch((error) => error);
        found.push(error instanceof other.NotFoundError, error instanceof other.TrivetError, error instanceof other.ValidationError);
      }
      ${say('found')}`;
    expect(await everything.run('mjs', code)).toEqual([true, true, false, true, true, false]);
  });

  it("take each other's conditions, groups, operators and entities", async () => {
    const code = `${both}
      const found = [];
      for (const [one, other] of [[esm, cjs], [cjs, esm]]) {
        const users = await fill(one, define(other));
        await users.update(1, { n: other.increment(10) });
        found.push((await users.find({ n: other.gte(11) })).length, await users.count(other.not(other.or({ name: 'Ann' }))));
      }
      ${say('found')}`;
    expect(await everything.run('mjs', code)).toEqual([1, 1, 1, 1]);
  });
});

describe('the program', async () => {
  const { url } = await postgresDatabase();
  // `strip` or `transform` where Node reads TypeScript by itself.
  const reads = (process.features as { readonly typescript?: unknown }).typescript;

  it.each(['module', 'commonjs'] as const)('reads TypeScript through tsx in a project of type %s', async (type) => {
    const withTsx = await consumer(['pg']);
    await link(withTsx, 'tsx');
    const project = await ProgramProject.make(withTsx, typescriptFiles(url, type, `ts_${type}`));
    const { code, out, err } = await project.run('migrate up --json');
    expect(code, err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ databases: [{ steps: [{ version: '001', name: 'users' }] }] });
    expect(await project.run('schema ensure')).toMatchObject({ code: 0, out: 'Nothing was missing\n' });
    expect((await project.run('migrate down --verbose')).code).toBe(0);
  });

  it('says three ways where nothing reads TypeScript', async () => {
    const project = await ProgramProject.make(everything, {
      ...typescriptFiles(url, 'module', 'ts_none'),
      'user.ts': 'export const User = 1;',
    });
    const { code, err } = await project.run('migrate status');
    expect(code).toBe(78);
    // A Node that reads TypeScript does not find `user.js`.
    if (!reads)
      expect(err).toMatch(/does not read TypeScript.*22\.18.*npm install --save-dev tsx.*trivet\.config\.mjs/);
  });

  it.each([
    ['mjs', 'import', "import { defineMigration } from 'trivet/migrate'; import { sql } from 'trivet'; export default"],
    [
      'cjs',
      'require',
      "const { defineMigration } = require('trivet/migrate'); const { sql } = require('trivet'); module.exports =",
    ],
  ])('shares its classes with a configuration and migrations in .%s, by %s', async (ending, way, head) => {
    const table = `t_${ending}`;
    const names = ['PostgresDatabase', 'defineConfig'];
    const imports = names.map((name, i) => {
      const from = ['trivet', 'trivet/migrate'][i]!;
      return way === 'import' ? `import { ${name} } from '${from}';` : `const { ${name} } = require('${from}');`;
    });
    const project = await ProgramProject.make(everything, {
      [`trivet.config.${ending}`]: `${imports.join('\n')}
        ${way === 'import' ? 'export default' : 'module.exports ='} defineConfig({
          database: new PostgresDatabase({ url: ${JSON.stringify(url)} }), ledger: '${table}_ledger' });`,
      [`migrations/001_t.${ending}`]: `${head} defineMigration({
          up: async ({ db }) => { await db.query(sql\`create table ${table} as select \${1}::int as n\`); },
        });`,
    });
    const { code, out, err } = await project.run('migrate up --json');
    expect(code, err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ databases: [{ steps: [{ version: '001' }] }] });
    expect(await project.run('migrate down')).toMatchObject({ code: 1, err: expect.stringContaining('has no `down`') });
  });

  it('needs no configuration with DATABASE_URL, and names the driver where it is missing', async () => {
    const files = { 'migrations/001_plain.sql': '-- migrate:up\ncreate table plain_table (id int);\n' };
    const project = await ProgramProject.make(everything, files);
    expect(await project.run('migrate up', { DATABASE_URL: url })).toMatchObject({ code: 0 });
    expect((await project.run('--version')).out).toMatch(/^\d+\.\d+\.\d+/);
    const without = await ProgramProject.make(bare, files);
    expect(await without.run('migrate up', { DATABASE_URL: url })).toMatchObject({
      code: 1,
      err: expect.stringContaining('npm install pg@'),
    });
  });
});

describe('the tarball', () => {
  it('is clean by publint', async () => {
    const { stdout } = await run(
      process.execPath,
      [bin('publint/src/cli.js'), packed.tarball, '--strict'],
      packed.folder,
    );
    expect(stdout).toContain('All good!');
  });

  it('is clean by attw, for every way of resolving that knows exports', async () => {
    const attw = bin('@arethetypeswrong/cli/dist/index.js');
    const args = [attw, packed.tarball, '--profile', 'node16', '--no-definitely-typed', '--format', 'json'];
    // It exits with 1 when it has found something.
    const { stdout } = await run(process.execPath, args, packed.folder);
    const { analysis } = JSON.parse(stdout) as { readonly analysis: { readonly entrypoints: object } };
    expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining(['.', './postgres', './testing']));
  });

  it('holds what the build makes, and nothing of the development', () => {
    const folders = new Set(packed.files.map(({ path }) => path.split('/')[0]!));
    expect([...folders].sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
    expect(packed.files.filter(({ path }) => /\.(?:map|tsbuildinfo|test\.\w+)$/.test(path))).toEqual([]);
  });

  it('is no larger than it was decided', async () => {
    const sizes = await Promise.all(
      subpaths.map(async (subpath) => ({ subpath, ...(await sizeOf(join(root, 'src'), subpath)) })),
    );
    const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
    console.log(`package: ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`);
    for (const { subpath, own, whole } of sizes) {
      console.log(`${specifier(subpath)}: ${kilobytes(own)} of its own, ${kilobytes(whole)} with what it imports`);
    }
    expect(packed.unpackedSize).toBeLessThanOrEqual(MAX_UNPACKED);
    expect(sizes.filter(({ subpath, own }) => own > (MAX_OWN[subpath] ?? 0))).toEqual([]);
  });
});

function say(expression: string): string {
  return `console.log(JSON.stringify(${expression}));`;
}
