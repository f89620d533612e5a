import { afterAll, expect, it } from 'vitest';
import { MemoryStore } from '../../src/index.js';
import { cacheContract } from '../../src/testing/index.js';

cacheContract({ test: it, after: afterAll, open: async () => ({ store: new MemoryStore(), close: async () => {} }) });

it('forgets the stamps of tags that have ended, also where nothing is loaded: tags may be made of what users type', async () => {
  let now = 0;
  const entries = new MemoryStore({ clock: () => now }).entries('p');
  const before = (await entries.capture(['tag'], 1, null))!;
  now += 3_600_000;
  for (let i = 0; i < 2_000; i++) await entries.capture([`user ${i}`], 1, null);
  // What is not remembered is not vouched for: that much was forgotten.
  expect(await entries.capture(['tag'], 1, before.clock)).toBeNull();
});
