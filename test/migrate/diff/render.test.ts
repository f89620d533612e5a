import { describe, expect, it } from 'vitest';
import { renderMigrations } from '../../../src/migrate/diff/render.js';
import type { SchemaChange } from '../../../src/migrate/diff/types.js';
import { readSqlFile } from '../../../src/migrate/sql-file.js';

const change = (what: string, rest: Partial<SchemaChange<string>> = {}): SchemaChange<string> => ({
  action: 'create',
  what,
  up: [`make ${what}`],
  down: [`drop ${what}`],
  transaction: true,
  warnings: [],
  ...rest,
});

const none = { foreign: [], questions: [] };

describe('renderMigrations()', () => {
  it.each([
    [{ nam: 'x' }, 'Unknown option `nam`'],
    [{}, 'Expected `name`'],
    [{ name: 'x', language: 'sql' }, 'Expected `language`'],
  ])('refuses the options %j', (options, message) => {
    expect(() => renderMigrations({ changes: [], ...none }, options as never)).toThrow(message);
  });

  it('gives nothing for no difference', () => {
    expect(renderMigrations({ changes: [], ...none }, { name: 'x' })).toEqual([]);
  });

  it('writes a file with the way there and the way back, to be read', () => {
    const changes = [
      change('a'),
      change('b', {
        action: 'alter',
        up: ['alter table "b"\n  drop constraint "c",\n  add constraint "c" check (true)', 'validate b'],
        warnings: [
          {
            risk: 'may-fail',
            message: `It fails where rows that are there break the rule, and this sentence is so long that it does not fit into one line of the file.`,
          },
        ],
      }),
    ];
    const diff = {
      changes,
      foreign: ['Column x.y is no field.'],
      questions: [{ from: 'x.y', to: ['x.z', 'x.w'] }],
    };
    expect(renderMigrations(diff, { name: 'things' })).toEqual([
      {
        name: 'things',
        kind: 'sql',
        text: `-- Not decided: is \`x.y\` now \`x.z\` or \`x.w\`?
-- Left alone: Column x.y is no field.

-- migrate:up

-- create a
make a;

-- alter b
--   may-fail: It fails where rows that are there break the rule, and this sentence is so long that it does
--     not fit into one line of the file.
alter table "b"
  drop constraint "c",
  add constraint "c" check (true);
validate b;

-- migrate:down

-- b
drop b;

-- a
drop a;
`,
      },
    ]);
  });

  it('parts what runs in a transaction from what does not', () => {
    const changes = [
      change('a'),
      change('b', { transaction: false }),
      change('c', { transaction: false }),
      change('d'),
    ];
    const files = renderMigrations({ changes, ...none }, { name: 'x' });
    expect(files.map(({ name }) => name)).toEqual(['x', 'x_online', 'x_finish']);
    expect(files[1]!.text).toContain('-- migrate:up transaction:false\n\n-- create b\nmake b;\n\n-- create c');
    expect(files[1]!.text).toContain('-- migrate:down transaction:false\n\n-- c\ndrop c;\n\n-- b');
    const [alone] = renderMigrations({ changes: [change('a', { transaction: false })], ...none }, { name: 'x' });
    expect(alone!.name).toBe('x');
  });

  it('gives each file a name of its own, whatever the order', () => {
    const changes = [true, false, true, false].map((transaction, i) => change(`c${i}`, { transaction }));
    const files = renderMigrations({ changes, ...none }, { name: 'x' });
    expect(files.map(({ name }) => name)).toEqual(['x', 'x_online', 'x_finish', 'x_online_2']);
  });

  it('says no way back where a part has none', () => {
    const changes = [change('a'), change('b', { down: null })];
    const [file] = renderMigrations({ changes, ...none }, { name: 'x' });
    expect(file!.text).not.toContain('migrate:down');
    expect(file!.text).toContain('-- There is no way back, because there is none of: b.');
  });

  it('keeps a name with line breaks within its comment', () => {
    const [file] = renderMigrations(
      { changes: [change('a\ndrop table users;\n-- migrate:down')], ...none },
      { name: 'x' },
    );
    expect(file!.text.split('\n')).toContain('-- create a drop table users; -- migrate:down');
  });

  it('begins no section with a name, wherever the lines of a comment break', () => {
    for (let length = 60; length < 130; length++) {
      for (const name of ['migrate:down', 'migrate : up', 'MIGRATE down']) {
        const changes = [change(`${'x'.repeat(length)} ${name}`)];
        const [file] = renderMigrations(
          { changes, foreign: [`${'y'.repeat(length)} ${name}`], questions: [] },
          { name: 'x' },
        );
        const { up, down } = readSqlFile(file!.text, 'x.sql');
        expect(up.text).toContain('make x');
        expect(down!.text).toContain('drop x');
      }
    }
  });

  it('writes commands of MongoDB as code', () => {
    const diff = {
      changes: [
        {
          action: 'create' as const,
          what: 'index users_age_idx',
          up: [{ command: { createIndexes: 'users', indexes: [{ name: 'users_age_idx', key: { age: 1 } }] } }],
          down: [{ command: { dropIndexes: 'users', index: 'users_age_idx' } }],
          transaction: false,
          warnings: [{ risk: 'may-fail' as const, message: 'It may.' }],
        },
      ],
      ...none,
    };
    const [file] = renderMigrations(diff, { name: 'ages' });
    expect(file).toMatchObject({ name: 'ages', kind: 'ts' });
    expect(file!.text).toContain('// create index users_age_idx\n  // may-fail: It may.\n  await runCommands(');
    expect(file!.text).toContain('export async function down({ db, signal }: MigrationContext<MongoDatabase>)');
  });
});
