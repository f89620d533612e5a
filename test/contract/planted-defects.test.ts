import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/core/ports.js';
import { MemoryDatabase } from '../../src/memory/database.js';
import { contractCases } from '../../src/testing/repository-contract/contract.js';
import type { ContractCase } from '../../src/testing/repository-contract/kit.js';
import { plantedDefects } from './planted-defects.js';

const words = (text: string): readonly string[] => text.toLowerCase().match(/[a-z]{4,}/g) ?? [];

/** The rules, those first whose names speak of the same things: the sooner is one broken. They do not depend on their order. */
function rulesAbout(defect: string): readonly ContractCase[] {
  const told = new Set(words(defect));
  const shared = ({ name }: ContractCase) => words(name).filter((each) => told.has(each)).length;
  const rules = contractCases().map((rule) => ({ rule, weight: shared(rule) }));
  return rules.sort((a, b) => b.weight - a.weight).map(({ rule }) => rule);
}

/** The rules that an engine breaks, one after the other. */
async function* brokenRules(database: Database, rules: readonly ContractCase[]): AsyncGenerator<string> {
  for (const { name, run } of rules) {
    try {
      await run(database);
    } catch {
      yield name;
    }
  }
}

test('the engine without a defect breaks no rule', async () => {
  const broken: string[] = [];
  for await (const name of brokenRules(new MemoryDatabase(), contractCases())) broken.push(name);
  expect(broken).toEqual([]);
});

test('every defect has a name of its own', () => {
  expect(plantedDefects.length).toBeGreaterThanOrEqual(20);
  expect(new Set(plantedDefects.map(({ name }) => name)).size).toBe(plantedDefects.length);
});

describe('the contract sees that', () => {
  test.each(plantedDefects)('$name', async ({ name, open }) => {
    const first = await brokenRules(open(), rulesAbout(name)).next();
    expect(first.value, 'no rule of the contract fails').toBeTypeOf('string');
  });
});
