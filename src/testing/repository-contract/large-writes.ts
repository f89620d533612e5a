import assert from 'node:assert/strict';
import { DuplicateKeyError } from '../../errors/data.js';
import type { Command } from '../../query/command.js';
import { Slot } from './entities.js';
import { type ContractCase, fails, type Given, law, type Verbs, verbsOf } from './kit.js';
import { increment } from './loose.js';
import { noting } from './noting.js';

/** What is noted of the commands that reach the engine. */
function counting(given: Given): { readonly slots: Verbs; readonly kinds: string[] } {
  const kinds: string[] = [];
  const database = noting(given.database, ({ kind }: Command) => kinds.push(kind));
  return { slots: verbsOf(database, Slot), kinds };
}

/** The slowest rules; they come last, so that an engine that breaks another one is told sooner. */
export const largeWrites: readonly ContractCase[] = [
  law('rows alike are one command, however many they are', async (given) => {
    await given.slots();
    const { slots, kinds } = counting(given);
    const drafts = Array.from({ length: 500 }, (_, i) => ({ code: `${i}`, rank: i }));
    assert.equal((await slots.upsertMany(drafts, { on: 'code' })).inserted, 500);
    const rows = await slots.find();
    const counts = await slots.updateEach(rows.map(({ id, rank }) => ({ id, rank: rank + 1 })));
    assert.equal(counts.matched, 500);
    assert.deepEqual(kinds, ['upsertMany', 'find', 'updateEach']);
    for (const row of await slots.find()) assert.equal(String(row['rank'] - 1), row['code']);
  }),
  law('more rows than one message or statement holds are still all or none', async (given) => {
    const slots = await given.slots();
    const drafts = Array.from({ length: 5_100 }, (_, i) => ({
      id: `${10_000_000 + i}-0000-4000-8000-000000000000`,
      code: `${i}`,
    }));
    const broken = drafts.map((each, i) => ({ ...each, handle: i === 5_050 || i === 3 ? 'same' : null }));
    await fails(() => slots.upsertMany(broken, { on: 'code' }), DuplicateKeyError);
    assert.equal(await slots.count(), 0);
    assert.equal((await slots.upsertMany(drafts, { on: 'code' })).inserted, 5_100);
    assert.equal((await slots.updateEach(drafts.map(({ id }) => ({ id, rank: increment(1) })))).matched, 5_100);
    assert.equal(await slots.count({ rank: 1 }), 5_100);
  }),
];
