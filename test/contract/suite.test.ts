import { describe, expect, it } from 'vitest';
import { MemoryDatabase } from '../../src/memory/database.js';
import { contractCases, repositoryContract } from '../../src/testing/index.js';

interface Registered {
  readonly name: string;
  readonly body: () => Promise<void>;
}

/** Registers the contract with a runner that only takes notes. */
function register(
  options: { readonly except?: Record<string, string>; readonly skipping?: boolean; readonly after?: boolean } = {},
) {
  const tests: Registered[] = [];
  const ends: (() => Promise<void>)[] = [];
  const skipped: [string, string][] = [];
  const log: string[] = [];
  repositoryContract({
    test: (name, body) => tests.push({ name, body }),
    after: options.after === true ? (body) => ends.push(body) : undefined,
    skip: options.skipping === true ? (name, reason) => skipped.push([name, reason]) : undefined,
    except: options.except,
    open: async () => {
      log.push('open');
      return { database: new MemoryDatabase(), close: async () => void log.push('close') };
    },
  });
  return { tests, ends, skipped, log };
}

const rule = contractCases()[5]!.name;

describe('the contract suite', () => {
  it('has rules of different names, a test each, and opens nothing before the first', () => {
    const { tests, log } = register();
    const names = contractCases().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(300);
    expect(tests.map(({ name }) => name)).toEqual([...names, 'the engine closes']);
    expect(log).toEqual([]);
  });

  it('opens one database for all tests and closes it at the end', async () => {
    for (const after of [false, true]) {
      const { tests, ends, log } = register({ after });
      for (const { body } of tests.slice(0, 3)) await body();
      await (after ? ends[0]! : tests.at(-1)!.body)();
      expect(log).toEqual(['open', 'close']);
    }
  });

  it('names each exception with its reason, and does not run it', () => {
    const named = register({ except: { [rule]: 'a reason' } });
    const names = named.tests.map(({ name }) => name);
    expect(names).toContain(`${rule} (not on this engine: a reason)`);
    expect(names).not.toContain(rule);
    const skipping = register({ except: { [rule]: 'a reason' }, skipping: true });
    expect(skipping.skipped).toEqual([[rule, 'a reason']]);
    expect(skipping.tests.map(({ name }) => name)).not.toContain(rule);
  });

  it('refuses an exception that is no rule', () => {
    expect(() => register({ except: { 'no such rule': 'because' } })).toThrow(RangeError);
    expect(() => register({ except: { toString: 'because' } })).toThrow('"toString"');
  });

  it('can be run twice on one database', async () => {
    const database = new MemoryDatabase();
    for (const { run } of [...contractCases().slice(0, 20), ...contractCases().slice(0, 20)]) await run(database);
    expect(contractCases()).toBe(contractCases());
  });
});
