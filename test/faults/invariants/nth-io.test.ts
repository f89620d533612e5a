import { describe, expect, inject, it } from 'vitest';
import { Repository } from '../../../src/index.js';
import { expectNothingUncaught } from '../../setup/outcomes.js';
import { type Entries, Entry } from './entries.js';
import { once, type Stage, stages, unique } from './kit.js';
import { type End, ended, lies } from './verdict.js';

const all = await stages();

expectNothingUncaught();

/** What an application does, each step with what the truth may be after it. */
async function scenario({ open, truth }: Stage): Promise<void> {
  const database = open({ max: 2 });
  const entries: Entries = new Repository(database, Entry);
  const key = unique();
  try {
    await ended(database.connect());
    const { end: inserted } = await ended(entries.insert({ id: key }));
    agrees(inserted, await truth.count({ id: key }));
    if (inserted === 'done') {
      const { end: counted } = await ended(entries.update(key, once));
      agrees(counted, (await truth.get(key)).n);
    }
    const pair = [`${key}-1`, `${key}-2`];
    const { end: both } = await ended(
      database.transaction(async () => {
        await entries.insert({ id: pair[0]! });
        await entries.insert({ id: pair[1]! });
      }),
    );
    const stored = (await truth.find({})).filter(({ id }) => pair.includes(id)).length;
    agrees(both, stored / 2);
    await ended(entries.upsert({ id: key, tag: 'x' }, { on: 'id' }));
    const rows = ended(
      (async () => {
        for await (const _row of entries.stream({}, { batch: 2, timeout: '3s' })) {
          // Only read.
        }
      })(),
    );
    await rows;
    expect((await ended(entries.count({ id: key }))).end).not.toBe('executed');
  } finally {
    await database.close({ deadline: '2s' });
  }
  expect(database.stats()).toMatchObject({ active: 0, waiting: 0, total: 0 });
}

function agrees(end: End, times: number): void {
  expect(lies({ end, times })).toEqual([]);
}

// PGlite has one session for all.
describe.skipIf(!inject('postgresReal')).each(all)('the n-th message that is lost, on $name', (stage) => {
  it.each(['reply', 'request'] as const)(
    'when it is a %s: what is said agrees with what is stored, for every n',
    async (what) => {
      const { proxy } = stage;
      const before = proxy.counts.requests;
      await scenario(stage);
      const messages = proxy.counts.requests - before;
      expect(messages).toBeGreaterThan(8);
      for (let nth = 1; nth <= messages; nth++) {
        void (what === 'reply' ? proxy.dropReply({ nth }) : proxy.dropRequest({ nth }));
        await scenario(stage);
        // One that did not come in this run must not come in the next.
        await proxy.heal();
      }
    },
  );
});
