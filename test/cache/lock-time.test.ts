import { describe, expect, it } from 'vitest';
import {
  AbortedError,
  AuthenticationError,
  ClosedError,
  ConnectionError,
  LockContendedError,
  type LockedWork,
  LockLostError,
  Locks,
  LockUnavailableError,
  TimeoutError,
} from '../../src/index.js';
import { settled } from './fake-time.js';
import { caught, FaultyStore } from './lock-kit.js';

const TTL_MS = 10_000;
/** What is left of it for the holder: less 1 % and 2 ms. */
const HELD_MS = TTL_MS - 102;

function opened() {
  const store = new FaultyStore().noting();
  const { time } = store;
  const locks = new Locks(store, { ttl: '10s', time });
  const other = new Locks(store, { ttl: '10s', time });
  return { store, time, locks, other };
}

const away = (): never => {
  throw new ConnectionError('the connection broke', { outcome: 'unknown', retryable: true });
};
const refused = (): never => {
  throw new ConnectionError('no connection', { outcome: 'not-executed', retryable: true });
};

describe('the time of a lock', () => {
  it('is that of the store less 1 % and 2 ms, from the moment of sending', async () => {
    const { store, time, locks } = opened();
    store.delay('before', 'acquire', 300);
    const acquired = locks.acquire('a');
    await time.elapse(300);
    const lock = await acquired;
    expect(lock.leftMs).toBe(HELD_MS - 300);
    await time.elapse(HELD_MS - 301);
    expect([lock.isHeld, lock.signal.aborted]).toEqual([true, false]);
    await time.elapse(1);
    expect([lock.isHeld, lock.signal.aborted, lock.leftMs]).toEqual([false, true, 0]);
    expect(lock.signal.reason).toBeInstanceOf(LockLostError);
    expect(lock.signal.reason).toMatchObject({ lock: 'a', resource: 'faulty', elapsedMs: HELD_MS, retryable: false });
  });

  it('is over for a blocked event loop too: assertHeld looks at the clock, and no timer has come', async () => {
    const { time, locks } = opened();
    const lock = await locks.acquire('a', { renew: true });
    time.block(HELD_MS);
    expect(lock.signal.aborted).toBe(false);
    expect(() => lock.assertHeld()).toThrow(LockLostError);
    expect(lock.signal.aborted).toBe(true);
  });

  it('is not extended when it is over, however late the timer of the renewal comes', async () => {
    const { store, time, locks } = opened();
    const lock = await locks.acquire('a', { renew: true });
    time.block(HELD_MS);
    await time.elapse(0);
    expect(store.count('extend')).toBe(0);
    expect(lock.signal.aborted).toBe(true);
  });

  it('ends an acquisition whose answer comes later: it fails, and is given back', async () => {
    const { store, time, locks, other } = opened();
    store.delay('after', 'acquire', HELD_MS + 50);
    const error = caught(locks.acquire('a'));
    await time.elapse(HELD_MS);
    expect(await error).toBeInstanceOf(LockUnavailableError);
    expect(await error).toMatchObject({ outcome: 'unknown', retryable: true, elapsedMs: HELD_MS });
    await time.elapse(50);
    expect(store.count('release')).toBe(1);
    store.after = () => {};
    await (await other.acquire('a')).release();
  });

  it('ends an acquisition whose answer was there, and which the event loop was too blocked to see', async () => {
    const { store, time, locks } = opened();
    store.after = () => time.block(HELD_MS);
    expect(await caught(locks.acquire('a'))).toBeInstanceOf(LockUnavailableError);
    await settled();
    expect(store.count('release')).toBe(1);
  });

  it('leaves no timer behind when the lock is released', async () => {
    const { time, locks } = opened();
    const held = await Promise.all(['a', 'b', 'c'].map((name) => locks.acquire(name, { renew: true })));
    for (const lock of held) await lock.release();
    expect(time.size).toBe(0);
  });
});

