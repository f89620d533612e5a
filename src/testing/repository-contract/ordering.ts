import assert from 'node:assert/strict';
import { places } from './kinds.js';
import { at, type ContractCase, labels, law, pick } from './kit.js';
import { isNotNull } from './loose.js';

// In the order of their code points; by UTF-16 units U+10000 would come before U+E000.
const TEXTS = [
  '',
  '\t',
  ' ',
  '"',
  '0',
  'A',
  'Z',
  '_',
  'a',
  'aa',
  'b',
  '~',
  'É',
  'é',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
];

export const ordering: readonly ContractCase[] = [
  ...places.map(({ path, values, where }) =>
    law(`${where}: ascending with nulls first, descending with nulls last`, async (given) => {
      const [low, middle, high] = values;
      // Keys grow in the order of insertion and break ties: against the order of the values, or equal ones would look ordered.
      const samples = await given.samples(
        { label: 'high', ...at(path, high) },
        { label: 'none' },
        { label: 'middle', ...at(path, middle) },
        { label: 'low', ...at(path, low) },
      );
      const order = async (direction: string) => labels(await samples.find({}, { orderBy: { [path]: direction } }));
      assert.deepEqual(await order('asc'), ['none', 'low', 'middle', 'high']);
      assert.deepEqual(await order('desc'), ['high', 'middle', 'low', 'none']);
      const filtered = await samples.find({ [path]: isNotNull() }, { orderBy: { [path]: 'desc' }, limit: 2 });
      assert.deepEqual(labels(filtered), ['high', 'middle']);
    }),
  ),
  law('false comes before true, and null before both', async (given) => {
    for (const path of ['flag', 'detail.flag']) {
      const samples = await given.samples(
        { label: 'yes', ...at(path, true) },
        { label: 'none' },
        { label: 'no', ...at(path, false) },
      );
      assert.deepEqual(labels(await samples.find({}, { orderBy: { [path]: 'asc' } })), ['none', 'no', 'yes']);
      assert.deepEqual(labels(await samples.find({}, { orderBy: { [path]: 'desc' } })), ['yes', 'no', 'none']);
    }
  }),
  law('text is ordered by code point, at the top, as a required field and inside an object', async (given) => {
    for (const path of ['note', 'label', 'detail.note', 'detail.inner.note']) {
      const shuffled = TEXTS.map((_, i) => TEXTS[(i * 7) % TEXTS.length]!);
      const samples = await given.samples(...shuffled.map((value) => ({ label: 'x', ...at(path, value) })));
      const read = async (direction: string) =>
        (await samples.find({}, { orderBy: { [path]: direction } })).map((row) => pick(row, path));
      assert.deepEqual(await read('asc'), TEXTS);
      assert.deepEqual(await read('desc'), [...TEXTS].reverse());
    }
  }),
  law('several terms order one after the other, each in its own direction', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 1, note: 'x' },
      { label: 'b', count: 2, note: 'x' },
      { label: 'c', count: 1, note: 'y' },
      { label: 'd', count: 2 },
      { label: 'e', note: 'x' },
    );
    const order = async (orderBy: object) => labels(await samples.find({}, { orderBy })).join('');
    assert.equal(await order({ count: 'asc', note: 'asc' }), 'eacdb');
    assert.equal(await order({ count: 'desc', note: 'asc' }), 'dbace');
    assert.equal(await order({ note: 'desc', count: 'asc' }), 'ceabd');
    assert.equal(await order({ note: 'asc', label: 'desc' }), 'debac');
  }),
  law('an order may follow paths inside objects together with fields', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 1, detail: { inner: { count: 2 } } },
      { label: 'b', count: 1, detail: { inner: { count: 1 } } },
      { label: 'c', count: 1 },
      { label: 'd', count: 0, detail: { inner: { count: 3 } } },
    );
    const order = async (orderBy: object) => labels(await samples.find({}, { orderBy })).join('');
    assert.equal(await order({ count: 'asc', 'detail.inner.count': 'asc' }), 'dcba');
    assert.equal(await order({ 'detail.inner.count': 'desc', label: 'asc' }), 'dabc');
  }),
  law('the key orders by its own value: uuid, text, bigint and composite', async (given) => {
    const samples = await given.samples();
    const ids = [
      'ffffffff-ffff-4fff-8fff-ffffffffffff',
      '00000000-0000-4000-8000-000000000000',
      '7fffffff-0000-4000-8000-000000000000',
    ];
    for (const id of ids) await samples.insert({ id, label: id });
    assert.deepEqual(labels(await samples.find({}, { orderBy: { id: 'asc' } })), [...ids].sort());
    assert.deepEqual(labels(await samples.find({}, { orderBy: { id: 'desc' } })), [...ids].sort().reverse());
    const tickets = await given.tickets({ code: 'b' }, { code: 'B' }, { code: 'a' });
    assert.deepEqual(
      (await tickets.find({}, { orderBy: { code: 'asc' } })).map((row) => row['code']),
      ['B', 'a', 'b'],
    );
    const numbered = await given.numbered({ number: 10n }, { number: 9n }, { number: -1n });
    assert.deepEqual(
      (await numbered.find({}, { orderBy: { number: 'asc' } })).map((row) => row['number']),
      [-1n, 9n, 10n],
    );
    const members = await given.members({ group: 2, user: 1 }, { group: 1, user: 2 }, { group: 1, user: 10 });
    const pairs = (await members.find({}, { orderBy: { group: 'asc', user: 'desc' } })).map((row) => [
      row['group'],
      row['user'],
    ]);
    assert.deepEqual(pairs, [
      [1, 10],
      [1, 2],
      [2, 1],
    ]);
  }),
  law(
    'the key breaks the ties of an order, in the direction of its last term, whatever the order of insertion',
    async (given) => {
      const samples = await given.samples();
      const ids = ['4', '2', '3', '1'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`);
      for (const [i, id] of ids.entries()) await samples.insert({ id, label: id.slice(0, 1), count: i % 2 });
      const order = async (direction: string, options: object = {}) =>
        labels(await samples.find({}, { orderBy: { count: direction }, ...options })).join('');
      assert.equal(await order('asc'), '3412');
      assert.equal(await order('desc'), '2143');
      assert.equal(await order('desc', { limit: 2, offset: 1 }), '14');
      assert.equal((await samples.findOne({}, { orderBy: { count: 'desc' } }))?.['label'], '2');
      assert.equal((await samples.updateOne({}, { note: 'x' }, { orderBy: { count: 'desc' } }))?.['label'], '2');
    },
  ),
  law('an order does not need its field among the selected ones', async (given) => {
    const samples = await given.samples({ label: 'a', count: 2 }, { label: 'b', count: 1 });
    assert.deepEqual(await samples.find({}, { orderBy: { count: 'asc' }, select: ['label'] }), [
      { label: 'b' },
      { label: 'a' },
    ]);
  }),
];
