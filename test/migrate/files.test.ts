import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { MongoDatabase, PostgresDatabase } from '../../src/index.js';
import { createMigration, defineMigration, MigrationFileError, Migrator, migration } from '../../src/migrate/index.js';
import { loadMigrations } from '../../src/migrate/load.js';

const root = mkdtempSync(join(tmpdir(), 'trivet-migrations-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'm-'));
});

const postgres = { database: new PostgresDatabase({ host: 'localhost' }), transactional: true };
const mongo = { database: new MongoDatabase({ url: 'mongodb://localhost/x' }), transactional: false };

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const load = (
  engine: typeof postgres | typeof mongo = postgres,
  by: ((file: string) => Promise<unknown>) | null = null,
) => loadMigrations<never>({ migrations: folder, load: by }, engine);
const refusal = async (engine?: typeof postgres | typeof mongo): Promise<MigrationFileError> => {
  const error = await load(engine).then(
    () => null,
    (error) => error,
  );
  expect(error).toBeInstanceOf(MigrationFileError);
  return error as MigrationFileError;
};
const SQL = '-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;\n';

describe('a folder of migrations', () => {
  it('is read in the order of the values of the versions, and other files may lie beside', async () => {
    put('10_b.sql', SQL);
    put('9_a.sql', SQL);
    put('README.md', 'read me');
    put('helpers.mjs', 'throw new Error("not a migration")');
    put('11_types.d.ts', 'export {}');
    const found = await load();
    expect(found.map(({ version, name }) => [version, name])).toEqual([
      ['9', 'a'],
      ['10', 'b'],
    ]);
    expect(found[0]!.file).toBe(join(folder, '9_a.sql'));
  });

  it('is refused when it is not there', async () => {
    folder = join(folder, 'none');
    expect((await refusal()).message).toBe(`${folder}: there is no such folder; \`trivet migrate create\` makes it`);
  });

  it.each(['users.sql', '1-users.sql', '1.sql', '2users.mjs'])('is refused for the name %s', async (name) => {
    const path = put(name, SQL);
    const error = await refusal();
    expect(error).toMatchObject({ file: path, line: null });
    expect(error.message).toContain('expected a name such as');
  });

  it('is refused when one version is there twice, whatever zeros stand before it', async () => {
    put('1_a.sql', SQL);
    put('001_b.sql', SQL);
    expect((await refusal()).message).toContain('is there twice');
  });

  it('is refused for version 0, which means before all', async () => {
    put('000_a.sql', SQL);
    expect((await refusal()).message).toContain('version 0 means before all');
  });
});

