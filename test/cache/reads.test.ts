import { afterAll, describe, expect, it } from 'vitest';
import {
  belongsTo,
  CacheManager,
  cacheReads,
  count,
  type Database,
  entity,
  entityTags,
  integer,
  MemoryDatabase,
  MemoryStore,
  MongoDatabase,
  PostgresDatabase,
  RedisStore,
  Repository,
  scopedBy,
  softDelete,
  text,
  uuid,
} from '../../src/index.js';
import { mongoDatabase, postgresDatabase, redisPrefix } from '../setup/databases.js';

const User = entity('cached_users', {
  id: uuid().primaryKey(),
  name: text().max(40),
  secret: text().max(40).default('planted').hidden(),
  ...softDelete(),
});
const Post = entity('cached_posts', {
  id: uuid().primaryKey(),
  authorId: uuid(),
  title: text().max(40),
  likes: integer().default(0),
});

const { url } = await postgresDatabase();
const mongo = await mongoDatabase();
const { url: redisUrl, prefix } = await redisPrefix();
const redis = new RedisStore({ url: redisUrl });
const engines = [
  ['memory', new MemoryDatabase(), new MemoryStore()],
  ['postgres', new PostgresDatabase({ url, max: 4 }), redis],
  ['mongo', new MongoDatabase({ url: mongo.url, name: mongo.name }), redis],
] as const;
afterAll(async () => {
  await Promise.all(engines.map(([, database]) => database.close()));
  await redis.close();
});

const ALL = { findById: '1h', find: '1h', count: '1h', exists: '1h', distinct: '1h', groupBy: '1h' } as const;
let caches = 0;

/** Repositories of a database whose reads are cached, of one whose are not, and the cache. */
async function setUp(database: Database, store: MemoryStore | RedisStore) {
  const cache = new CacheManager(store, { prefix: `${prefix}reads${caches++}`, storeTimeout: '10s' });
  const use = [cacheReads(cache, ALL)];
  const plain = new Repository(database as Database<'memory'>, User);
  const users = new Repository(database as Database<'memory'>, User, { use });
  const posts = new Repository(database as Database<'memory'>, Post, { use });
  await plain.ensureSchema();
  await posts.ensureSchema();
  return { cache, plain, users, posts, use };
}

