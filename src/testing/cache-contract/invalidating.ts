import assert from 'node:assert/strict';
import type { CacheManager } from '../../cache/manager.js';
import { type CacheRule, cacheOn, failure, gate, ownPrefix, until } from './kit.js';

/** Invalidates while a value is loaded, and sees what is stored, and what those get who ask afterwards. */
function during(name: string, change: (cache: CacheManager) => Promise<unknown>): CacheRule {
  return {
    name: `${name} while a value is loaded refuses that value, and gives it to nobody who asks afterwards`,
    async run(store) {
      const prefix = ownPrefix();
      const [cache, other] = [cacheOn(store, { prefix }), cacheOn(store, { prefix })];
      const { opened, open } = gate();
      const begun = gate();
      const options = { tags: ['tag', 'further'] };
      const first = cache.getOrSet(
        'k',
        async () => {
          begun.open();
          await opened;
          return 'old';
        },
        options,
      );
      await begun.opened;
      await change(other);
      const later = [cache, other].map((each) => each.getOrSet('k', () => 'new', options));
      open();
      assert.equal(await first, 'old');
      assert.deepStrictEqual(await Promise.all(later), ['new', 'new']);
      assert.equal(await cache.getOrSet('k', () => assert.fail('loaded again'), options), 'new');
    },
  };
}

/** Changes what is in the memory of the process, and reads at once, before a message of the store can have come back. */
function near(name: string, change: (cache: CacheManager) => Promise<unknown>, then: unknown): CacheRule {
  return {
    name: `${name} takes away what is in the memory of the own process before its call ends`,
    async run(store) {
      const cache = cacheOn(store, { l1: {} });
      for (let round = 0; round < 5; round++) {
        await cache.set('k', 'old', { tags: ['tag'] });
        const { nearHits } = cache.stats();
        await until(async () => {
          assert.equal(await cache.get('k'), 'old');
          return cache.stats().nearHits > nearHits;
        });
        await change(cache);
        assert.equal(await cache.get('k'), then);
      }
    },
  };
}