describe('a file of SQL', () => {
  it('has sections, whose lines are those of the file', async () => {
    put('1_a.sql', '-- what it is for\n\n-- migrate:up\nselect 1;\n-- migrate:down transaction:false\nselect 2;\n');
    const [found] = await load();
    expect(found!.up).toEqual({ kind: 'sql', text: '\n\n\nselect 1;\n', transaction: true });
    expect(found!.down).toEqual({ kind: 'sql', text: '\n\n\n\n\nselect 2;\n', transaction: false });
  });

  it('cannot be undone without a section for it, and can with an empty one', async () => {
    put('1_a.sql', '-- migrate:up\nselect 1;');
    put('2_b.sql', '-- migrate:up\nselect 1;\n-- migrate:down\n');
    const [one, two] = await load();
    expect(one!.down).toBeNull();
    expect(two!.down).toMatchObject({ kind: 'sql' });
  });

  it('has one checksum, however its lines end and with or without a byte order mark', async () => {
    put('1_a.sql', SQL);
    put('2_b.sql', `\ufeff${SQL.replaceAll('\n', '\r\n')}`);
    put('3_c.sql', SQL.replace('select 1', 'select  1'));
    const [one, two, three] = await load();
    expect(one!.checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(two!.checksum).toBe(one!.checksum);
    expect(three!.checksum).not.toBe(one!.checksum);
  });

  it('takes no section for one in a string or in the body of a function', async () => {
    put('1_a.sql', "-- migrate:up\nselect '\n-- migrate:down\n', $$\n-- migrate:up\n$$;\n-- migrate:down\nselect 2;");
    const [found] = await load();
    expect(found!.up).toMatchObject({ text: expect.stringContaining('$$;') });
  });

  it.each([
    ['create table t ();', 1, 'stands before the line `-- migrate:up`'],
    ['', null, 'needs a line `-- migrate:up`'],
    ['-- migrate:down\nselect 1;', null, 'needs a line `-- migrate:up`'],
    ['select 1;\n-- migrate:up\nselect 2;', 1, 'stands before the line'],
    ['-- migrate:up\n-- only a comment', null, 'no statement in it yet'],
    ['-- migrate:up\nselect 1;\n-- migrate:up\nselect 2;', 3, 'stands in line 1 too'],
    ['-- migrate:up\nselect 1;\n-- migrate:dwon\nselect 2;', 3, 'got `-- migrate:dwon`'],
    ['-- migrate: up\nselect 1;', 1, 'got `-- migrate: up`'],
    ['-- migrate:up transacton:false\nselect 1;', 1, 'did you mean `transaction`?'],
    ['-- migrate:up transaction:no\nselect 1;', 1, 'got `transaction:no`'],
    ["-- migrate:up\nselect 1;\nselect 'a", 3, 'is begun and not ended'],
    ['-- migrate:up\nselect 1;\n\ncreate index concurrently on t (a);', 4, 'cannot run in a transaction'],
    ['-- migrate:up\nselect 1;\n-- migrate:down\ncommit;', 4, 'a transaction of its own'],
    ['-- migrate:up\ncopy t from stdin;', 2, 'COPY from stdin'],
  ] as const)('is refused: %j', async (text, line, message) => {
    const path = put('1_a.sql', text);
    const error = await refusal();
    expect(error).toMatchObject({ file: path, line, code: 'MIGRATION_FILE' });
    expect(error.message).toContain(`${path}${line === null ? '' : `:${line}`}: `);
    expect(error.message).toContain(message);
  });

  it('may hold what cannot run in a transaction when it says so', async () => {
    put('1_a.sql', '-- migrate:up transaction:false\ncreate index concurrently on t (a);');
    expect(await load()).toHaveLength(1);
  });

  it('is refused on MongoDB', async () => {
    put('1_a.sql', SQL);
    expect((await refusal(mongo)).message).toContain('MongoDB knows no SQL');
  });
});

describe('a file of code', () => {
  it.each([
    ['mjs', 'export default { up() {}, down() {}, transaction: false };'],
    [
      'mjs',
      'export const up = () => {}; export function down() {} export const transaction = false; export const helper = 1;',
    ],
    ['cjs', 'module.exports = { up() {}, down() {}, transaction: false };'],
    ['cjs', 'exports.up = () => {}; exports.down = () => {}; exports.transaction = false;'],
    ['cjs', 'exports.__esModule = true; exports.default = { up() {}, down() {}, transaction: false };'],
  ])('exports its ways (%s: %s)', async (extension, text) => {
    put(`1_a.${extension}`, text);
    const [found] = await load();
    expect(found).toMatchObject({
      up: { kind: 'code', transaction: false },
      down: { kind: 'code', transaction: false },
    });
  });

  it('runs as its engine does unless it says', async () => {
    put('1_a.mjs', 'export const up = () => {};');
    expect((await load())[0]).toMatchObject({ up: { transaction: true }, down: null });
    expect((await load(mongo))[0]).toMatchObject({ up: { transaction: false }, down: null });
  });

  it('is read anew when it was edited', async () => {
    put('1_a.mjs', 'export const up = () => 1;');
    const [before] = await load();
    put('1_a.mjs', 'export const up = () => 2;');
    const [after] = await load();
    expect(after!.checksum).not.toBe(before!.checksum);
    expect(
      [before, after].map((each) => (each!.up as { work: (context: never) => unknown }).work(null as never)),
    ).toEqual([1, 2]);
  });

  it.each([
    ['export const down = () => {};', 'Expected `up` to be a function'],
    ['export default { up() {}, donw() {} };', 'Unknown option `donw`'],
    ['export default 7;', 'Expected `up` to be a function'],
    ['import "./nowhere.mjs"; export const up = () => {};', 'it cannot be imported'],
    ['export const up = (', 'it cannot be imported'],
  ])('is refused: %s', async (text, message) => {
    const path = put('1_a.mjs', text);
    const error = await refusal();
    expect(error).toMatchObject({ file: path, version: '1' });
    expect(error.message).toContain(message);
  });

  it('says what to do where Node does not read TypeScript', async () => {
    const path = put('1_a.ts', 'export const up: () => void = () => {};');
    const refuse = () =>
      Promise.reject(Object.assign(new TypeError('Unknown file extension'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' }));
    await expect(load(postgres, refuse)).rejects.toThrow(
      `${path}: this Node (${process.version}) does not read .ts by itself: start it by \`node --import tsx\``,
    );
  });

  it('may be imported by a function of the caller', async () => {
    const path = put('1_a.ts', 'export const up: () => void = () => {};');
    const files: string[] = [];
    const found = await load(postgres, async (file) => {
      files.push(file);
      return { default: defineMigration({ up: () => {} }) };
    });
    expect(files).toEqual([path]);
    expect(found[0]).toMatchObject({ name: 'a', file: path });
  });
});

describe('migrations as values', () => {
  const load = (...migrations: readonly unknown[]) =>
    loadMigrations<never>({ migrations: migrations as never, load: null }, postgres);

  it('are checked as files are', async () => {
    const value = (version: string, up: string) => migration({ version, name: 'x', up });
    await expect(load(value('1', 'vacuum'))).rejects.toThrow(/cannot run in a transaction/);
    await expect(load(value('1', ''))).rejects.toThrow(/no statement in it yet/);
    await expect(load(value('1', 'select 1'), value('01', 'select 1'))).rejects.toThrow(/is there twice/);
    await expect(load({ version: '1', up: 'select 1' })).rejects.toThrow(/what `migration\(\)` makes/);
    expect(await load(value('2', 'select 1'), value('1', 'select 1'))).toMatchObject([
      { version: '1' },
      { version: '2' },
    ]);
  });

  it('have a checksum of their SQL', () => {
    const value = (up: string | (() => void), down?: string) =>
      migration({ version: '1', name: 'x', up, down }).checksum;
    expect(value('select 1')).not.toBe(value('select 2'));
    expect(value('select 1', 'select 2')).not.toBe(value('select 1'));
    expect(value(() => {})).toBe(value(() => void 0));
  });

  it('are refused for what is none', () => {
    const made = (given: object) => () => migration({ version: '1', name: 'x', up: 'select 1', ...given } as never);
    expect(made({ version: 'a' })).toThrow(/^Expected `version` to be digits/);
    expect(made({ name: '' })).toThrow(/^Expected `name`/);
    expect(made({ up: 7 })).toThrow(/^Expected `up` to be SQL or a function/);
    expect(made({ down: null })).toThrow(/^Expected `down`/);
    expect(made({ transaction: 'no' })).toThrow(/^Expected `transaction`/);
    expect(made({ other: 1 })).toThrow(/^Unknown option `other`/);
  });
});

describe('the options of a migrator', () => {
  const made = (options: object) => () => new Migrator(postgres.database, { migrations: 'm', ...options } as never);

  it.each([
    [{ migrations: 7 }, 'Expected `migrations` to be the path of a folder'],
    [{ migrations: '' }, 'Expected `migrations` to be the path of a folder'],
    [{ ledger: 'a.b.c' }, 'Expected `ledger` to be the name of a table'],
    [{ ledger: 'a.' }, 'Expected `ledger` to be the name of a table'],
    [{ ledger: 'x'.repeat(64) }, 'of at most 63 bytes'],
    [{ outOfOrder: 'maybe' }, "Expected `outOfOrder` to be 'refuse' or 'allow'"],
    [{ wait: 5 }, 'Expected `wait` to be a duration'],
    [{ timeout: '0s' }, 'Expected `timeout` to be from 1 ms'],
    [{ lockTimeout: 'x' }, 'Expected `lockTimeout` to be a duration'],
    [{ load: 'tsx' }, 'Expected `load` to be a function'],
    [{ table: 'x' }, 'Unknown option `table`'],
  ])('are refused: %j', (options, message) => {
    expect(made(options)).toThrow(TypeError);
    expect(made(options)).toThrow(message);
  });

  it('need a database that can be migrated', () => {
    expect(() => new Migrator({} as never, { migrations: 'm' })).toThrow(
      /^Expected `database` to be a PostgresDatabase/,
    );
  });

  it('of the verbs are checked, too', async () => {
    const migrator = made({})();
    await expect(migrator.up({ steps: 0 })).rejects.toThrow('Expected `steps` to be an integer from 1');
    await expect(migrator.down({ to: 'x' })).rejects.toThrow('Expected `to` to be the version of a migration');
    await expect(migrator.up({ signal: {} as never })).rejects.toThrow('Expected `signal` to be an AbortSignal');
    await expect(migrator.up({ step: 1 } as never)).rejects.toThrow('Unknown option `step`');
    await expect(migrator.repair({ applied: '1' as never })).rejects.toThrow(
      'Expected `applied` to be a list of versions',
    );
    await expect(migrator.plan({ verb: 'left' as never })).rejects.toThrow(TypeError);
    expect(() => migrator.on('done' as never, () => {})).toThrow(TypeError);
  });
});

describe('createMigration()', () => {
  const now = { now: () => Date.UTC(2026, 10, 26, 9, 30, 5) };

  it('names the file by the time in UTC, later than all that are there', async () => {
    const path = await createMigration(join(folder, 'new'), 'Add Users', { kind: 'sql', engine: 'postgres', now });
    expect(basename(path)).toBe('20261126093005_add_users.sql');
    const next = await createMigration(join(folder, 'new'), 'more', { kind: 'sql', engine: 'postgres', now });
    expect(basename(next)).toBe('20261126093006_more.sql');
  });

  it('writes what has to be filled in before it is a migration', async () => {
    const path = await createMigration(folder, 'x', { kind: 'sql', engine: 'postgres', now });
    expect((await refusal()).message).toContain('no statement in it yet');
    writeFileSync(path, readFileSync(path, 'utf8').replace('-- migrate:up\n', '-- migrate:up\nselect 1;'));
    expect(await load()).toMatchObject([{ version: '20261126093005', down: { kind: 'sql' } }]);
  });

  it.each(['ts', 'mjs'] as const)('writes code (%s)', async (kind) => {
    const path = await createMigration(folder, 'x', { kind, engine: 'mongo', now });
    const text = readFileSync(path, 'utf8');
    expect(text).toContain("from 'trivet/migrate'");
    expect(text.includes('<MongoDatabase>')).toBe(kind === 'ts');
  });

  it('refuses what it cannot make', async () => {
    const make = (name: string, options: object) =>
      createMigration(folder, name, { kind: 'sql', engine: 'postgres', ...options } as never);
    await expect(make('../x', {})).rejects.toThrow('Expected `name` to be letters');
    await expect(make('x', { kind: 'py' })).rejects.toThrow('Expected `kind`');
    await expect(make('x', { engine: 'mongo' })).rejects.toThrow('MongoDB knows no SQL');
    await expect(make('x', { engine: 'redis' })).rejects.toThrow('Expected `engine`');
  });
});
