import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { AbortedError } from '../../errors/runtime.js';
import { type ContractCase, fails, law } from './kit.js';
import { count, increment } from './loose.js';

export const calls: readonly ContractCase[] = [
  law('a call whose signal is aborted already throws AbortedError and changes nothing', async (given) => {
    const slots = await given.slots({ code: 'a', rank: 1 });
    const [row] = await slots.find();
    const signal = AbortSignal.abort();
    const { id } = row!;
    const work: readonly (() => Promise<unknown>)[] = [
      () => slots.findById(id, { signal }),
      () => slots.get(id, { signal }),
      () => slots.findOne({}, { signal }),
      () => slots.find({}, { signal }),
      () => slots.count({}, { signal }),
      () => slots.exists({}, { signal }),
      () => slots.distinct('code', {}, { signal }),
      () => slots.groupBy(['code'], { n: count() }, { signal }),
      () => slots.stream({}, { signal })[Symbol.asyncIterator]().next(),
      () => slots.insert({ code: 'b' }, { signal }),
      () => slots.insertMany([{ code: 'b' }, { code: 'c' }], { signal }),
      () => slots.update(id, { rank: 2 }, { signal }),
      () => slots.updateOne({ code: 'a' }, { rank: 2 }, { signal }),
      () => slots.updateMany({ code: 'a' }, { rank: 2 }, { signal }),
      () => slots.upsert({ code: 'a', rank: 2 }, { on: 'code', signal }),
      () => slots.delete(id, { signal }),
      () => slots.deleteMany({ code: 'a' }, { signal }),
    ];
    for (const call of work) {
      await fails(call, AbortedError, (error) => {
        assert.equal(error.code, 'ABORTED');
        assert.equal(error.outcome, 'not-executed');
      });
    }
    assert.deepEqual(await slots.find(), [row]);
  }),
  law(
    'a signal that is never aborted and a long timeout change nothing, and leave nothing on the signal',
    async (given) => {
      const slots = await given.slots({ code: 'a' });
      const { signal } = new AbortController();
      const options = { signal, timeout: '1h' };
      assert.equal(await slots.count({}, options), 1);
      assert.equal((await slots.find({}, options)).length, 1);
      assert.equal((await slots.insert({ code: 'b' }, options))['code'], 'b');
      assert.equal(await slots.updateMany({ code: 'b' }, { rank: 1 }, options), 1);
      for await (const row of slots.stream({}, options)) assert.ok(row['id']);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    },
  ),
  law('many calls at once, more than any pool has connections, are all answered with their own rows', async (given) => {
    const tickets = await given.tickets(
      ...Array.from({ length: 60 }, (_, i) => ({ code: String(i), title: `title ${i}` })),
    );
    const found = await Promise.all(Array.from({ length: 60 }, (_, i) => tickets.get(String(i))));
    assert.deepEqual(
      found.map((row) => row['title']),
      found.map((_, i) => `title ${i}`),
    );
  }),
  law('many `updateMany` at once change every row each', async (given) => {
    const samples = await given.samples(...Array.from({ length: 10 }, (_, i) => ({ label: String(i) })));
    const counts = await Promise.all(
      Array.from({ length: 5 }, () => samples.updateMany({}, { count: increment(1) }, { all: true })),
    );
    assert.deepEqual(counts, [10, 10, 10, 10, 10]);
    assert.deepEqual(await samples.distinct('count'), [5]);
  }),
  law('a call that fails disturbs no other call made at the same time', async (given) => {
    const slots = await given.slots({ code: 'a' });
    const settled = await Promise.allSettled([
      slots.insert({ code: 'a' }),
      slots.insert({ code: 'b' }),
      slots.get(null),
    ]);
    assert.deepEqual(
      settled.map((each) => each.status),
      ['rejected', 'fulfilled', 'rejected'],
    );
  }),
];
