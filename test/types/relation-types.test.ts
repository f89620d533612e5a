import {
  belongsTo,
  belongsToMany,
  count,
  entity,
  hasMany,
  hasOne,
  integer,
  list,
  MemoryDatabase,
  manyToMany,
  Repository,
  text,
  uuid,
} from 'trivet';
import { expect, test } from 'vitest';
import { Post, PostTag, User } from './entities.js';

// These laws are checked by the compiler: `npm run typecheck`. The test only keeps the file in the suite.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** The type with its members written out, all the way down. */
type Shown<T> = T extends Date | null ? T : T extends object ? { [K in keyof T]: Shown<T[K]> } : T;

const Tag = entity('tags', { id: integer().primaryKey(), name: text() });
const Article = entity('articles', { id: uuid().primaryKey(), tagIds: list(integer()).default([]), authorId: uuid() });

const database = new MemoryDatabase();
const users = new Repository(database, User);
const posts = new Repository(database, Post);
const tags = new Repository(database, Tag);
const postTags = new Repository(database, PostTag);
const articles = new Repository(database, Article);

test('a row has what its relations give, with the names and types of what they read', async () => {
  const [post] = await posts.find(
    {},
    {
      select: ['title'],
      include: {
        author: belongsTo(users, 'authorId', { select: ['username', 'profile.firstName'], reveal: ['password'] }),
        tags: manyToMany(tags, postTags, 'postId', 'tagId'),
        tagCount: hasMany(postTags, 'postId', { count: true }),
      },
    },
  );
  type WithRelations = {
    title: string;
    author: { username: string; profile: { firstName: string }; password: string } | null;
    tags: { id: number; name: string }[];
    tagCount: number;
  };
  const found: Equal<Shown<NonNullable<typeof post>>, Shown<WithRelations>> = true;
  expect([found, post]).toEqual([true, undefined]);
});

test('relations nest, and each level has its own types', async () => {
  const latest = hasOne(posts, 'authorId', {
    select: ['title'],
    include: { tags: manyToMany(tags, postTags, 'postId', 'tagId', { select: ['name'] }) },
  });
  const user = await users.findById('0190b5a0-0000-7000-8000-000000000000', { select: ['id'], include: { latest } });
  type Nested = { id: string; latest: { title: string; tags: { name: string }[] } | null };
  const found: Equal<Shown<NonNullable<typeof user>>, Shown<Nested>> = true;
  expect([found, user]).toEqual([true, null]);
});

test('every verb that includes has the same row', async () => {
  const include = {
    tags: belongsToMany(tags, 'tagIds', { select: ['name'] }),
    others: belongsToMany(tags, 'tagIds', { count: true }),
  };
  type Included = { id: string; tags: { name: string }[]; others: number };
  const one = await articles.findOne({}, { select: ['id'], include });
  const page = await articles.paginate({}, { select: ['id'], include });
  const behind = await articles.paginateByCursor({}, { select: ['id'], include });
  const laws: [
    Equal<Shown<NonNullable<typeof one>>, Included>,
    Equal<Shown<(typeof page.rows)[number]>, Included>,
    Equal<Shown<(typeof behind.rows)[number]>, Included>,
  ] = [true, true, true];
  for await (const row of articles.stream({}, { select: ['id'], include })) {
    const streamed: Equal<Shown<typeof row>, Included> = true;
    expect(streamed).toBe(true);
  }
  expect([laws, one, page.rows, behind.rows]).toEqual([[true, true, true], null, [], []]);
});

test('without relations the row is the entity’s own', async () => {
  const plain = await articles.find({}, { include: {} });
  const none = await articles.find({}, { include: undefined });
  type Own = (typeof Article)['~row'];
  const laws: [Equal<(typeof plain)[number], Own>, Equal<(typeof none)[number], Own>] = [true, true];
  // A group is not a relation: it takes no `include`.
  const groups = await articles.groupBy([], { n: count() });
  expect([laws, plain, none, groups]).toEqual([[true, true], [], [], [{ n: 0 }]]);
});

test('a row with relations goes where its parts are expected', async () => {
  const read = async (): Promise<{ title: string; author: { username: string } | null } | undefined> =>
    (await posts.find({}, { include: { author: belongsTo(users, 'authorId') } }))[0];
  expect(await read()).toBeUndefined();
});
