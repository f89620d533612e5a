import assert from 'node:assert/strict';
import { type LockContractCase, law, SHORT } from './kit.js';

export const fencing: readonly LockContractCase[] = [
  law('fences of a name grow with each acquisition', async (given) => {
    const name = given.fresh();
    let last = 0n;
    for (let i = 0; i < 200; i++) {
      const owner = given.fresh();
      const fence = await given.take(name, owner);
      assert.ok(fence > last, `${fence} comes after ${last}`);
      last = fence;
      await given.release(name, owner);
    }
  }),

  law('the fence behind a lock that ended by itself is greater', async (given) => {
    const name = given.fresh();
    const first = await given.take(name, given.fresh(), SHORT);
    await given.outlive(SHORT);
    assert.ok((await given.take(name, given.fresh())) > first);
  }),

  law('the fence behind a lock that was extended is greater', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    const first = await given.take(name, owner);
    for (let i = 0; i < 5; i++) await given.extend(name, owner);
    await given.release(name, owner);
    assert.ok((await given.take(name, given.fresh())) > first);
  }),

  law('fences grow in the order in which locks are held, whoever holds them', async (given) => {
    const name = given.fresh();
    const seen: bigint[] = [];
    const processes = Array.from({ length: 3 }, () => given.locks());
    const works = Promise.all(
      processes.flatMap((locks) =>
        Array.from({ length: 5 }, () =>
          locks.withLock(name, ({ fence }) => seen.push(fence), { ttl: '1m', wait: '1m' }),
        ),
      ),
    );
    await given.passing(works);
    assert.equal(seen.length, 15);
    for (let i = 1; i < seen.length; i++) assert.ok(seen[i]! > seen[i - 1]!, `${seen[i]} comes after ${seen[i - 1]}`);
  }),
];
