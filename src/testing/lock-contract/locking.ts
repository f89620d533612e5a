import assert from 'node:assert/strict';
import { LockContendedError, LockLostError } from '../../errors/lock.js';
import { AbortedError } from '../../errors/runtime.js';
import { fails, LONG, type LockContractCase, law, SHORT } from './kit.js';

const TTL = `${SHORT}ms` as const;

export const locking: readonly LockContractCase[] = [
  law('one at a time is at work, of all who wait in all processes', async (given) => {
    const name = given.fresh();
    let inside = 0;
    let done = 0;
    const works = Array.from({ length: 3 }, () => given.locks()).flatMap((locks) =>
      Array.from({ length: 8 }, () =>
        locks.withLock(
          name,
          async () => {
            inside += 1;
            assert.equal(inside, 1, 'two are at work');
            await new Promise((resolve) => setImmediate(resolve));
            inside -= 1;
            done += 1;
          },
          { ttl: '1m', wait: '1m' },
        ),
      ),
    );
    await given.passing(Promise.all(works));
    assert.equal(done, 24);
    await given.free(name);
  }),

  law('who does not wait is refused at once, with the time that is left', async (given) => {
    const name = given.fresh();
    const lock = await given.locks().acquire(name, { ttl: '1m' });
    const error = await fails(given.locks().acquire(name), LockContendedError);
    assert.equal(error.lock, name);
    assert.ok(error.leftMs <= LONG && error.leftMs > LONG / 2);
    assert.equal(error.retryable, true);
    assert.equal(await lock.release(), true);
  }),

  law('a wait ends by its signal, and leaves nothing behind', async (given) => {
    const name = given.fresh();
    const lock = await given.locks().acquire(name);
    const controller = new AbortController();
    const locks = given.locks();
    const waits = Array.from({ length: 3 }, () =>
      fails(locks.acquire(name, { wait: '1m', signal: controller.signal }), AbortedError),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const reason = new Error('enough');
    controller.abort(reason);
    for (const error of await Promise.all(waits)) assert.equal(error.cause, reason);
    assert.equal(await lock.release(), true);
    await given.free(name);
  }),

  law('a lock that outlives its time is lost: its signal aborts, and it is not held', async (given) => {
    const name = given.fresh();
    const lock = await given.locks().acquire(name, { ttl: TTL });
    lock.assertHeld();
    await given.outlive(SHORT);
    await given.until(() => lock.signal.aborted, 'its signal did not abort');
    assert.ok(lock.signal.reason instanceof LockLostError);
    assert.equal(lock.isHeld, false);
    assert.throws(() => lock.assertHeld(), LockLostError);
    await fails(lock.extend(), LockLostError);
    assert.equal(await lock.release(), false);
    await given.free(name);
  }),

  law('a lock that is renewed outlives its time, until it is released', async (given) => {
    const name = given.fresh();
    const lock = await given.locks().acquire(name, { ttl: `${SHORT * 2}ms`, renew: true });
    for (let passed = 0; passed < SHORT * 3; passed += SHORT / 4) await given.elapse(SHORT / 4);
    lock.assertHeld();
    await given.held(name);
    assert.equal(await lock.release(), true);
    await given.free(name);
  }),

  law('a lock that another has now is not touched by the one who lost it', async (given) => {
    const name = given.fresh();
    const late = await given.locks().acquire(name, { ttl: TTL });
    await given.outlive(SHORT);
    const lock = await given.locks().acquire(name, { ttl: '1m' });
    assert.ok(lock.fence > late.fence);
    await fails(late.extend(), LockLostError);
    assert.equal(await late.release(), false);
    await given.held(name);
    lock.assertHeld();
    assert.equal(await lock.release(), true);
  }),
];
