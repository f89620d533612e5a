import assert from 'node:assert/strict';
import { type ContractCase, labels, law, matching } from './kit.js';
import { anyOf, gt, isNull, ne } from './loose.js';

export const nulls: readonly ContractCase[] = [
  law('null and a missing value are one thing: both are read as null', async (given) => {
    const samples = await given.samples();
    const missing = await samples.insert({ label: 'missing' });
    const explicit = await samples.insert({
      label: 'explicit',
      note: null,
      count: null,
      tags: null,
      detail: null,
      data: null,
    });
    for (const row of [missing, explicit, await samples.get(missing['id']), await samples.get(explicit['id'])]) {
      for (const field of ['note', 'count', 'tags', 'detail', 'at', 'amount', 'bytes', 'place', 'data', 'steps']) {
        assert.equal(row[field], null, field);
      }
    }
  }),
  law('a row has every field of its entity and nothing else', async (given) => {
    const samples = await given.samples();
    const inserted = await samples.insert({ label: 'x' });
    const read = await samples.get(inserted['id']);
    const names = [
      'amount',
      'amounts',
      'at',
      'big',
      'bytes',
      'color',
      'count',
      'data',
      'day',
      'detail',
      'flag',
      'id',
      'label',
      'note',
      'place',
      'ratio',
      'ref',
      'refs',
      'scores',
      'settings',
      'steps',
      'tags',
      'times',
    ];
    assert.deepEqual(Object.keys(inserted).sort(), names);
    assert.deepEqual(Object.keys(read).sort(), names);
  }),
  law('an object that is there has every one of its fields, null where there is no value', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x', detail: { count: 1, inner: {} } });
    const expected = {
      note: null,
      color: null,
      flag: null,
      count: 1,
      ratio: null,
      big: null,
      amount: null,
      at: null,
      day: null,
      ref: null,
      tags: null,
      inner: { count: null, note: null },
    };
    assert.deepEqual(row['detail'], expected);
    assert.deepEqual((await samples.get(row['id']))['detail'], expected);
  }),
  law('filtering by null finds the missing and the explicit null, at the top and inside objects', async (given) => {
    const samples = await given.samples(
      { label: 'value', note: 'x', detail: { note: 'x' } },
      { label: 'explicit', note: null, detail: { note: null } },
      { label: 'missing' },
    );
    for (const path of ['note', 'detail.note']) {
      assert.equal(await matching(samples, { [path]: null }), 'explicit missing');
      assert.equal(await matching(samples, { [path]: isNull() }), 'explicit missing');
      assert.equal(await matching(samples, { [path]: anyOf(null, 'x') }), 'explicit missing value');
      assert.equal(await matching(samples, { [path]: ne('x') }), 'explicit missing');
      assert.equal(await matching(samples, { [path]: gt('') }), 'value');
    }
  }),
  law('`ne` finds the rows whose field is null', async (given) => {
    const samples = await given.samples({ label: 'a', count: 1 }, { label: 'b', count: 2 }, { label: 'c' });
    assert.equal(await matching(samples, { count: ne(1) }), 'b c');
  }),
  law('null in a patch takes the value away, and what was cleared is found by null', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x', note: 'n', count: 1, tags: ['a'], detail: { note: 'n', count: 2 } });
    const changed = await samples.update(row['id'], { note: null, count: null, tags: null, 'detail.note': null });
    assert.equal(changed['note'], null);
    assert.equal(changed['count'], null);
    assert.equal(changed['tags'], null);
    assert.equal(changed['detail'].note, null);
    assert.equal(changed['detail'].count, 2);
    assert.deepEqual(await samples.get(row['id']), changed);
    assert.equal(await matching(samples, { note: null, count: null, tags: null, 'detail.note': null }), 'x');
  }),
  law('clearing a path below an object that is null leaves the object null', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x' });
    const changed = await samples.update(row['id'], { 'detail.note': null, 'detail.inner.count': null, label: 'y' });
    assert.equal(changed['detail'], null);
    assert.equal(changed['label'], 'y');
    assert.equal(await matching(samples, { detail: null }), 'y');
    const partly = await samples.insert({ label: 'z', detail: { count: 1 } });
    const cleared = await samples.update(partly['id'], { 'detail.inner.count': null });
    assert.equal(cleared['detail'].inner, null);
  }),
  law('clearing the last value of an object leaves the object', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x', detail: { note: 'n', inner: { count: 1 } } });
    const changed = await samples.update(row['id'], { 'detail.note': null, 'detail.inner.count': null });
    assert.notEqual(changed['detail'], null);
    assert.deepEqual(changed['detail'].inner, { count: null, note: null });
    assert.equal(await matching(samples, { 'detail.inner': isNull() }), '');
  }),
  law('null in an object of a draft or a patch is no value', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x', detail: { note: null, inner: null } });
    assert.equal(row['detail'].note, null);
    assert.equal(row['detail'].inner, null);
    const changed = await samples.update(row['id'], { detail: { count: 1, note: null } });
    assert.equal(changed['detail'].note, null);
    assert.equal(changed['detail'].count, 1);
    assert.deepEqual(labels(await samples.find({ 'detail.note': null, 'detail.count': 1 })), ['x']);
  }),
];
