import { describe, expect, inject, it } from 'vitest';
import { entity, object, Repository, SchemaError, softDelete, text, uuid } from '../../src/index.js';
import { tableOf } from '../../src/postgres/fields.js';
import { spacedSql, vectorSql } from '../../src/postgres/search-sql.js';
import { spaced, wordsOf } from '../../src/util/words.js';
import { postgresDatabase } from '../setup/databases.js';
import { commandOf, compile } from '../unit/postgres/compiled.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 1 });

const fields = {
  id: uuid().primaryKey(),
  title: text().optional(),
  o: object({ body: text().optional() }).optional(),
  ...softDelete(),
};
const Post = entity('posts', fields, { search: { title: 'A', 'o.body': 'C' } });
const posts = new Repository(database, Post);
const ROWS = 20_000;

async function planOf(text: string, options?: object): Promise<string> {
  const { text: statement, values } = compile(await commandOf(Post, (repository) => repository.search(text, options)));
  await database.query('set plan_cache_mode = force_generic_plan');
  await database.query('deallocate all');
  await database.query(`prepare planned as ${statement}`);
  const given = values.map((value) => `'${String(value).replaceAll("'", "''")}'`).join(', ');
  const rows = await database.query<{ 'QUERY PLAN': string }>(`explain execute planned(${given})`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

// PGlite keeps statements in a namespace of its own.
describe.skipIf(!inject('postgresReal'))('a search in 20,000 rows', async () => {
  await posts.ensureSchema();
  await database.query(`insert into posts (id, title, o)
    select gen_random_uuid(), 'Number ' || i || ' of many', jsonb_build_object('body', 'body word' || i % 1000) from generate_series(1, ${ROWS}) i`);
  // What was inserted last waits in a list of its own for the next vacuum.
  await database.query('vacuum analyze posts');

  it.each<[string, string, object?]>([
    ['for words', 'number word7'],
    ['for a phrase', '"number 7" -"of few"'],
    ['without some words', 'word7 -word8 -many'],
    ['in one field', 'word7', { fields: ['o.body'] }],
    ['among some rows', 'word7', { where: { title: 'Number 7 of many' }, limit: 3, offset: 2 }],
  ])('%s is served by its index', async (_what, words, options) => {
    const plan = await planOf(words, options);
    expect(plan).toMatch(/Bitmap Index Scan on posts_search_[\da-f]{8}_idx/);
    expect(plan).not.toContain('Seq Scan');
  });

  it('finds in every one of them', async () => {
    expect((await posts.search('word7', { limit: ROWS })).length).toBe(ROWS / 1000);
    expect((await posts.search('"number 7" word7')).map(({ title }) => title)).toEqual(['Number 7 of many']);
  });
});

describe('the words of a text, by SQL and by JavaScript', async () => {
  const model = Post['~model'];
  const table = tableOf(model, 'snake');
  const title = [model.paths.get('title')!];

  it('are the same around every code point', async () => {
    const texts: string[] = [];
    for (let point = 1; point < 0x20000; point++)
      if (point < 0xd800 || point > 0xdfff)
        texts.push(`aB${String.fromCodePoint(point)}Cd${String.fromCodePoint(point)}`);
    const rows = await database.query<{ words: string }>(
      `select ${spacedSql(table, title)} as words from unnest($1::text[]) with ordinality as t("title", n) order by n`,
      [texts],
    );
    const squeezed = rows.map(({ words }) => words.replace(/ +/g, ' '));
    expect(squeezed).toEqual(texts.map((each) => spaced(wordsOf(each)).replace(/ +/g, ' ')));
  });

  it('are as many lexemes as words, whatever is in them', async () => {
    const texts = [
      '',
      '—',
      'a b c',
      'b\u0002\u0001 0',
      '2\u0002 c\u0008',
      'é2 0é 20 2 0',
      '1e5 31 0x20',
      'www.example.org/a?b=c',
    ];
    const sql = vectorSql(table, model.indexes[0]!, title);
    const rows = await database.query<{ n: number }>(
      `select length(${sql}) as n from unnest($1::text[]) with ordinality as t("title", n) order by t.n`,
      [texts],
    );
    expect(rows.map(({ n }) => n)).toEqual(texts.map((each) => new Set(wordsOf(each)).size));
  });
});

describe('a search over a table that is there', () => {
  const Old = entity('olds', fields);
  const Searched = entity('olds', fields, { search: { title: 'A' } });
  const Otherwise = entity('olds', fields, { search: { title: 'B', 'o.body': 'A' } });

  it('gets its column and its index, with what is stored, and another one when the entity changes', async () => {
    await database.ensureSchema([Old]);
    await new Repository(database, Old).insert({ title: 'An old fox', o: { body: 'in the wood' } });
    await expect(new Repository(database, Searched).search('fox')).rejects.toThrow(SchemaError);
    const { created, drift } = await database.ensureSchema([Searched]);
    expect(created).toEqual([
      expect.stringMatching(/^column olds\.~search_/),
      expect.stringMatching(/^index olds_search_/),
    ]);
    expect(drift).toEqual([]);
    expect((await new Repository(database, Searched).search('fox')).length).toBe(1);
    expect(await new Repository(database, Searched).search('wood')).toEqual([]);
    expect((await database.ensureSchema([Otherwise])).created.length).toBe(2);
    expect((await new Repository(database, Otherwise).search('wood')).length).toBe(1);
    expect((await new Repository(database, Searched).search('fox')).length).toBe(1);
    expect(await database.ensureSchema([Searched, Otherwise, Old])).toEqual({ created: [], drift: [] });
  });

  it('takes words of any length, and finds those of 200 characters', async () => {
    const olds = new Repository(database, Otherwise);
    const long = 'w'.repeat(5_000);
    await olds.insertMany([{ title: `${long} short` }, { title: `before ${'é'.repeat(200)} behind` }]);
    expect((await olds.search('"before" short')).length).toBe(0);
    expect((await olds.search('short')).length).toBe(1);
    expect((await olds.search(`"before ${'É'.repeat(200)} behind"`)).length).toBe(1);
  });
});
