import assert from 'node:assert/strict';
import { ConstraintError, DuplicateKeyError, NotFoundError, StaleVersionError } from '../../errors/data.js';
import { type ContractCase, fails, labels, law, matching, refuses } from './kit.js';
import { gte, increment, ne } from './loose.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

export const updating: readonly ContractCase[] = [
  law('`update` changes the fields of the patch, leaves the others, and gives the row as stored', async (given) => {
    const samples = await given.samples({ label: 'other', count: 1 });
    const row = await samples.insert({ label: 'x', count: 1, note: 'n', tags: ['a'] });
    const changed = await samples.update(row['id'], { count: 2, tags: ['b', 'c'], at: new Date(0) });
    assert.deepEqual(changed, { ...row, count: 2, tags: ['b', 'c'], at: new Date(0) });
    assert.deepEqual(await samples.get(row['id']), changed);
    assert.equal(await matching(samples, { count: 1 }), 'other');
  }),
  law('`update` of nothing throws NotFoundError and stores nothing', async (given) => {
    const samples = await given.samples();
    await fails(
      () => samples.update(NOBODY, { count: 1 }),
      NotFoundError,
      (error) => assert.equal(error.entity, 'contract_samples'),
    );
    await fails(() => samples.update(NOBODY, {}), NotFoundError);
    assert.equal(await samples.count(), 0);
  }),
  law('`update` works by text, bigint and composite keys', async (given) => {
    const tickets = await given.tickets({ code: 'a' }, { code: 'b' });
    assert.deepEqual(await tickets.update('a', { title: 't' }), { code: 'a', title: 't' });
    const numbered = await given.numbered({ number: 1n }, { number: 2n });
    assert.deepEqual(await numbered.update(1n, { title: 't' }), { number: 1n, title: 't' });
    const members = await given.members({ group: 1, user: 1 }, { group: 1, user: 2 });
    assert.deepEqual(await members.update({ group: 1, user: 2 }, { role: 'r' }), { group: 1, user: 2, role: 'r' });
    assert.deepEqual(await members.count({ role: null }), 1);
  }),
  law('an empty patch writes nothing and gives the row', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y' });
    assert.deepEqual(await accounts.update(row['id'], {}), row);
    assert.deepEqual(await accounts.get(row['id']), row);
  }),
  law('an object in a patch replaces the whole object', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x', detail: { note: 'n', count: 1, inner: { count: 2 } } });
    const changed = await samples.update(row['id'], { detail: { count: 3 } });
    assert.equal(changed['detail'].count, 3);
    assert.equal(changed['detail'].note, null);
    assert.equal(changed['detail'].inner, null);
    assert.deepEqual(await samples.get(row['id']), changed);
  }),
  law('a dotted path changes one value and leaves its neighbours', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x', detail: { note: 'n', count: 1, inner: { count: 2, note: 'm' } } });
    const changed = await samples.update(row['id'], { 'detail.note': 'o', 'detail.inner.count': 5 });
    assert.deepEqual(changed['detail'], { ...row['detail'], note: 'o', inner: { count: 5, note: 'm' } });
    assert.deepEqual(await samples.get(row['id']), changed);
  }),
  law('an object that a dotted path creates must get its required fields, or nothing is written', async (given) => {
    const boxes = await given.boxes();
    const row = await boxes.insert({ amount: 1 });
    const lacks = (patch: object, field: string) =>
      fails(
        () => boxes.update(row['id'], patch),
        ConstraintError,
        (error) => assert.deepEqual(error.fields, [field]),
      );
    await lacks({ 'slot.note': 'n', amount: 2 }, 'slot.shelf');
    assert.deepEqual(await boxes.get(row['id']), row);
    const changed = await boxes.update(row['id'], { 'slot.note': 'n', 'slot.shelf': 3 });
    assert.deepEqual(changed['slot'], { shelf: 3, note: 'n', deep: null });
    await lacks({ 'slot.deep.count': 1 }, 'slot.deep.code');
    assert.deepEqual(await boxes.get(row['id']), changed);
  }),
  law('a dotted path creates the objects above it', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x' });
    const changed = await samples.update(row['id'], { 'detail.inner.count': 5 });
    assert.equal(changed['detail'].inner.count, 5);
    assert.equal(changed['detail'].note, null);
    const both = await samples.update((await samples.insert({ label: 'y' }))['id'], {
      'detail.inner.note': 'n',
      'detail.count': 1,
    });
    assert.equal(both['detail'].inner.note, 'n');
    assert.equal(both['detail'].count, 1);
  }),
  law('values of every kind that are set by a dotted path come back as their own type', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x' });
    const values = {
      note: 'é',
      color: 'coral',
      flag: true,
      count: 2 ** 53 - 1,
      ratio: 0.1,
      big: 2n ** 62n,
      amount: '12345678901234567890.1234567',
      at: new Date('2024-02-29T12:34:56.789Z'),
      day: '2024-02-29',
      ref: 'abcdef01-2345-4789-abcd-ef0123456789',
      tags: ['a'],
    };
    const patch = Object.fromEntries(Object.entries(values).map(([name, value]) => [`detail.${name}`, value]));
    const changed = await samples.update(id, patch);
    assert.deepEqual(changed['detail'], { ...values, inner: null });
    assert.deepEqual((await samples.get(id))['detail'], { ...values, inner: null });
  }),
  law('text that looks like an expression of a query language is stored as text', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x', note: 'real' });
    for (const text of [
      '$note',
      '$$ROOT',
      '$literal',
      '{"$inc": 1}',
      '$1',
      ':note',
      "'; drop table contract_samples; --",
      '\\x41',
      'null',
      'default',
    ]) {
      const changed = await samples.update(id, { note: text, 'detail.note': text, tags: [text], data: { key: text } });
      const expected = { note: text, tags: [text], data: { key: text } };
      assert.deepEqual({ note: changed['note'], tags: changed['tags'], data: changed['data'] }, expected);
      assert.equal(changed['detail'].note, text);
      assert.deepEqual(await samples.get(id), changed);
      assert.equal(await samples.count({ note: text, 'detail.note': text, tags: [text] }), 1);
    }
  }),
  law('every update counts the version up and moves `updatedAt`, never `createdAt`', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y' });
    const once = await accounts.update(row['id'], { nickname: 'a' });
    assert.equal(once['version'], 2);
    assert.deepEqual(once['createdAt'], row['createdAt']);
    assert.ok(once['updatedAt'] >= row['updatedAt']);
    // Set back first: two calls may fall into one millisecond.
    const long = new Date(0);
    const back = { updatedAt: long };
    assert.deepEqual((await accounts.update(row['id'], back))['updatedAt'], long);
    assert.ok((await accounts.update(row['id'], { nickname: 'b' }))['updatedAt'] > long);
    assert.equal(await accounts.updateMany({ email: 'a@x.y' }, { ...back, nickname: 'c' }), 1);
    assert.deepEqual((await accounts.get(row['id']))['updatedAt'], long);
    assert.equal(await accounts.updateMany({ email: 'a@x.y' }, { nickname: 'd' }), 1);
    assert.ok((await accounts.get(row['id']))['updatedAt'] > long);
    await accounts.update(row['id'], back);
    const last = await accounts.updateOne({ email: 'a@x.y' }, { nickname: 'e' });
    assert.ok(last?.['updatedAt'] > long);
    assert.equal(last?.['version'], 8);
    assert.deepEqual(await accounts.get(row['id']), last);
  }),
  law(
    '`update` with the version of the row works; with another one it throws StaleVersionError and writes nothing',
    async (given) => {
      const accounts = await given.accounts();
      const row = await accounts.insert({ email: 'a@x.y', nickname: 'a' });
      const changed = await accounts.update(row['id'], { nickname: 'b' }, { version: 1 });
      assert.equal(changed['version'], 2);
      for (const version of [1, 3]) {
        await fails(
          () => accounts.update(row['id'], { nickname: 'c' }, { version }),
          StaleVersionError,
          (error) => assert.equal(error.entity, 'contract_accounts'),
        );
      }
      assert.deepEqual(await accounts.get(row['id']), changed);
      await fails(() => accounts.update(NOBODY, { nickname: 'c' }, { version: 1 }), NotFoundError);
    },
  ),
  law('of many updates with one version, one wins', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y' });
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => accounts.update(row['id'], { nickname: String(i) }, { version: 1 })),
    );
    assert.equal(tries.filter((each) => each.status === 'fulfilled').length, 1);
    for (const each of tries)
      if (each.status === 'rejected') assert.ok(each.reason instanceof StaleVersionError, String(each.reason));
    assert.equal((await accounts.get(row['id']))['version'], 2);
  }),
  law('`updateOne` changes the first row of its order and gives it, null when none matches', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 2 },
      { label: 'b', count: 1 },
      { label: 'c', count: 3 },
      { label: 'd' },
    );
    assert.equal((await samples.updateOne({}, { note: 'first' }, { orderBy: { count: 'asc' } }))?.['label'], 'd');
    const row = await samples.updateOne({ note: null }, { note: 'next' }, { orderBy: { count: 'desc' } });
    assert.equal(row?.['label'], 'c');
    assert.equal(row?.['note'], 'next');
    assert.equal(await samples.updateOne({ count: 9 }, { note: 'x' }), null);
    assert.equal(await matching(samples, { note: ne(null) }), 'c d');
  }),
  law('`updateOne` of an empty patch gives the row, or null, and writes nothing', async (given) => {
    const samples = await given.samples({ label: 'a' });
    assert.equal((await samples.updateOne({ label: 'a' }, {}))?.['label'], 'a');
    assert.equal(await samples.updateOne({ label: 'b' }, {}), null);
  }),
  law('many `updateOne` at once each take a row of their own', async (given) => {
    const samples = await given.samples(...Array.from({ length: 6 }, (_, i) => ({ label: String(i) })));
    const taken = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        samples.updateOne({ note: null }, { note: `taken by ${i}` }, { orderBy: { label: 'asc' } }),
      ),
    );
    assert.deepEqual(labels(taken.map((row) => row!)).sort(), ['0', '1', '2', '3', '4', '5']);
    assert.equal(await samples.count({ note: null }), 0);
  }),
  law(
    '`updateMany` changes every row that matches and gives the number of rows matched, changed or not',
    async (given) => {
      const samples = await given.samples(
        { label: 'a', count: 1 },
        { label: 'b', count: 2 },
        { label: 'c', count: 3 },
        { label: 'd' },
      );
      assert.equal(await samples.updateMany({ count: gte(2) }, { note: 'x' }), 2);
      assert.equal(await samples.updateMany({ count: gte(2) }, { note: 'x' }), 2);
      assert.equal(await samples.updateMany({ count: gte(9) }, { note: 'y' }), 0);
      assert.equal(await matching(samples, { note: 'x' }), 'b c');
      assert.equal(await samples.updateMany({}, { flag: true }, { all: true }), 4);
      assert.equal(await samples.count({ flag: true }), 4);
    },
  ),
  law('`updateMany` of an empty patch counts the rows that match', async (given) => {
    const samples = await given.samples({ label: 'a', count: 1 }, { label: 'b' });
    assert.equal(await samples.updateMany({ count: 1 }, {}), 1);
  }),
  law('`updateMany` may change the field that it filters by', async (given) => {
    const samples = await given.samples({ label: 'a', count: 1 }, { label: 'b', count: 2 }, { label: 'c', count: 3 });
    assert.equal(await samples.updateMany({ count: gte(1) }, { count: increment(1) }), 3);
    assert.deepEqual(await samples.distinct('count'), [2, 3, 4]);
  }),
  law('`updateMany` that fails on one row changes none', async (given) => {
    const slots = await given.slots({ code: 'a' }, { code: 'b' }, { code: 'c' });
    await fails(() => slots.updateMany({}, { code: 'same' }, { all: true }), DuplicateKeyError);
    assert.deepEqual(await slots.distinct('code'), ['a', 'b', 'c']);
  }),
  law('an empty filter of `updateMany` is refused unless `all` is true', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    await refuses(() => verbs.updateMany({}, { count: 1 }));
    await refuses(() => verbs.updateMany({}, { count: 1 }, { all: false }));
    await refuses(() => verbs.updateMany(undefined, { count: 1 }));
    assert.equal(sent.length, 0);
  }),
];