export const invalidating: readonly CacheRule[] = [
  near('to delete a key', (cache) => cache.delete('k'), undefined),
  near('to set a value', (cache) => cache.set('k', 'new'), 'new'),
  near('to set several values', (cache) => cache.setMany([['k', 'new']]), 'new'),
  near('to invalidate a tag', (cache) => cache.invalidateTags('tag'), undefined),
  near('to clear a cache', (cache) => cache.clear(), undefined),
  {
    name: 'a tag that is invalidated takes its values away, and no others',
    async run(store) {
      const cache = cacheOn(store);
      await cache.setMany([['plain', 1]]);
      await cache.set('a', 1, { tags: ['x', 'y'] });
      await cache.set('b', 1, { tags: ['y'] });
      await cache.set('c', 1, { tags: ['z'] });
      await cache.invalidateTags('x', 'never used');
      assert.deepStrictEqual(await cache.getMany(['a', 'b', 'c', 'plain']), [undefined, 1, 1, 1]);
      await cache.invalidateTags('y', 'z');
      assert.deepStrictEqual(await cache.getMany(['a', 'b', 'c', 'plain']), [undefined, undefined, undefined, 1]);
      await cache.invalidateTags();
      assert.equal(await cache.get('plain'), 1);
    },
  },
  {
    name: 'a value is given whether or not its tags are named when it is read',
    async run(store) {
      const cache = cacheOn(store);
      await cache.set('k', 1, { tags: ['x', 'y'] });
      for (const tags of [[], ['x'], ['x', 'y'], ['x', 'y', 'z']]) assert.equal(await cache.get('k', { tags }), 1);
      await cache.invalidateTags('y');
      for (const tags of [[], ['x'], ['x', 'y']]) assert.equal(await cache.get('k', { tags }), undefined);
    },
  },
  during('to invalidate a tag', (cache) => cache.invalidateTags('tag')),
  during('to delete the key', (cache) => cache.delete('k')),
  during('to clear the cache', (cache) => cache.clear()),
  {
    name: 'to set a value while it is loaded keeps the one that was set',
    async run(store) {
      const cache = cacheOn(store);
      const { opened, open } = gate();
      const begun = gate();
      const call = cache.getOrSet('k', async () => {
        begun.open();
        await opened;
        return 'loaded';
      });
      await begun.opened;
      await cache.set('k', 'set');
      open();
      assert.equal(await call, 'loaded');
      assert.equal(await cache.get('k'), 'set');
    },
  },
  {
    name: 'tags that a load names are as good as others: one that was invalidated since the load began refuses the value',
    async run(store) {
      const cache = cacheOn(store);
      const load =
        (between: () => Promise<unknown>) =>
        async ({ tag }: { tag(...tags: string[]): void }) => {
          tag('late', 'early');
          await between();
          return 'value';
        };
      await cache.getOrSet(
        'kept',
        load(async () => {}),
        { tags: ['early'] },
      );
      assert.equal(await cache.get('kept'), 'value');
      await cache.getOrSet(
        'refused',
        load(() => cache.invalidateTags('late')),
      );
      assert.equal(await cache.get('refused'), undefined);
      assert.equal(await cache.get('kept'), undefined);
      await cache.getOrSet(
        'other',
        load(() => cache.invalidateTags('unrelated')),
      );
      assert.equal(await cache.get('other'), 'value');
      await cache.invalidateTags('late');
      assert.equal(await cache.get('other'), undefined);
    },
  },
  {
    name: 'a namespace has keys and tags of its own, and is cleared with what it is in, not the other way round',
    async run(store) {
      const cache = cacheOn(store);
      const users = cache.namespace('users');
      const admins = users.namespace('admins');
      const all = [cache, users, admins];
      const fill = () => Promise.all(all.map((each) => each.set('k', 1, { tags: ['t'] })));
      const seen = () => Promise.all(all.map(async (each) => (await each.get('k')) === 1));
      await fill();
      await users.invalidateTags('t');
      assert.deepStrictEqual(await seen(), [true, false, true]);
      await fill();
      await users.clear();
      assert.deepStrictEqual(await seen(), [true, false, false]);
      await fill();
      await admins.clear();
      assert.deepStrictEqual(await seen(), [true, true, false]);
      await fill();
      await cache.clear();
      assert.deepStrictEqual(await seen(), [false, false, false]);
    },
  },
  {
    name: 'caches with other prefixes know nothing of each other',
    async run(store) {
      const [one, two] = [cacheOn(store), cacheOn(store)];
      await one.set('k', 1, { tags: ['t'] });
      assert.equal(await two.get('k'), undefined);
      await two.set('k', 2, { tags: ['t'] });
      await one.clear();
      await one.invalidateTags('t');
      assert.equal(await two.get('k'), 2);
    },
  },
  {
    name: 'a lock of a cache is had by one at a time, and is another one in a namespace and under another prefix',
    async run(store) {
      const prefix = ownPrefix();
      const [cache, other] = [cacheOn(store, { prefix }), cacheOn(store, { prefix })];
      const lock = await cache.acquireLock('job');
      assert.equal((await failure(other.acquireLock('job'))).code, 'LOCK_CONTENDED');
      for (const each of [cache.namespace('users'), cacheOn(store)]) await (await each.acquireLock('job')).release();
      await lock.release();
      const later = await other.withLock('job', ({ fence }) => fence);
      assert.ok(later > lock.fence);
    },
  },
  {
    name: 'explain says why a read hits or misses',
    async run(store) {
      const cache = cacheOn(store);
      const why = async () => (await cache.explain('k')).why;
      assert.match(await why(), /nothing is stored/);
      const tag = 'feed of author:7 \ud800';
      await cache.set('k', 1, { tags: [tag], stale: '1h' });
      const { state, tags, freshForMs } = await cache.explain('k');
      assert.deepStrictEqual([state, tags], ['fresh', [tag]]);
      assert.ok(freshForMs! > 3_500_000 && freshForMs! <= 3_600_001, String(freshForMs));
      await cache.invalidateTags(tag);
      assert.equal(await why(), `its tag \`${tag}\` was invalidated, or its stamp evicted`);
      await cache.set('k', 1);
      await cache.clear();
      assert.match(await why(), /cleared/);
    },
  },
  {
    name: 'what happens is counted and told, of namespaces in what they are in too',
    async run(store) {
      const cache = cacheOn(store);
      const users = cache.namespace('users');
      const told: string[] = [];
      for (const event of ['hit', 'miss', 'load', 'set', 'delete', 'invalidate', 'clear'] as const)
        cache.on(event, (...values: readonly unknown[]) => void told.push([event, ...values.slice(0, 1)].join(' ')));
      await users.getOrSet('k', () => 1);
      await users.getOrSet('k', () => 1);
      await cache.set('x', 1);
      await cache.delete('x');
      await cache.invalidateTags('t');
      await cache.clear();
      assert.deepStrictEqual(told, ['miss k', 'load k', 'hit k', 'set x', 'delete x', 'invalidate t', 'clear']);
      for (const each of [cache, users]) {
        const { hits, misses, loads, loadsFailed, errors, isStoreUp } = each.stats();
        assert.deepStrictEqual([hits, misses, loads, loadsFailed, errors, isStoreUp], [1, 1, 1, 0, 0, true]);
      }
    },
  },
];