describe('a renewal', () => {
  it('extends all locks by one call at half of their time, with one timer', async () => {
    const { store, time, locks } = opened();
    const held = await Promise.all(Array.from({ length: 50 }, (_, i) => locks.acquire(`l${i}`, { renew: true })));
    expect(time.size).toBe(51);
    await time.elapse(TTL_MS / 2 - 1);
    expect(store.count('extend')).toBe(0);
    await time.elapse(1);
    expect(store.count('extend')).toBe(1);
    await time.elapse(TTL_MS * 10);
    expect(store.count('extend')).toBe(21);
    for (const lock of held) lock.assertHeld();
  });

  it('of locks that were taken one after another becomes one call too', async () => {
    const { store, time, locks } = opened();
    for (let i = 0; i < 10; i++) {
      await locks.acquire(`l${i}`, { renew: true });
      await time.elapse(100);
    }
    await time.elapse(TTL_MS / 2 - 1_000);
    expect(store.calls.filter(({ method }) => method === 'extend')).toMatchObject([{ names: { length: 10 } }]);
  });

  it('of many locks is several calls, none of which keeps the server for long', async () => {
    const { store, time, locks } = opened();
    await Promise.all(Array.from({ length: 1_200 }, (_, i) => locks.acquire(`l${i}`, { renew: true })));
    await time.elapse(TTL_MS / 2);
    expect(store.calls.flatMap(({ method, names }) => (method === 'extend' ? [names.length] : []))).toEqual([
      500, 500, 200,
    ]);
  });

  it('that gets no answer does not delay the end: the signal aborts at the deadline', async () => {
    const { store, time, locks } = opened();
    const lock = await locks.acquire('a', { renew: true });
    store.delay('before', 'extend', TTL_MS * 100);
    await time.elapse(HELD_MS - 1);
    expect(lock.signal.aborted).toBe(false);
    await time.elapse(1);
    expect(lock.signal.aborted).toBe(true);
  });

  it('that fails is tried again until the deadline, and the loss says why', async () => {
    const { store, time, locks } = opened();
    const [first, second] = [await locks.acquire('a', { renew: true }), await locks.acquire('b', { renew: true })];
    let failures = 0;
    store.before = (method) => {
      if (method !== 'extend' || failures === 3) return;
      failures += 1;
      away();
    };
    await time.elapse(TTL_MS * 3);
    expect(failures).toBe(3);
    for (const lock of [first, second]) lock.assertHeld();
    store.before = (method) => (method === 'extend' ? away() : undefined);
    await time.elapse(TTL_MS);
    expect(first.signal.reason).toBeInstanceOf(LockLostError);
    expect(first.signal.reason.cause).toBeInstanceOf(ConnectionError);
  });

  it('that finds a lock gone ends it at once, and no other', async () => {
    const { store, time, locks } = opened();
    const [gone, kept] = [await locks.acquire('gone', { renew: true }), await locks.acquire('kept', { renew: true })];
    await store.evict('gone');
    await time.elapse(TTL_MS / 2);
    expect([gone.signal.aborted, kept.signal.aborted]).toEqual([true, false]);
    expect(gone.signal.reason.message).toContain('the store has it no more');
    await time.elapse(TTL_MS * 3);
    kept.assertHeld();
    expect(store.calls.at(-1)).toMatchObject({ method: 'extend', names: ['kept'] });
  });

  it('whose answer comes after the deadline brings nothing back, and what the store has yet is given back', async () => {
    const { store, time, locks, other } = opened();
    const lock = await locks.acquire('a', { renew: true });
    store.delay('after', 'extend', TTL_MS);
    await time.elapse(TTL_MS * 1.2);
    expect(lock.isHeld).toBe(false);
    expect(await caught(other.acquire('a'))).toBeInstanceOf(LockContendedError);
    await time.elapse(TTL_MS);
    expect(lock.isHeld).toBe(false);
    expect(store.count('extend')).toBe(1);
  });

  it('whose answer waited for a blocked event loop brings nothing back either, though no timer has come', async () => {
    const { store, time, locks } = opened();
    const lock = await locks.acquire('a', { renew: true });
    store.after = (method) => (method === 'extend' ? time.block(TTL_MS / 2) : undefined);
    await time.elapse(TTL_MS / 2);
    expect([lock.isHeld, lock.signal.aborted]).toEqual([false, true]);
  });

  it('ends with the release', async () => {
    const { store, time, locks } = opened();
    const lock = await locks.acquire('a', { renew: true });
    await time.elapse(TTL_MS / 2);
    store.delay('before', 'extend', 100);
    await time.elapse(TTL_MS / 2);
    expect(await lock.release()).toBe(true);
    await time.elapse(TTL_MS * 3);
    expect(store.count('extend')).toBe(2);
    expect(lock.signal.aborted).toBe(false);
    expect(() => lock.assertHeld()).toThrow('it was released before');
  });

  it('is asked for: `acquire` alone does not renew, and `extend` sets the whole time', async () => {
    const { store, time, locks } = opened();
    const lock = await locks.acquire('a');
    await time.elapse(HELD_MS - 1);
    expect(store.count('extend')).toBe(0);
    await lock.extend();
    expect(lock.leftMs).toBe(HELD_MS);
    store.before = away;
    const error = await caught(lock.extend());
    expect(error).toBeInstanceOf(LockUnavailableError);
    expect(error.cause).toBeInstanceOf(ConnectionError);
    lock.assertHeld();
  });
});

