import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/core/ports.js';
import { MemoryDatabase } from '../../src/memory/database.js';
import { contractCases } from '../../src/testing/repository-contract/contract.js';
import { plantedDefects } from './planted-defects.js';

/** The rules that an engine breaks, one after the other. */
async function* brokenRules(database: Database): AsyncGenerator<string> {
  for (const { name, run } of contractCases()) {
    try {
      await run(database);
    } catch {
      yield name;
    }
  }
}

test('the engine without a defect breaks no rule', async () => {
  const broken: string[] = [];
  for await (const name of brokenRules(new MemoryDatabase())) broken.push(name);
  expect(broken).toEqual([]);
});

test('every defect has a name of its own', () => {
  expect(plantedDefects.length).toBeGreaterThanOrEqual(20);
  expect(new Set(plantedDefects.map(({ name }) => name)).size).toBe(plantedDefects.length);
});

describe('the contract sees that', () => {
  test.each(plantedDefects)('$name', async ({ open }) => {
    const first = await brokenRules(open()).next();
    expect(first.value, 'no rule of the contract fails').toBeTypeOf('string');
  });
});
