import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { entity, text, uuid } from '../../../src/index.js';
import { diffSchema, Migrator, renderMigrations } from '../../../src/migrate/index.js';
import { openedAt } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { SqlProject } from '../sql-kit.js';

/** What somebody may have called a column, a constraint, an index, a table or a field of a document. */
const NAMES = [
  'a"b',
  "c'd",
  'e\n-- migrate:down\ndrop table victim;',
  'f$$g',
  '$x$;drop table victim;$x$',
  'h;--',
  'i\\',
  'j*/k/*',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the attack
  'l${run()}`',
  'm\u2028n',
  'q\r-- migrate:up',
  'constructor',
  '__proto__',
  "E'\\",
  ' ',
  "r');drop table victim;--",
  'U&"x"',
];

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (value: string): string => `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

describe.skipIf(!inject('postgresReal'))('a table whose parts have hostile names', async () => {
  const { url } = await postgresDatabase();
  const database = openedAt(url, { max: 2 });
  const Thing = entity('things', { id: uuid().primaryKey(), name: text() });

  const structure = () =>
    Promise.all([
      database.query(`select attname, pg_get_expr(adbin, adrelid) as value, col_description(attrelid, attnum) as comment
        from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = 'things'::regclass and attnum > 0 and not attisdropped order by attname`),
      database.query(
        `select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'things'::regclass order by 1`,
      ),
      database.query(`select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'things'::regclass order by 1`),
      database.query(
        `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
      ),
    ]);

  it('loses them by a migration file, and has them back as they were by the same file', async () => {
    await database.ensureSchema([Thing]);
    await database.query('create table victim (n int)');
    for (const name of NAMES) {
      const [column, value] = [quoted(name), literal(name)];
      await database.query(`alter table things add column ${column} text default ${value}`);
      await database.query(`comment on column things.${column} is ${value}`);
      await database.query(
        `alter table things add constraint ${quoted(`check ${name}`)} check (${column} <> ${literal(`${name}x`)})`,
      );
      await database.query(`create index ${quoted(`index ${name}`)} on things (${column}) where ${column} <> ${value}`);
      await database.query(`create table ${quoted(`table ${name}`)} (${column} text default ${value})`);
    }
    const project = new SqlProject();
    const migrator = new Migrator(database, { migrations: project.folder, ledger: 'hostile.ledger' });
    const before = await structure();
    const diff = await diffSchema(database, [Thing], { drop: true, dropTables: NAMES.map((name) => `table ${name}`) });
    const [file, ...rest] = renderMigrations(diff, { name: 'drop' });
    expect(rest).toEqual([]);
    writeFileSync(join(project.folder, '1_drop.sql'), file!.text);
    await migrator.up();
    const [columns, , , tables] = await structure();
    expect([columns, tables]).toMatchObject([
      [{ attname: 'id' }, { attname: 'name' }],
      [{ relname: 'things' }, { relname: 'victim' }],
    ]);
    await migrator.down();
    expect(await structure()).toEqual(before);
  });
});

it('a command of MongoDB with hostile names and values is written as code that has the same ones, and nothing else', async () => {
  const hostile = Object.fromEntries(NAMES.map((name) => [name, [name, { [name]: name }]]));
  Object.defineProperty(hostile, '__proto__', { value: ['__proto__'], enumerable: true });
  const command = { collMod: 'things', validator: hostile };
  const change = {
    action: 'alter' as const,
    what: NAMES.join(' '),
    up: [{ command }],
    down: [{ command }],
    transaction: false,
    warnings: NAMES.map((message) => ({ risk: 'may-fail' as const, message })),
  };
  const questions = NAMES.map((name) => ({ from: name, to: [name, name] }));
  for (const language of ['ts', 'js'] as const) {
    const [file] = renderMigrations({ changes: [change], foreign: [], questions }, { name: 'x', language });
    const code = file!.text
      .replace(/^import .*$/gm, '')
      .replaceAll('export async', 'async')
      .replaceAll(/: (?:MigrationContext<MongoDatabase>|Promise<void>)/g, '');
    const given: unknown[] = [];
    const run = new Function('runCommands', `${code}; return Promise.all([up({}), down({})]);`);
    await run((_db: unknown, commands: unknown) => given.push(commands));
    expect(given).toEqual([[command], [command]]);
  }
});