describe('withLock', () => {
  const evicted = async ({ store }: ReturnType<typeof opened>, end: (given: LockedWork) => unknown) => {
    const { locks, time } = { locks: new Locks(store, { ttl: '10s', time: store.time }), time: store.time };
    return locks.withLock('a', async (given) => {
      await store.evict('a');
      await time.elapse(TTL_MS / 2);
      return end(given);
    });
  };

  it('gives the result of the work, and releases', async () => {
    const { locks, time } = opened();
    const run = () =>
      locks.withLock('a', async ({ fence, lock, signal }) => {
        lock.assertHeld();
        expect(fence).toBe(lock.fence);
        expect(signal.aborted).toBe(false);
        await time.elapse(TTL_MS * 3);
        return fence;
      });
    const first = await run();
    expect(await run()).toBeGreaterThan(first);
    expect(await locks.withLock('a', () => undefined)).toBeUndefined();
    expect(time.size).toBe(0);
  });

  it.each([
    ['fails', away],
    ['cannot be sent', refused],
    ['ends with a bug', () => Promise.reject(new TypeError('a bug'))],
  ])('keeps the result and the error of the work when the release %s', async (_what, failure) => {
    const { store, locks } = opened();
    store.before = (method) => (method === 'release' ? failure() : undefined);
    expect(await locks.withLock('a', () => 'result')).toBe('result');
    const error = new Error('the work');
    expect(await caught(locks.withLock('b', () => Promise.reject(error)))).toBe(error);
  });

  it('says that the lock was lost while the work ran, and what the work gave', async () => {
    const error = await caught(evicted(opened(), () => 'result'));
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({ lock: 'a', result: 'result', outcome: 'executed', retryable: false });
  });

  it('says so too when nobody had noticed before the release', async () => {
    const { store, locks } = opened();
    const error = await caught(
      locks.withLock('a', async () => {
        await store.evict('a');
        return 'result';
      }),
    );
    expect(error).toBeInstanceOf(LockLostError);
    expect(error.result).toBe('result');
  });

  it('passes what the work throws, of the loss or not', async () => {
    const stopped = await caught(evicted(opened(), ({ signal }) => signal.throwIfAborted()));
    expect(stopped).toBeInstanceOf(LockLostError);
    expect(stopped.result).toBeUndefined();
    const error = new Error('the work');
    expect(
      await caught(
        evicted(opened(), () => {
          throw error;
        }),
      ),
    ).toBe(error);
  });

  it('gives the result when the store had the lock as ours all the time, though the process could not know', async () => {
    const { store, time, locks } = opened();
    store.before = (method) => (method === 'extend' ? away() : undefined);
    let aborted = false;
    const result = await locks.withLock('a', async ({ signal }) => {
      await time.elapse(HELD_MS + 1);
      aborted = signal.aborted;
      return 'result';
    });
    expect([result, aborted]).toEqual(['result', true]);
  });

  it('gives the result when the work was done in time, and the release came too late', async () => {
    const { store, time, locks } = opened();
    store.before = (method) => (method === 'release' ? time.block(TTL_MS) : undefined);
    expect(await locks.withLock('a', () => 'result')).toBe('result');
  });

  it("ends the work by the caller's signal too, and not the lock", async () => {
    const { locks } = opened();
    const controller = new AbortController();
    const reason = new Error('enough');
    const error = await caught(
      locks.withLock(
        'a',
        async ({ signal, lock }) => {
          controller.abort(reason);
          lock.assertHeld();
          signal.throwIfAborted();
        },
        { signal: controller.signal },
      ),
    );
    expect(error).toBe(reason);
    await (await locks.acquire('a')).release();
  });
});