describe.each(engines)('cached reads of %s', (_engine, database, store) => {
  it('are given from the cache, by key and by query, until a write through the repository', async () => {
    const { cache, plain, users } = await setUp(database, store);
    const { id } = await users.insert({ name: 'Ann' });
    const other = await users.insert({ name: 'Other' });
    for (const each of [id, other.id, id, other.id]) await users.findById(each);
    expect(cache.stats()).toMatchObject({ loads: 2, hits: 2 });
    await plain.update(id, { name: 'past the cache' });
    expect((await users.get(id)).name).toBe('Ann');
    await users.update(id, { name: 'Bob' });
    expect((await users.get(id)).name).toBe('Bob');
    // The other row was not read again.
    expect((await users.get(other.id)).name).toBe('Other');
    expect(cache.stats()).toMatchObject({ loads: 3, hits: 4 });
    expect(await users.count({ name: 'Bob' })).toBe(1);
    await users.insert({ name: 'Bob' });
    expect(await users.count({ name: 'Bob' })).toBe(2);
    await users.deleteMany({ name: 'Bob' });
    expect(await users.count({ name: 'Bob' })).toBe(0);
    expect(await users.findById(id)).toBeNull();
    await users.restore(id);
    expect((await users.findById(id))?.name).toBe('Bob');
    await users.purge(id);
    expect(await users.findById(id)).toBeNull();
    await users.purge(other.id);
  });

  it('know that a row that was not there is', async () => {
    const { users } = await setUp(database, store);
    const id = crypto.randomUUID();
    expect(await users.findById(id)).toBeNull();
    await users.insert({ id, name: 'new' });
    expect((await users.findById(id))?.name).toBe('new');
    await users.purge(id);
  });

  it('are taken away when a transaction has committed, not before, and not when it has not', async () => {
    const { cache, users } = await setUp(database, store);
    const { id } = await users.insert({ name: 'before' });
    await users.get(id);
    const seen: string[] = [];
    await database.transaction(async () => {
      await users.update(id, { name: 'inside' });
      // Its own writes are seen inside, and by nobody else.
      seen.push((await users.get(id)).name);
      seen.push((await database.detached(() => users.get(id))).name);
    });
    seen.push((await users.get(id)).name);
    expect(seen).toEqual(['inside', 'before', 'inside']);
    const { misses } = cache.stats();
    await expect(
      database.transaction(async () => {
        await users.update(id, { name: 'undone' });
        expect((await users.get(id)).name).toBe('undone');
        throw new Error('undo');
      }),
    ).rejects.toThrow('undo');
    expect((await users.get(id)).name).toBe('inside');
    expect(cache.stats().misses).toBe(misses);
    await users.purge(id);
  });

  it('do not keep what is hidden', async () => {
    const { cache, users } = await setUp(database, store);
    const { id } = await users.insert({ name: 'Ann' });
    for (let i = 0; i < 2; i++) expect((await users.get(id, { reveal: ['secret'] })).secret).toBe('planted');
    expect(cache.stats().misses).toBe(0);
    await users.get(id);
    expect(await users.get(id)).not.toHaveProperty('secret');
    await users.purge(id);
  });

  it('serve relations, which see the writes of what they relate to', async () => {
    const { cache, users, posts } = await setUp(database, store);
    const { id } = await users.insert({ name: 'Ann' });
    const post = await posts.insert({ authorId: id, title: 'Hello' });
    const withAuthor = () => posts.get(post.id, { include: { author: belongsTo(users, 'authorId') } });
    expect((await withAuthor()).author?.name).toBe('Ann');
    const { loads } = cache.stats();
    expect((await withAuthor()).author?.name).toBe('Ann');
    expect(cache.stats().loads).toBe(loads);
    await users.update(id, { name: 'Bob' });
    expect((await withAuthor()).author?.name).toBe('Bob');
    await users.purge(id);
    await posts.delete(post.id);
  });

  it('of what is written past the repository are taken away by its tags', async () => {
    const { cache, plain, users } = await setUp(database, store);
    const { id } = await users.insert({ name: 'Ann' });
    await users.get(id);
    const before = await users.count();
    await plain.purge(id);
    expect(await users.count()).toBe(before);
    await cache.invalidateTags(...entityTags(User));
    expect(await users.findById(id)).toBeNull();
    expect(await users.count()).toBe(before - 1);
  });

  it('go on when a caller that reads for others gives up', async () => {
    const { users } = await setUp(database, store);
    const { id } = await users.insert({ name: 'Ann' });
    const controller = new AbortController();
    const first = users.findById(id, { signal: controller.signal }).catch(() => 'gave up');
    const second = users.findById(id);
    controller.abort();
    expect((await second)?.name).toBe('Ann');
    expect(await first).toBe('gave up');
    await users.purge(id);
  });
});

describe('cached reads', () => {
  it('from the memory of the process are the caller’s own', async () => {
    const cache = new CacheManager(new MemoryStore(), { l1: {} });
    const users = new Repository(new MemoryDatabase(), User, { use: [cacheReads(cache, ALL)] });
    const { id } = await users.insert({ name: 'Ann' });
    for (let i = 0; i < 4; i++) {
      const row = await users.get(id);
      expect(row.name).toBe('Ann');
      (row as { name: string }).name = 'changed';
    }
    expect(cache.stats().nearHits).toBeGreaterThan(0);
  });

  it('of one tenant are given to no other: `cacheReads` behind a scope keeps to it, and before one it is refused', async () => {
    const cache = new CacheManager(new MemoryStore());
    const database = new MemoryDatabase();
    let tenant = 'a';
    const scope = scopedBy('name', () => tenant);
    expect(() => new Repository(database, User, { use: [cacheReads(cache, ALL), scope] })).toThrow(
      'Expected `cacheReads` to be the last of `use`',
    );
    const users = new Repository(database, User, { use: [scope, cacheReads(cache, ALL)] });
    const { id } = await users.insert({ name: 'a' });
    const seen = async () => [
      await users.findById(id),
      await users.find(),
      await users.count(),
      await users.exists({ id }),
      await users.distinct('name'),
      (await users.paginate({})).rows,
      await users.groupBy(['name'], { n: count() }),
    ];
    const [own] = await seen();
    expect(own).toMatchObject({ id });
    tenant = 'b';
    for (let i = 0; i < 2; i++) expect(await seen()).toEqual([null, [], 0, false, [], [], []]);
  });

  it('refuse options that they do not know', () => {
    const cache = new CacheManager(new MemoryStore());
    expect(() => cacheReads(cache, { findAll: '1m' } as never)).toThrow('findAll');
    expect(() => cacheReads(cache, { find: 5 as never })).toThrow('Expected `find`');
  });
});
