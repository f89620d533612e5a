import assert from 'node:assert/strict';
import { cacheKey } from '../../cache/key.js';
import { type CacheRule, cacheOn, failure, ownPrefix, until } from './kit.js';

const VALUES: readonly (readonly [string, unknown])[] = [
  ['zero', 0],
  ['minus zero', -0],
  ['false', false],
  ['an empty text', ''],
  ['null', null],
  ['no number', Number.NaN],
  ['infinity', Number.NEGATIVE_INFINITY],
  ['a bigint', 2n ** 70n],
  ['a date', new Date('2024-02-29T12:34:56.789Z')],
  [
    'a map',
    new Map<unknown, unknown>([
      [1, new Set(['a', undefined])],
      ['k', { deep: new Date(0) }],
    ]),
  ],
  ['bytes', new Uint8Array([0, 255, 10, 13])],
  ['a list with undefined', [undefined, null, 1]],
  ['letters', 'ß 漢字 🂡 \u0000 \n "quoted" \ud800'],
  ['an object that looks like a mark', { '\u0000': ['date', 0] }],
  ['an empty object', {}],
];

export const values: readonly CacheRule[] = [
  {
    name: 'a value is given as it was stored: falsy ones, null, dates, bigints, maps, sets, bytes',
    async run(store) {
      const cache = cacheOn(store);
      for (const [name, value] of VALUES) {
        await cache.set(name, value);
        assert.deepStrictEqual(await cache.get(name), value, name);
        let loads = 0;
        const load = () => {
          loads += 1;
          return 'loaded';
        };
        assert.deepStrictEqual(await cache.getOrSet(name, load), value, name);
        assert.equal(loads, 0, `${name} is loaded again`);
      }
    },
  },
  {
    name: 'a value that is given is nobody else’s: to change it changes no other',
    async run(store) {
      const cache = cacheOn(store);
      const given = { list: [1] };
      await cache.set('k', given);
      given.list.push(2);
      const first = (await cache.get<{ list: number[] }>('k'))!;
      first.list.push(3);
      assert.deepStrictEqual(await cache.get('k'), { list: [1] });
    },
  },
  {
    name: 'what was never stored, ended or was deleted is undefined',
    async run(store) {
      const cache = cacheOn(store);
      assert.equal(await cache.get('none'), undefined);
      await cache.set('short', 1, { ttl: '1ms' });
      await until(async () => (await cache.get('short')) === undefined);
      await cache.set('long', 1, { ttl: '1h' });
      assert.equal(await cache.delete('long'), true);
      assert.equal(await cache.delete('long'), false);
      assert.equal(await cache.get('long'), undefined);
    },
  },
  {
    name: 'undefined and what no codec can store are refused, and nothing is stored',
    async run(store) {
      const cache = cacheOn(store);
      const circular: Record<string, unknown> = {};
      circular.self = circular;
      for (const value of [undefined, () => 1, Symbol('s'), circular, { deep: [Promise.resolve()] }]) {
        assert.ok((await failure(cache.set('k', value))) instanceof TypeError);
        assert.equal(await cache.get('k'), undefined);
      }
    },
  },
  {
    name: 'keys of parts are apart from each other, from texts and from namespaces',
    async run(store) {
      const cache = cacheOn(store);
      const keys = [
        'a:b:c',
        'A:b:c',
        'a/b',
        '{a}',
        'a%3ab',
        '#1',
        '1',
        cacheKey('a', 'b', 'c'),
        cacheKey('a:b', 'c'),
        cacheKey('a', 'b:c'),
        cacheKey('a', 'b'),
        cacheKey('a', 'b', ''),
        cacheKey(1),
        cacheKey('x', 1),
        cacheKey('x', '1'),
        cacheKey('x', '#1'),
        '\ud800',
        '\ud801',
        'x'.repeat(3_000),
        `${'x'.repeat(3_000)}y`,
      ];
      const caches = [cache, cache.namespace('a'), cache.namespace('a:b'), cache.namespace('a').namespace('b')];
      for (const [i, each] of caches.entries()) for (const [j, key] of keys.entries()) await each.set(key, `${i} ${j}`);
      for (const [i, each] of caches.entries()) {
        const found = await each.getMany(keys);
        assert.deepStrictEqual(
          found,
          keys.map((_, j) => `${i} ${j}`),
        );
      }
    },
  },
  {
    name: 'keys and options that are none are refused before anything is asked',
    async run(store) {
      const cache = cacheOn(store);
      const calls: readonly (() => Promise<unknown>)[] = [
        () => cache.get(''),
        () => cache.get({} as never),
        () => cache.get(1 as never),
        () => cache.set(['a'] as never, 1),
        async () => cacheKey({ $ne: null } as never),
        async () => cacheKey('a', Number.NaN),
        async () => cacheKey('a', undefined as never),
        () => cache.set('k', 1, { ttl: 5 as never }),
        () => cache.set('k', 1, { ttl: '0ms' }),
        () => cache.set('k', 1, { tags: 'tag' as never }),
        () => cache.set('k', 1, { tags: [''] }),
        () => cache.set('k', 1, { unknown: 1 } as never),
        () => cache.getOrSet('k', 'no function' as never),
        () => cache.invalidateTags({} as never),
        async () => cache.namespace(''),
      ];
      for (const call of calls) assert.ok((await failure((async () => call())())) instanceof TypeError, String(call));
      assert.equal(await cache.get('k'), undefined);
    },
  },
  {
    name: 'several values are stored and given together, in their order',
    async run(store) {
      const cache = cacheOn(store);
      await cache.setMany([
        ['a', 1],
        ['b', null],
      ]);
      assert.deepStrictEqual(await cache.getMany(['b', 'none', 'a', 'b']), [null, undefined, 1, null]);
      assert.deepStrictEqual(await cache.getMany([]), []);
    },
  },
  {
    name: 'large values are compressed where it is asked for, and given as they were',
    async run(store) {
      const cache = cacheOn(store, { compressOver: 100 });
      const value = { text: 'trivet '.repeat(1_000) };
      await cache.set('k', value);
      assert.deepStrictEqual(await cache.get('k'), value);
    },
  },
  {
    name: 'values of another schema are misses, and what is no entry is one',
    async run(store) {
      const prefix = ownPrefix();
      const [first, second] = [0, 1].map((schema) => cacheOn(store, { prefix, schema }));
      await first!.set('k', 1);
      assert.equal(await second!.get('k'), undefined);
      assert.equal(await second!.getOrSet('k', () => 2), 2);
      assert.equal(await first!.get('k'), undefined);
      const broken = cacheOn(store, { prefix, schema: 1, codec: { encode: String, decode: () => assert.fail('no') } });
      assert.equal(await broken.get('k'), undefined);
      assert.equal(await broken.getOrSet('k', () => 3), 3);
    },
  },
];