describe('who waits', () => {
  it('is refused when the wait is over, with the time that is left', async () => {
    const { time, locks, other } = opened();
    await locks.acquire('a');
    const error = caught(other.acquire('a', { wait: '2s' }));
    await time.elapse(2_000);
    expect(await error).toBeInstanceOf(LockContendedError);
    expect(await error).toMatchObject({ leftMs: TTL_MS - 2_000, elapsedMs: 2_000, lock: 'a' });
  });

  it('gets the lock when it ends by itself, however seldom it asks', async () => {
    const { store, time, locks } = opened();
    const rare = new Locks(store, { time, poll: '1h' });
    await locks.acquire('a');
    const acquired = rare.acquire('a', { wait: '1m' });
    await time.elapse(TTL_MS + 1);
    await (await acquired).release();
  });

  it('asks less and less often, and not at all while another of the same process does', async () => {
    const { store, time, locks, other } = opened();
    await locks.acquire('a', { renew: true });
    const waits = Array.from({ length: 100 }, () => caught(other.acquire('a', { wait: '1m' })));
    await time.elapse(59_000);
    const asked = store.count('acquire');
    // Once in 125 to 250 ms.
    expect(asked).toBeLessThan(480);
    await time.elapse(1_000);
    for (const error of await Promise.all(waits)) expect(error).toBeInstanceOf(LockContendedError);
    // Each asks for itself before it gives up.
    expect(store.count('acquire')).toBeGreaterThanOrEqual(asked + 99);
    expect(time.size).toBe(2);
  });

  it('goes on while the store is away, until the wait is over', async () => {
    const { store, time, locks } = opened();
    store.before = refused;
    const acquired = locks.acquire('a', { wait: '1m' });
    const late = caught(locks.acquire('b', { wait: '1s' }));
    await time.elapse(1_000);
    expect(await late).toBeInstanceOf(LockUnavailableError);
    expect(await late).toMatchObject({ outcome: 'not-executed', retryable: true, cause: { code: 'CONNECTION' } });
    store.before = () => {};
    await time.elapse(1_000);
    (await acquired).assertHeld();
  });

  it.each([
    ['closed', new ClosedError('closed'), 'CLOSED', false],
    ['one that refuses the login', new AuthenticationError('no'), 'LOCK_UNAVAILABLE', false],
  ])('does not wait for a store that is %s', async (_what, failure, code, retryable) => {
    const { store, locks } = opened();
    store.before = () => Promise.reject(failure);
    expect(await caught(locks.acquire('a', { wait: '1m' }))).toMatchObject({ code, retryable });
  });

  it('is told of a bug as it is', async () => {
    const { store, locks } = opened();
    const bug = new TypeError('a bug');
    store.before = () => Promise.reject(bug);
    expect(await caught(locks.acquire('a', { wait: '1m' }))).toBe(bug);
  });

  it('leaves at once by a signal, in the line or at its head, and the next one moves up', async () => {
    const { store, time, locks, other } = opened();
    const lock = await locks.acquire('a');
    const [first, second] = [new AbortController(), new AbortController()];
    const waits = [first.signal, second.signal].map((signal) => caught(other.acquire('a', { wait: '1m', signal })));
    const third = other.acquire('a', { wait: '1m' });
    await settled();
    second.abort();
    expect(await waits[1]).toBeInstanceOf(AbortedError);
    first.abort();
    expect(await waits[0]).toMatchObject({ code: 'ABORTED', outcome: 'not-executed' });
    await lock.release();
    await settled();
    await (await third).release();
    expect(time.size).toBe(0);
    const before = store.count('acquire');
    expect(await caught(other.acquire('a', { signal: AbortSignal.abort() }))).toBeInstanceOf(AbortedError);
    expect(store.count('acquire')).toBe(before);
  });
});

describe('an acquisition that nobody waits for any more', () => {
  it('is given back when its answer comes', async () => {
    const { store, time, locks, other } = opened();
    store.delay('after', 'acquire', 100);
    const controller = new AbortController();
    const error = caught(locks.acquire('a', { signal: controller.signal }));
    await settled();
    controller.abort();
    expect(await error).toBeInstanceOf(AbortedError);
    store.after = () => {};
    expect(await caught(other.acquire('a'))).toBeInstanceOf(LockContendedError);
    await time.elapse(100);
    await (await other.acquire('a')).release();
  });

  it.each([
    ['lost', away],
    [
      'late',
      () => {
        throw new TimeoutError('late', { outcome: 'unknown' });
      },
    ],
  ])('is given back when its answer is %s, and asked for again by another secret', async (_what, failure) => {
    const { store, time, locks } = opened();
    store.after = (method) => (method === 'acquire' ? failure() : undefined);
    expect(await caught(locks.acquire('a'))).toMatchObject({
      code: 'LOCK_UNAVAILABLE',
      outcome: 'unknown',
      retryable: true,
    });
    await settled();
    expect(store.count('release')).toBe(1);
    const acquired = locks.acquire('a', { wait: '1m' });
    await settled();
    store.after = () => {};
    await time.elapse(1_000);
    (await acquired).assertHeld();
  });
});

