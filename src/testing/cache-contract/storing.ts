import assert from 'node:assert/strict';
import { type CacheRule, entriesOn, until } from './kit.js';

const token = (n: number): string => String(n).padStart(16, '0');
const payload = (n: number, text: string): Buffer => Buffer.from(token(n) + text);
const ask = (n: number, more: object = {}) => ({
  token: token(n),
  leaseMs: 60_000,
  seen: null,
  waitedFor: null,
  ...more,
});

/** What `CacheManager` relies on. */
export const storing: readonly CacheRule[] = [
  {
    name: 'a lease is held by one, until it is released, filled, deleted, set or over',
    async run(store) {
      const entries = entriesOn(store);
      assert.deepStrictEqual(await entries.lease('e', ask(1)), { state: 'ours' });
      const taken = await entries.lease('e', ask(2));
      assert.ok(taken.state === 'taken' && taken.by === token(1) && taken.leftMs > 50_000 && taken.leftMs <= 60_000);
      assert.equal(await entries.write('e', { kind: 'release', token: token(2), reason: null }), false);
      assert.equal(await entries.write('e', { kind: 'release', token: token(1), reason: null }), true);
      for (const end of ['fill', 'delete', 'set'] as const) {
        assert.deepStrictEqual(await entries.lease('e', ask(1)), { state: 'ours' }, end);
        await entries.write('e', { kind: end, token: token(1), payload: payload(1, end), ttlMs: 60_000 });
        assert.deepStrictEqual(await entries.lease('e', ask(2, { seen: token(1) })), { state: 'ours' }, end);
        await entries.write('e', { kind: 'delete' });
      }
      assert.deepStrictEqual(await entries.lease('e', ask(1, { leaseMs: 1 })), { state: 'ours' });
      await until(async () => (await entries.lease('e', ask(2))).state === 'ours');
    },
  },
  {
    name: 'a fill stores only while its lease is held',
    async run(store) {
      const entries = entriesOn(store);
      const fill = { kind: 'fill', token: token(1), payload: payload(1, 'value'), ttlMs: 60_000 } as const;
      assert.equal(await entries.write('e', fill), false);
      await entries.lease('e', ask(1));
      await entries.write('e', { kind: 'delete' });
      assert.equal(await entries.write('e', fill), false);
      await entries.lease('e', ask(2));
      assert.equal(await entries.write('e', fill), false);
      assert.deepStrictEqual(await entries.read(['e'], []), { values: [null], stamps: [] });
      assert.equal(await entries.write('e', { ...fill, token: token(2) }), true);
      assert.deepStrictEqual((await entries.read(['none', 'e'], [])).values, [null, payload(1, 'value')]);
    },
  },
  {
    name: 'a lease that was taken away is not renewed, one that is held is',
    async run(store) {
      const entries = entriesOn(store);
      assert.equal((await entries.lease('e', ask(1, { renew: true }))).state, 'taken');
      await entries.lease('e', ask(1, { leaseMs: 30_000 }));
      assert.equal((await entries.lease('e', ask(1, { renew: true }))).state, 'ours');
      const taken = await entries.lease('e', ask(2));
      assert.ok(taken.state === 'taken' && taken.leftMs > 30_000);
      await entries.write('e', { kind: 'delete' });
      assert.equal((await entries.lease('e', ask(1, { renew: true }))).state, 'taken');
      assert.equal((await entries.lease('e', ask(2))).state, 'ours');
    },
  },
  {
    name: 'who asks for a lease is told of an entry that it has not seen',
    async run(store) {
      const entries = entriesOn(store);
      await entries.write('e', { kind: 'set', payload: payload(1, 'value'), ttlMs: 60_000 });
      assert.deepStrictEqual(await entries.lease('e', ask(2)), { state: 'refreshed' });
      assert.deepStrictEqual(await entries.lease('e', ask(2, { seen: token(9) })), { state: 'refreshed' });
      assert.deepStrictEqual(await entries.lease('e', ask(2, { seen: token(1) })), { state: 'ours' });
    },
  },
  {
    name: 'who waited for a lease is told that its load failed, and who did not gets the lease',
    async run(store) {
      const entries = entriesOn(store);
      await entries.lease('e', ask(1));
      await entries.write('e', { kind: 'release', token: token(1), reason: 'ENO' });
      const told = await entries.lease('e', ask(2, { waitedFor: token(1) }));
      assert.deepStrictEqual(told, { state: 'failed', reason: 'ENO' });
      assert.deepStrictEqual(await entries.lease('e', ask(3)), { state: 'ours' });
    },
  },
  {
    name: 'stamps stand until they are invalidated, and are never given twice; the clock goes on',
    async run(store) {
      const entries = entriesOn(store);
      const seen = new Set<string>();
      let clock = 0;
      for (let i = 0; i < 20; i++) {
        const first = (await entries.capture(['a', 'b'], 60_000, null))!;
        const second = (await entries.capture(['b', 'a'], 60_000, null))!;
        assert.ok(first.clock > clock && second.clock > first.clock);
        clock = second.clock;
        assert.deepStrictEqual([...second.stamps].reverse(), first.stamps);
        assert.deepStrictEqual((await entries.read([], ['a', 'b', 'c'])).stamps, [...first.stamps, null]);
        for (const [at, stamp] of first.stamps.entries())
          assert.ok(!seen.has(`${at} ${stamp}`) && seen.add(`${at} ${stamp}`));
        await entries.invalidate(['a', 'b', 'never']);
        assert.deepStrictEqual((await entries.read([], ['a', 'b'])).stamps, [null, null]);
      }
    },
  },
  {
    name: 'stamps of tags that were invalidated since are refused',
    async run(store) {
      const entries = entriesOn(store);
      const { clock } = (await entries.capture(['a'], 60_000, null))!;
      assert.equal((await entries.capture(['b'], 60_000, clock))?.stamps.length, 1);
      await entries.invalidate(['c']);
      assert.equal(await entries.capture(['b', 'c'], 60_000, clock), null);
      assert.equal((await entries.capture(['b'], 60_000, clock))?.stamps.length, 1);
      const later = (await entries.capture([], 60_000, null))!;
      assert.equal((await entries.capture(['c'], 60_000, later.clock))?.stamps.length, 1);
      // Of what was before all that is remembered nothing is known.
      assert.equal(await entries.capture(['b'], 60_000, 1), null);
    },
  },
  {
    name: 'changes are told to those who listen, until they do no more',
    async run(store) {
      const entries = entriesOn(store);
      const told: string[] = [];
      let hears = false;
      const stop = entries.listen({
        entry: (entry) => void told.push(`entry ${entry}`),
        stamps: (stamps) => void told.push(`stamps ${stamps.join()}`),
        heard: () => {
          hears = true;
        },
        current: () => {},
        deaf: () => {},
      });
      await until(async () => hears);
      await entries.write('e', { kind: 'set', payload: payload(1, 'value'), ttlMs: 60_000 });
      await entries.write('e', { kind: 'delete' });
      await entries.invalidate(['a', 'b']);
      await until(async () => told.length === 3);
      // The nodes of a cluster tell of them in any order.
      assert.deepStrictEqual(told.sort(), ['entry e', 'entry e', 'stamps a,b']);
      stop();
      await entries.invalidate(['c']);
      await until(async () => true);
      assert.equal(told.length, 3);
    },
  },
];
