import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entity, integer, Repository, softDelete, text } from '../../src/index.js';
import { compileSearch, searchCommand } from '../../src/mongo/compile-search.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { Names } from '../../src/mongo/names.js';
import type { Command, SearchCommand } from '../../src/query/command.js';
import { isBare } from '../../src/query/search-text.js';
import { modelOf } from '../../src/schema/entity.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { withMongo } from '../../src/testing/servers/mongo-login.js';
import { FOLDINGS, wordsOf } from '../../src/util/words.js';
import { mongoDatabase } from '../setup/databases.js';
import { bson } from '../unit/mongo/models.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const Post = entity(
  'posts',
  { id: integer().primaryKey(), title: text(), body: text().optional(), ...softDelete() },
  { search: { title: 'A', body: 'C' } },
);
const Letter = entity('letters', { id: integer().primaryKey(), word: text() }, { search: { word: 'A' } });

/** What the server did for a search. */
async function examined(command: SearchCommand) {
  const names = new Names(modelOf(Post), 'as-written');
  const find = searchCommand(compileSearch(command, names, bson), names.collection, command);
  const told = await withMongo(url, (client) =>
    client.db(name).command({ explain: find, verbosity: 'executionStats' }),
  );
  return told['executionStats'];
}

describe('a search', () => {
  let last: Command | undefined;
  const posts = new Repository(
    noting(database, (command) => {
      last = command;
    }),
    Post,
  );
  beforeAll(async () => {
    await posts.ensureSchema();
    const rows = Array.from({ length: 20_000 }, (_, i) => ({
      id: i,
      title: `Number ${i} of many`,
      body: `word${i % 1000}`,
    }));
    await posts.insertMany(rows);
  });

  it.each<[string, string, number]>([
    ['for words', 'number word7', 20],
    ['for a phrase', '"number 7" -"of few"', 1],
    ['without a word', 'word7 -7', 19],
  ])('%s is served by the text index', async (_what, words, found) => {
    expect((await posts.search(words)).length).toBe(found);
    const { executionStages } = await examined(last as SearchCommand);
    const stages = JSON.stringify(executionStages);
    expect(stages).toContain('"stage":"TEXT_MATCH"');
    expect(stages).not.toContain('COLLSCAN');
  });

  it('for one word looks at the rows that hold it', async () => {
    await posts.search('word7');
    expect((await examined(last as SearchCommand)).totalDocsExamined).toBeLessThanOrEqual(2 * 20);
  });
});

// What the search tests in the texts is exact; what the index finds must hold all of it.
describe('the text index finds', () => {
  const letters = new Repository(database, Letter);
  beforeAll(() => letters.ensureSchema());

  const found = async (word: string): Promise<number[]> => {
    const rows = await letters.search(word, { limit: 200_000, select: ['id'] });
    return rows.map(({ id }) => id).sort((a, b) => a - b);
  };

  it('a word between any two code points that end one', async () => {
    const points: number[] = [];
    for (let point = 1; point < 0x20000; point++)
      if ((point < 0xd800 || point > 0xdfff) && wordsOf(String.fromCodePoint(point)).length === 0) points.push(point);
    await letters.insertMany(
      points.map((id) => ({ id, word: `a${String.fromCodePoint(id)}zz${String.fromCodePoint(id)}b` })),
    );
    expect(await found('zz')).toEqual(points);
    await letters.deleteMany({}, { all: true });
  });

  it('every letter by what it folds to, and the other way round', async () => {
    const pairs = FOLDINGS.flatMap(({ from, to }) => Array.from(from, (letter, i) => [letter, to[i]!] as const));
    const drafts = pairs.flatMap(([letter, small], i) => [
      { id: 2 * i, word: `${letter}q${i}` },
      { id: 2 * i + 1, word: `${small}q${i}` },
    ]);
    await letters.insertMany(drafts);
    for (const [i, [letter, small]] of pairs.entries()) {
      expect(await found(`${small}q${i}`), small).toEqual([2 * i, 2 * i + 1]);
      expect(await found(`${letter}q${i}`), letter).toEqual([2 * i, 2 * i + 1]);
    }
    await letters.deleteMany({}, { all: true });
  });

  it('every code point that is a word by itself, but for marks', async () => {
    const points: number[] = [];
    for (let point = 1; point < 0x20000; point++) {
      const text = point < 0xd800 || point > 0xdfff ? String.fromCodePoint(point) : ' ';
      if (wordsOf(text).length > 0 && !isBare(text)) points.push(point);
    }
    const sample = points.filter((point, i) => point < 0x3100 || i % 97 === 0);
    await letters.insertMany(sample.map((id) => ({ id, word: String.fromCodePoint(id) })));
    const missing: string[] = [];
    for (let i = 0; i < sample.length; i += 500) {
      const some = sample.slice(i, i + 500);
      const rows = await Promise.all(
        some.map((point) => letters.search(String.fromCodePoint(point), { select: ['id'] })),
      );
      some.forEach((point, at) => {
        if (!rows[at]!.some(({ id }) => id === point)) missing.push(point.toString(16));
      });
    }
    expect(missing).toEqual([]);
  }, 120_000);
});
