import assert from 'node:assert/strict';
import { CALL, LONG, type LockContractCase, law, SHORT } from './kit.js';

export const extending: readonly LockContractCase[] = [
  law('a lock that is extended outlives its first time', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner, SHORT);
    assert.equal(await given.extend(name, owner, LONG), true);
    await given.outlive(SHORT);
    assert.ok((await given.held(name)) > LONG / 2);
    assert.equal(await given.release(name, owner), true);
  }),

  law('an extension sets the time that is left, and adds nothing to it', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner, LONG);
    for (let i = 0; i < 3; i++) assert.equal(await given.extend(name, owner, LONG), true);
    assert.ok((await given.held(name)) <= LONG, 'the times were added');
    await given.extend(name, owner, SHORT);
    assert.ok((await given.held(name)) <= SHORT, 'it was not shortened');
  }),

  law('who does not have a lock extends nothing', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner, LONG);
    assert.equal(await given.extend(name, given.fresh(), LONG * 100), false);
    assert.ok((await given.held(name)) <= LONG, 'it was extended by another');
    assert.equal(await given.release(name, owner), true, 'it was taken by another');
  }),

  law('an extension never acquires', async (given) => {
    const [ended, released, never] = [given.fresh(), given.fresh(), given.fresh()];
    const owner = given.fresh();
    await given.take(ended, owner, SHORT);
    await given.take(released, owner);
    await given.release(released, owner);
    await given.outlive(SHORT);
    for (const name of [ended, released, never]) {
      assert.equal(await given.extend(name, owner), false);
      await given.free(name);
    }
  }),

  law('each of many locks is told of, in their order', async (given) => {
    const owner = given.fresh();
    const names = Array.from({ length: 60 }, () => given.fresh());
    const isHeld = (_name: string, i: number): boolean => i % 3 === 0 || i > 50;
    await Promise.all(names.filter(isHeld).map((name) => given.take(name, owner, LONG)));
    const locks = names.map((name) => ({ name, owner, ttlMs: LONG * 10 }));
    assert.deepEqual(await given.store.extend(locks, CALL), names.map(isHeld));
    for (const name of names.filter(isHeld)) assert.ok((await given.held(name)) > LONG);
    assert.deepEqual(await given.store.extend([], CALL), []);
  }),

  law('locks that are extended together have each their own time', async (given) => {
    const owner = given.fresh();
    const [short, long] = [given.fresh(), given.fresh()];
    for (const name of [short, long]) await given.take(name, owner, LONG);
    const locks = [
      { name: short, owner, ttlMs: SHORT },
      { name: long, owner, ttlMs: LONG * 2 },
    ];
    assert.deepEqual(await given.store.extend(locks, CALL), [true, true]);
    assert.ok((await given.held(short)) <= SHORT);
    assert.ok((await given.held(long)) > LONG);
  }),
];
