import assert from 'node:assert/strict';
import { CALL, LONG, type LockContractCase, law, SHORT } from './kit.js';

export const acquiring: readonly LockContractCase[] = [
  law('a lock that nobody has is acquired, with a fence above zero', async (given) => {
    assert.ok((await given.take(given.fresh(), given.fresh())) > 0n);
  }),

  law('a lock that another has is refused, and the time that is left of it is told', async (given) => {
    const name = given.fresh();
    await given.take(name, given.fresh(), LONG);
    const { fence, leftMs } = await given.store.acquire(name, given.fresh(), SHORT, CALL);
    assert.equal(fence, undefined);
    assert.ok(leftMs! <= LONG && leftMs! > LONG / 2, `${leftMs} ms are not what is left`);
  }),

  law('its own owner does not acquire it a second time', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner);
    assert.equal((await given.store.acquire(name, owner, LONG, CALL)).fence, undefined);
    assert.equal(await given.release(name, owner), true);
    await given.free(name);
  }),

  law('of many who ask at the same moment one acquires it', async (given) => {
    for (let round = 0; round < 5; round++) {
      const name = given.fresh();
      const asked = Array.from({ length: 40 }, () => given.store.acquire(name, given.fresh(), LONG, CALL));
      const got = (await Promise.all(asked)).filter(({ fence }) => fence !== undefined);
      assert.equal(got.length, 1);
    }
  }),

  law('a refused acquisition changes nothing of the lock', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner, LONG);
    for (let i = 0; i < 3; i++) await given.store.acquire(name, given.fresh(), LONG * 100, CALL);
    assert.ok((await given.held(name)) <= LONG, 'it ends later than before');
    assert.equal(await given.release(name, owner), true, 'it has another owner');
  }),

  law('locks of different names have nothing to do with each other', async (given) => {
    const names = Array.from({ length: 20 }, () => given.fresh());
    const owner = given.fresh();
    await Promise.all(names.map((name) => given.take(name, owner)));
    assert.equal(await given.release(names[0]!, owner), true);
    for (const name of names.slice(1)) await given.held(name);
    await given.free(names[0]!);
  }),

  law('a lock that is neither extended nor released ends with its time', async (given) => {
    const [short, long] = [given.fresh(), given.fresh()];
    await given.take(short, given.fresh(), SHORT);
    await given.take(long, given.fresh(), LONG);
    await given.outlive(SHORT);
    await given.free(short);
    await given.held(long);
  }),
];
