import assert from 'node:assert/strict';
import { type LockContractCase, law } from './kit.js';

export const listening: readonly LockContractCase[] = [
  law('who listens is told when the lock is released', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner);
    let told = 0;
    const stop = given.store.listen(name, () => {
      told += 1;
    });
    // A store may need a while before it hears; it may tell once then.
    for (let current = owner; told < 2; current = given.fresh()) {
      if (current !== owner) await given.take(name, current);
      const before = told;
      assert.equal(await given.release(name, current), true);
      await given.until(() => told > before, 'nothing was told');
    }
    stop();
  }),

  law('who stopped to listen is told nothing, and the others are', async (given) => {
    const name = given.fresh();
    const told = [0, 0];
    const [stopFirst, stopSecond] = told.map((_, i) =>
      given.store.listen(name, () => {
        told[i]! += 1;
      }),
    );
    await given.until(() => told[0]! > 0 && told[1]! > 0, 'that the lock is free was not told');
    stopFirst!();
    stopFirst!();
    const before = [...told];
    const owner = given.fresh();
    await given.take(name, owner);
    await given.release(name, owner);
    await given.until(() => told[1]! > before[1]!, 'nothing was told');
    assert.equal(told[0], before[0]);
    stopSecond!();
  }),
];
