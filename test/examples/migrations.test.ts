import { fileURLToPath } from 'node:url';
import { PostgresDatabase, Repository } from 'trivet';
import { Migrator } from 'trivet/migrate';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { Comment, Like, Post, User } from '../../examples/05-migrations/entities.js';
import { Bars } from '../../examples/05-migrations/tour/bars.js';
import { tour } from '../../examples/05-migrations/tour/tour.js';
import config from '../../examples/05-migrations/trivet.config.js';
import { postgresDatabase } from '../setup/databases.js';

const project = fileURLToPath(new URL('../../examples/05-migrations', import.meta.url));
const { url } = await postgresDatabase();

// PGlite has one session: a lock on a connection of its own needs two.
describe.skipIf(!inject('postgresReal'))('the project with five migrations', () => {
  const database = new PostgresDatabase({ url });
  const other = new PostgresDatabase({ url });
  afterAll(() => Promise.all([database.close(), other.close()]));
  const { signal } = new AbortController();
  const said: string[] = [];
  const told: unknown[][] = [];

  test('is shown from the first status to the last', async () => {
    const say = (line: string) => said.push(line.trim());
    await tour({ database, other, project, say, progress: (...values) => told.push(values), signal });
    const after = (command: string, place = 0): string[] => {
      const at = said.flatMap((line, i) => (line === `$ npx trivet ${command}` ? [i] : []))[place]!;
      const end = said.findIndex((line, i) => i > at && line.startsWith('$'));
      return said.slice(at + 1, end < 0 ? undefined : end).filter((line) => line !== '');
    };
    expect(after('migrate status').at(-1)).toBe('5 to do');
    expect(after('migrate up')).toContain('0 posts are without a count now, and the column takes no null any more');
    expect(after('seed')).toEqual([expect.stringContaining('2,800 rows inserted')]);
    expect(after('seed', 1)).toEqual([expect.stringContaining('nothing to do')]);
    expect(after('seed undo --yes')).toEqual([expect.stringContaining('2,800 rows deleted')]);
    expect(after('migrate down')).toEqual([expect.stringContaining('down 20260302090000 posts_by_author')]);
    expect(after('migrate redo')).toHaveLength(2);
    expect(after('migrate up     # after an edit of a file that is applied')[0]).toContain('(posts) was edited');
    expect(after('migrate up     # while another process migrates')[0]).toContain('The migrations are locked by');
    expect(after('migrate status', 1).at(-1)).toBe('nothing to do');
  });

  test('tells how far the old rows are, a batch at a time', () => {
    const own = told.filter(([what]) => what === 'posts_word_count');
    expect(own).toHaveLength(20);
    expect(own.at(-1)).toEqual(['posts_word_count', 20_000, 20_000]);
  });

  test('has made exactly what its entities need', async () => {
    for (const entity of [User, Post, Comment, Like])
      expect(await new Repository(database, entity as typeof User).ensureSchema()).toEqual({ created: [], drift: [] });
  });

  test('goes on with the online migration where it was ended', async () => {
    const migrator = new Migrator(database, { migrations: `${project}/migrations` });
    await migrator.to('20260108090000');
    // As if it had been ended between two batches.
    await database.query('alter table posts add column word_count bigint');
    await database.query('update posts set word_count = 1 where id in (select id from posts limit 7000)');
    const told: unknown[] = [];
    migrator.on('progress', ({ name }, done, total) => name === 'posts_word_count' && told.push([done, total]));
    await migrator.up();
    expect(told.at(-1)).toEqual([13_000, 13_000]);
    expect(await migrator.validate()).toEqual([]);
  });

  test('undoes all of it', async () => {
    const migrator = new Migrator(database, { migrations: `${project}/migrations` });
    await migrator.to('0');
    const left = await database.query(
      "select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'public' and relkind = 'r'",
    );
    expect(left).toEqual([{ relname: 'trivet_migrations' }]);
  });

  test('names its parts in the configuration', () => {
    expect(config).toMatchObject({
      migrations: './migrations',
      seeds: './seeds',
      entities: [User, Post, Comment, Like],
    });
  });
});

test('a line of progress is written over on a terminal, and written once elsewhere', () => {
  const written = (isTTY: boolean): string => {
    let all = '';
    const bars = new Bars({ isTTY, write: (text) => (all += text) });
    bars.show('posts', 1_000, 2_000);
    bars.show('posts', 2_000, 2_000);
    bars.end();
    return all;
  };
  expect(written(false)).toBe('  posts: 2,000 of 2,000\n');
  expect(written(true)).toBe('\r\x1b[K  posts: 1,000 of 2,000\r\x1b[K  posts: 2,000 of 2,000\r\x1b[K');
});
