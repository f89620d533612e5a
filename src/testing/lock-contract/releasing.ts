import assert from 'node:assert/strict';
import { type LockContractCase, law, SHORT } from './kit.js';

export const releasing: readonly LockContractCase[] = [
  law('its owner releases a lock, once', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner);
    assert.equal(await given.release(name, owner), true);
    assert.equal(await given.release(name, owner), false);
    await given.free(name);
  }),

  law('who does not have a lock releases nothing', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    assert.equal(await given.release(name, given.fresh()), false, 'nobody had it');
    await given.take(name, owner);
    assert.equal(await given.release(name, given.fresh()), false, 'another has it');
    await given.held(name);
    assert.equal(await given.release(name, owner), true, 'it was released by another');
  }),

  law('the owner of a lock that ended releases nothing, whoever has it now', async (given) => {
    const name = given.fresh();
    const [first, second] = [given.fresh(), given.fresh()];
    await given.take(name, first, SHORT);
    await given.outlive(SHORT);
    assert.equal(await given.release(name, first), false, 'it had ended');
    await given.take(name, second);
    assert.equal(await given.release(name, first), false, 'another has it');
    assert.equal(await given.release(name, second), true, 'it was released by another');
  }),

  law('of many releases at the same moment one did it', async (given) => {
    const name = given.fresh();
    const owner = given.fresh();
    await given.take(name, owner);
    const answers = await Promise.all(Array.from({ length: 20 }, () => given.release(name, owner)));
    assert.equal(answers.filter(Boolean).length, 1);
  }),
];
