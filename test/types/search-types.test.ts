import {
  entity,
  type FindOptions,
  MemoryDatabase,
  parseListQuery,
  type Ranked,
  Repository,
  type Row,
  type SearchOptions,
  text,
  uuid,
} from 'trivet';
import { expect, test } from 'vitest';
import { User } from './entities.js';

// These laws are checked by the compiler: `npm run typecheck`. The test only keeps the file in the suite.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Shown<T> = { [K in keyof T]: T[K] };

const Note = entity(
  'notes',
  { id: uuid().primaryKey(), title: text(), body: text() },
  { search: { title: 'A', body: 'B' } },
);

test('a search gives the rows of a find, each with its score', async () => {
  const notes = new Repository(new MemoryDatabase(), Note);
  const found = await notes.search('word');
  const whole: Equal<Shown<(typeof found)[number]>, { id: string; title: string; body: string; score: number }> = true;
  const some = await notes.search('word', { select: ['title'], fields: ['body'], where: { title: 'x' } });
  const selected: Equal<Shown<(typeof some)[number]>, { title: string; score: number }> = true;
  const users = new Repository(new MemoryDatabase(), User);
  const revealed = await users.search('word', { select: ['profile.bio'], reveal: ['password'] });
  type Revealed = { profile: { bio: string | null }; password: string; score: number };
  const shown: Equal<Shown<(typeof revealed)[number]>, Revealed> = true;
  expect([whole, selected, shown, found, some, revealed]).toEqual([true, true, true, [], [], []]);
});

test('what an entity searches is the names that its option gives', () => {
  const names: Equal<(typeof User)['~search'], 'username' | 'profile.firstName' | 'profile.lastName'> = true;
  const none: Equal<ReturnType<typeof plain>['~search'], never> = true;
  const plain = () => entity('plain', { id: uuid().primaryKey() });
  expect([names, none]).toEqual([true, true]);
});

test('a search can have a name in a class, and a list of a client as its options', async () => {
  class Notes extends Repository<typeof Note> {
    all(options?: FindOptions<typeof Note, never, never>): Promise<Row<typeof Note>[]> {
      return this.find({}, options);
    }
    titled(
      words: string,
      options?: SearchOptions<typeof Note, never, never>,
    ): Promise<Ranked<typeof Note, never, never>[]> {
      return this.search(words, { ...options, fields: ['title'] });
    }
  }
  const notes = new Notes(new MemoryDatabase(), Note);
  await notes.insert({ title: 'A word', body: '' });
  const list = parseListQuery(Note, 'q=word', { search: true, fields: ['title'], maxLimit: 10 });
  const rows = list.search === undefined ? await notes.find(list.where, list) : await notes.search(list.search, list);
  expect(rows.map(({ title }) => title)).toEqual(['A word']);
  expect((await notes.titled('word')).length).toBe(1);
  expect((await notes.all({ limit: 1 })).length).toBe(1);
});
