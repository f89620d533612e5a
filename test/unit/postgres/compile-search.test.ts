import { describe, expect, it } from 'vitest';
import { integer, object, text, uuid } from '../../../src/index.js';
import { searchForm } from '../../../src/postgres/compile-search.js';
import { tableOf } from '../../../src/postgres/fields.js';
import { lexemeOf, searchColumn } from '../../../src/postgres/search-sql.js';
import type { SearchCommand } from '../../../src/query/command.js';
import type { EntityModel } from '../../../src/schema/model.js';
import { commandOf, compile, compiled, entity } from './compiled.js';

const fields = { id: uuid().primaryKey(), title: text(), n: integer(), o: object({ body: text().optional() }) };
const Post = entity('posts', fields, { search: { title: 'A', 'o.body': 'C' } });

const columnOf = (model: EntityModel) => {
  const table = tableOf(model, 'snake');
  return searchColumn(table, model.indexes.find(({ kind }) => kind === 'search')!);
};
const COLUMN = `"${columnOf(Post['~model']).name}"`;

describe('a search as SQL', () => {
  it('asks the column, ranks by it, and breaks ties by the key', async () => {
    const { text: sql, values } = await compiled(Post, (posts) =>
      posts.search('Red fox -wolf', { where: { n: 3 }, select: ['title'] }),
    );
    expect(sql).toBe(
      `select "title", ts_rank(${COLUMN}, $3::tsquery)::float8 as "~score" from "posts" ` +
        `where ${COLUMN} @@ $1::tsquery and "n" = $2::int8 order by "~score" desc, "id" limit $4::int8`,
    );
    expect(values).toEqual(["'x726564' & 'x666f78' & !'x776f6c66'", '3', "'x726564' & 'x666f78'", '20']);
  });

  it('looks into the texts for what the column cannot tell', async () => {
    const { text: sql, values } = await compiled(Post, (posts) => posts.search('"red fox" wolf -"a b" -c'));
    expect(sql).toMatch(
      /not exists \(select from \(select .* as words offset 0\) t cross join unnest\(\$2::text\[\]\) as term where strpos\(t\.words, term\) = 0\)/,
    );
    expect(sql).toMatch(/unnest\(\$3::text\[\]\) as term where strpos\(t\.words, term\) > 0\)/);
    expect(values.slice(0, 3)).toEqual(["'x726564' & 'x666f78' & 'x776f6c66' & !'x63'", '{" red fox "}', '{" a b "}']);
  });

  it('looks into the texts of some fields for every term', async () => {
    const { text: sql, values } = await compiled(Post, (posts) =>
      posts.search('red -fox', { fields: ['title'], limit: 5, offset: 10 }),
    );
    expect(sql).toContain('as words offset 0) t cross join');
    expect(sql).not.toContain('"o"->>');
    expect(values).toEqual(["'x726564'", '{" red "}', '{" fox "}', "'x726564'", '5', '10']);
  });

  it('sends nothing of the text but hexadecimal digits and parameters', async () => {
    const plain = await compiled(Post, (posts) => posts.search('x'));
    const nasty = await compiled(Post, (posts) => posts.search(`x') or 1=1; drop table posts --`));
    expect(nasty.text.length - plain.text.length).toBeGreaterThan(0);
    expect(nasty.text).not.toContain('drop');
    expect(String(nasty.values[0])).toMatch(/^'x[\da-f]+'( & !?'x[\da-f]+')*$/);
  });

  it('has few forms, however many words there are', async () => {
    const formOf = async (...given: unknown[]) =>
      searchForm((await commandOf(Post, (posts) => posts.search(...given))) as SearchCommand);
    expect(await formOf('a')).toBe(await formOf('a b c -d -e', { limit: 7 }));
    expect(await formOf('"a b" "c d e" f')).toBe('+');
    expect(await formOf('a -"b c" -d', { offset: 1 })).toBe('-o');
    expect(await formOf('a -b', { fields: ['title'] })).toBe('+-');
    const shapes = await Promise.all(['a', '"a b" -c'].map((each) => commandOf(Post, (posts) => posts.search(each))));
    expect((shapes[0] as SearchCommand).shape).toBe((shapes[1] as SearchCommand).shape);
  });

  it('can read no field at all', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.search('x', { select: [] }));
    expect(sql).toMatch(/^select ts_rank/);
  });
});

describe('the column of a search', () => {
  it('is another one for other fields or weights', () => {
    const other = (search: object) => columnOf(entity('posts', fields, { search })['~model']).name;
    const names = [other({ title: 'A', 'o.body': 'C' }), other({ title: 'B', 'o.body': 'C' }), other({ title: 'A' })];
    expect(new Set(names).size).toBe(3);
    expect(`"${names[0]}"`).toBe(COLUMN);
    for (const name of names) expect(name).toMatch(/^~search_[\da-f]{8}$/);
  });

  it('has a lexeme for every word, and one for those that differ in control characters alone', () => {
    expect(lexemeOf('é1')).toBe('xc3a931');
    expect(lexemeOf('b\u0002')).toBe(lexemeOf('b\ufffd'));
  });

  it('compiles for other namings', async () => {
    const command = await commandOf(Post, (posts) => posts.search('x'));
    expect(compile(command, 'as-written').text).toContain('"~search_');
  });
});