describe('what nobody uses', () => {
  it('is given back when the store can be reached again, and not after it has ended', async () => {
    const { store, time, locks, other } = opened();
    store.after = (method) => (method === 'acquire' ? away() : undefined);
    store.before = (method) => (method === 'release' ? refused() : undefined);
    expect(await caught(locks.acquire('a'))).toBeInstanceOf(LockUnavailableError);
    store.after = () => {};
    await time.elapse(1_000);
    expect(await caught(other.acquire('a'))).toBeInstanceOf(LockContendedError);
    store.before = () => {};
    await time.elapse(2_000);
    await (await other.acquire('a')).release();
    const lock = await locks.acquire('b');
    store.before = refused;
    expect(await caught(lock.release())).toBeInstanceOf(LockUnavailableError);
    await time.elapse(TTL_MS * 2);
    const tried = store.count('release');
    await time.elapse(TTL_MS * 10);
    expect(store.count('release')).toBe(tried);
    expect(time.size).toBe(0);
  });
});

describe('release', () => {
  it('is done once, and says the same again', async () => {
    const { store, locks } = opened();
    const lock = await locks.acquire('a');
    expect(await Promise.all([lock.release(), lock.release()])).toEqual([true, true]);
    expect(await lock.release()).toBe(true);
    expect(store.count('release')).toBe(1);
  });

  it('that fails says so, may be tried again, and disposing says nothing', async () => {
    const { store, locks } = opened();
    const lock = await locks.acquire('a');
    store.before = refused;
    expect(await caught(lock.release())).toBeInstanceOf(LockUnavailableError);
    await lock[Symbol.asyncDispose]();
    store.before = () => {};
    expect(await lock.release()).toBe(true);
  });

  it('whose request got lost is sent once more, so that nobody waits for the end of the lock', async () => {
    const { store, locks, other } = opened();
    const lock = await locks.acquire('a');
    store.before = (method) => {
      if (method !== 'release') return;
      store.before = () => {};
      away();
    };
    expect(await caught(lock.release())).toMatchObject({ outcome: 'unknown' });
    await settled();
    await (await other.acquire('a')).release();
  });
});

describe('what is wrong', () => {
  it.each([[''], [undefined], [null], [5], [{}], [Symbol('x')], [['a']]])(
    'of the name %s is refused before anything is sent',
    async (name) => {
      const { store, locks } = opened();
      expect(await caught(locks.acquire(name as never))).toBeInstanceOf(TypeError);
      expect(await caught(locks.withLock(name as never, () => {}))).toBeInstanceOf(TypeError);
      expect(store.calls).toEqual([]);
    },
  );

  it.each([
    [{ ttl: 5 }, 'Expected `ttl`'],
    [{ ttl: '5ms' }, 'Expected `ttl`'],
    [{ wait: 5 }, 'Expected `wait`'],
    [{ signal: {} }, 'Expected `signal`'],
    [{ renew: 'yes' }, 'Expected `renew`'],
    [{ retries: 5 }, 'Unknown option `retries`'],
  ])('of the options %j of acquire', async (options, message) => {
    const { store, locks } = opened();
    expect((await caught(locks.acquire('a', options as never))).message).toContain(message);
    expect(store.calls).toEqual([]);
  });

  it.each([
    [{ ttl: '1ms' }, 'Expected `ttl`'],
    [{ timeout: 5 }, 'Expected `timeout`'],
    [{ poll: '0ms' }, 'Expected `poll`'],
    [{ time: {} }, 'Expected `time`'],
    [{ wait: '1s' }, 'Unknown option `wait`'],
  ])('of the options %j of the locks', (options, message) => {
    expect(() => new Locks(new FaultyStore(), options as never)).toThrow(message);
  });
});
