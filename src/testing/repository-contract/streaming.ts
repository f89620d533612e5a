import assert from 'node:assert/strict';
import { type ContractCase, labels, law, type Row, refuses } from './kit.js';
import { gte } from './loose.js';

const rows = Array.from({ length: 25 }, (_, i) => ({ label: String(i).padStart(2, '0'), count: i }));
const BY_LABEL = { orderBy: { label: 'asc' } };

async function collect(stream: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of stream) all.push(row);
  return all;
}

export const streaming: readonly ContractCase[] = [
  law('`stream` gives what `find` gives, whatever the batch', async (given) => {
    const samples = await given.samples(...rows);
    const expected = await samples.find({ count: gte(5) }, BY_LABEL);
    for (const batch of [1, 7, 20, 1000, undefined]) {
      assert.deepEqual(await collect(samples.stream({ count: gte(5) }, { ...BY_LABEL, batch })), expected);
    }
    assert.equal((await collect(samples.stream())).length, 25);
    assert.deepEqual(await collect(samples.stream({ count: gte(99) })), []);
  }),
  law('`stream` knows select, limit and offset', async (given) => {
    const samples = await given.samples(...rows);
    const options = { ...BY_LABEL, select: ['label'], limit: 3, offset: 2, batch: 2 };
    assert.deepEqual(await collect(samples.stream({}, options)), [{ label: '02' }, { label: '03' }, { label: '04' }]);
    assert.deepEqual(await collect(samples.stream({}, { limit: 0 })), []);
  }),
  law('a `stream` that is left early ends, and the database goes on working', async (given) => {
    const samples = await given.samples(...rows);
    for (let i = 0; i < 12; i++) {
      for await (const row of samples.stream({}, { ...BY_LABEL, batch: 2 })) {
        if (row['label'] === '03') break;
      }
    }
    assert.equal(await samples.count(), 25);
  }),
  law('an error in the loop of a `stream` reaches the caller, and the database goes on working', async (given) => {
    const samples = await given.samples(...rows);
    await assert.rejects(async () => {
      for await (const row of samples.stream({}, { batch: 2 })) throw new Error(`no more ${typeof row}`);
    }, /no more/);
    assert.equal(await samples.count(), 25);
  }),
  law('other verbs work inside the loop of a `stream`', async (given) => {
    const samples = await given.samples(...rows);
    for await (const row of samples.stream({}, { ...BY_LABEL, batch: 5 }))
      await samples.update(row['id'], { note: row['label'] });
    const changed = await samples.find({}, BY_LABEL);
    assert.deepEqual(
      changed.map((row) => row['note']),
      labels(changed),
    );
  }),
  law('several streams at once do not mix', async (given) => {
    const samples = await given.samples(...rows);
    const all = await Promise.all([1, 2, 3].map((batch) => collect(samples.stream({}, { ...BY_LABEL, batch }))));
    for (const each of all) assert.deepEqual(labels(each), labels(rows));
  }),
  law('a wrong filter or batch of `stream` is refused before anything is sent', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    await refuses(() => collect(verbs.stream({ wrong: 1 })), 'wrong');
    for (const batch of [0, -1, 1.5, '2']) await refuses(() => collect(verbs.stream({}, { batch })), 'batch');
    assert.equal(sent.length, 0);
  }),
];
