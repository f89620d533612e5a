import { afterAll, describe, expect, it } from 'vitest';
import { MemoryLockStore, RedisLockStore, RedisStore } from '../../src/index.js';
import { lockContract, lockContractCases } from '../../src/testing/index.js';
import { redisPrefix } from '../setup/databases.js';
import { FakeTime } from './fake-time.js';

const { url, prefix } = await redisPrefix();

describe('in memory', () => {
  lockContract({
    test: it,
    after: afterAll,
    open: async () => {
      const time = new FakeTime();
      return {
        store: new MemoryLockStore({ time }),
        time,
        elapse: (milliseconds) => time.elapse(milliseconds),
        close: async () => {},
      };
    },
  });
});

describe('on Redis', () => {
  lockContract({
    test: it,
    after: afterAll,
    open: async () => {
      const redis = new RedisStore({ url });
      const store = new RedisLockStore(redis, { prefix });
      return {
        store,
        close: () => redis.close(),
      };
    },
  });
});

describe('the suite', () => {
  it('has rules of different names, a test each, and opens nothing before the first', async () => {
    const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
    const log: string[] = [];
    lockContract({
      test: (name, body) => tests.push({ name, body }),
      open: async () => {
        log.push('open');
        return { store: new MemoryLockStore(), close: async () => void log.push('close') };
      },
    });
    const names = lockContractCases().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(tests.map(({ name }) => name)).toEqual([...names, 'the store closes']);
    expect(log).toEqual([]);
    await tests[0]!.body();
    await tests[1]!.body();
    await tests.at(-1)!.body();
    expect(log).toEqual(['open', 'close']);
  });

  it('names an exception with its reason, and refuses one that is no rule', () => {
    const rule = lockContractCases()[0]!.name;
    const names: string[] = [];
    const options = {
      test: (name: string) => names.push(name),
      open: async () => ({ store: new MemoryLockStore(), close: async () => {} }),
    };
    lockContract({ ...options, except: { [rule]: 'a reason' } });
    expect(names[0]).toBe(`${rule} (not on this store: a reason)`);
    expect(() => lockContract({ ...options, except: { toString: 'because' } })).toThrow(RangeError);
  });
});
