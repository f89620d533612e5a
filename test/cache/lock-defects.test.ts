import { describe, expect, it } from 'vitest';
import { type LockStore, MemoryLockStore } from '../../src/index.js';
import { lockContractCases } from '../../src/testing/index.js';
import { FakeTime } from './fake-time.js';
import { lockDefects } from './lock-defects.js';

/** The rules that a store breaks, one after the other. */
async function* brokenRules(open: (time: FakeTime) => LockStore): AsyncGenerator<string> {
  const time = new FakeTime();
  const store = open(time);
  const opened = { store, time, elapse: (ms: number) => time.elapse(ms), close: async () => {} };
  for (const { name, run } of lockContractCases()) {
    try {
      await run(opened);
    } catch {
      yield name;
    }
  }
}

it('the store without a defect breaks no rule', async () => {
  const broken: string[] = [];
  for await (const name of brokenRules((time) => new MemoryLockStore({ time }))) broken.push(name);
  expect(broken).toEqual([]);
});

it('every defect has a name of its own', () => {
  expect(new Set(lockDefects.map(({ name }) => name)).size).toBe(lockDefects.length);
});

describe('the contract of locks sees that', () => {
  it.each(lockDefects)('$name', async ({ open }) => {
    const first = await brokenRules(open).next();
    expect(first.value, 'no rule of the contract fails').toBeTypeOf('string');
  });
});
