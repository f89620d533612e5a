import assert from 'node:assert/strict';
import { NotFoundError } from '../../errors/data.js';
import { places } from './kinds.js';
import { at, type ContractCase, fails, labels, law } from './kit.js';
import { gt, has, ne, or } from './loose.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

export const reading: readonly ContractCase[] = [
  law('`select` of nothing gives rows without fields, also when whole rows were read before', async (given) => {
    const samples = await given.samples({ label: 'a' }, { label: 'b' });
    assert.equal((await samples.find({})).length, 2);
    assert.deepEqual(await samples.find({}, { select: [] }), [{}, {}]);
    assert.equal(
      (await samples.find({})).every((row) => typeof row['label'] === 'string'),
      true,
    );
  }),
  law('`findById` gives the row of that key, and null when there is none', async (given) => {
    const samples = await given.samples({ label: 'other' });
    const row = await samples.insert({ label: 'x', count: 1 });
    assert.deepEqual(await samples.findById(row['id']), row);
    assert.equal(await samples.findById(NOBODY), null);
  }),
  law('`get` gives the row of that key, and throws NotFoundError with the entity when there is none', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({ label: 'x' });
    assert.deepEqual(await samples.get(row['id']), row);
    await fails(
      () => samples.get(NOBODY),
      NotFoundError,
      (error) => {
        assert.equal(error.entity, 'contract_samples');
        assert.equal(error.code, 'NOT_FOUND');
        assert.ok(!error.message.includes(NOBODY), 'the key is in the message');
      },
    );
  }),
  law('a uuid key is found whatever its case', async (given) => {
    const id = 'abcdef01-2345-4789-abcd-ef0123456789';
    const samples = await given.samples();
    const row = await samples.insert({ id: id.toUpperCase(), label: 'x' });
    assert.equal(row['id'], id);
    assert.deepEqual(await samples.findById(id), row);
    assert.deepEqual(await samples.findById(id.toUpperCase()), row);
  }),
  law('keys may be text, bigint and composite', async (given) => {
    const tickets = await given.tickets({ code: 'a/b ä\u{1f600}', title: 'one' }, { code: 'A', title: 'two' });
    assert.deepEqual(await tickets.findById('a/b ä\u{1f600}'), { code: 'a/b ä\u{1f600}', title: 'one' });
    assert.equal(await tickets.findById('a'), null);
    const numbered = await given.numbered({ number: 9_223_372_036_854_775_807n, title: 'big' });
    assert.deepEqual(await numbered.get(9_223_372_036_854_775_807n), {
      number: 9_223_372_036_854_775_807n,
      title: 'big',
    });
    const members = await given.members({ group: 1, user: 2, role: 'a' }, { group: 2, user: 1, role: 'b' });
    assert.deepEqual(await members.findById({ group: 2, user: 1 }), { group: 2, user: 1, role: 'b' });
    assert.deepEqual(await members.findById({ user: 2, group: 1 }), { group: 1, user: 2, role: 'a' });
    assert.equal(await members.findById({ group: 2, user: 2 }), null);
  }),
  law('the key has the name that the entity gives it, in rows and in filters', async (given) => {
    const tickets = await given.tickets({ code: 'b', title: 'two' }, { code: 'a', title: 'one' });
    assert.deepEqual(await tickets.find({ code: gt('a') }), [{ code: 'b', title: 'two' }]);
    assert.deepEqual(await tickets.find({}, { orderBy: { code: 'asc' }, select: ['code'] }), [
      { code: 'a' },
      { code: 'b' },
    ]);
  }),
  law('`findOne` gives a row that matches, and null when none does', async (given) => {
    const samples = await given.samples({ label: 'a', count: 1 }, { label: 'b', count: 2 });
    assert.equal((await samples.findOne({ count: 2 }))?.['label'], 'b');
    assert.equal(await samples.findOne({ count: 3 }), null);
  }),
  law('`find` gives the rows that match, an empty list when none does', async (given) => {
    const samples = await given.samples({ label: 'a', tags: ['x'] }, { label: 'b', tags: ['y'] }, { label: 'c' });
    assert.deepEqual(
      labels(await samples.find(or({ tags: has('x') }, { label: 'c' }), { orderBy: { label: 'asc' } })),
      ['a', 'c'],
    );
    assert.deepEqual(await samples.find({ label: 'd' }), []);
  }),
  law('`count` counts, of nothing 0; `exists` tells whether there is one', async (given) => {
    const samples = await given.samples({ label: 'a', count: 1 }, { label: 'b', count: 1 }, { label: 'c' });
    assert.equal(await samples.count(), 3);
    assert.equal(await samples.count({ count: 1 }), 2);
    assert.equal(await samples.count({ count: 2 }), 0);
    assert.equal(await samples.exists({ count: 1 }), true);
    assert.equal(await samples.exists({ count: 2 }), false);
    assert.equal(await samples.exists({ count: ne(1) }), true);
  }),
  law('an empty table gives nothing to every read', async (given) => {
    const samples = await given.samples();
    assert.deepEqual(await samples.find(), []);
    assert.equal(await samples.findOne({}), null);
    assert.equal(await samples.count(), 0);
    assert.equal(await samples.exists({}), false);
    assert.deepEqual(await samples.distinct('count'), []);
  }),
  ...places.map(({ path, values, where }) =>
    law(`${where}: \`distinct\` gives each value once in order, null first when a row has none`, async (given) => {
      const [low, middle, high] = values;
      const samples = await given.samples(
        ...[high, low, middle, low, high].map((value, i) => ({ label: String(i), ...at(path, value) })),
      );
      assert.deepEqual(await samples.distinct(path), [low, middle, high]);
      await samples.insert({ label: 'none' });
      assert.deepEqual(await samples.distinct(path), [null, low, middle, high]);
      assert.deepEqual(await samples.distinct(path, { [path]: ne(middle) }), [null, low, high]);
      assert.deepEqual(await samples.distinct(path, { label: 'none' }), [null]);
    }),
  ),
  law('`distinct` of a boolean, of a key and of a required field', async (given) => {
    const samples = await given.samples({ label: 'b', flag: true }, { label: 'a', flag: false }, { label: 'a' });
    assert.deepEqual(await samples.distinct('flag'), [null, false, true]);
    assert.deepEqual(await samples.distinct('label'), ['a', 'b']);
    assert.equal((await samples.distinct('id')).length, 3);
    const tickets = await given.tickets({ code: 'b' }, { code: 'a' });
    assert.deepEqual(await tickets.distinct('code'), ['a', 'b']);
  }),
  law('`select` gives the selected fields and no others', async (given) => {
    const samples = await given.samples({
      label: 'a',
      count: 1,
      note: 'n',
      detail: { count: 2, note: 'm', inner: { count: 3 } },
    });
    const one = async (select: string[]) => (await samples.find({}, { select }))[0];
    assert.deepEqual(await one(['label', 'count']), { label: 'a', count: 1 });
    assert.deepEqual(await one(['at']), { at: null });
    assert.deepEqual(await one(['detail.count']), { detail: { count: 2 } });
    assert.deepEqual(await one(['detail.count', 'detail.inner.note', 'label']), {
      label: 'a',
      detail: { count: 2, inner: { note: null } },
    });
    assert.deepEqual(await one(['detail.inner']), { detail: { inner: { count: 3, note: null } } });
    const { id } = (await samples.findOne({}))!;
    assert.deepEqual(await samples.findById(id, { select: ['label'] }), { label: 'a' });
    assert.deepEqual(await samples.get(id, { select: ['note'] }), { note: 'n' });
    assert.deepEqual(await samples.findOne({}, { select: ['label'] }), { label: 'a' });
  }),
  law('a selected path below an object that is null gives null for the object', async (given) => {
    const samples = await given.samples({ label: 'a' });
    assert.deepEqual(await samples.find({}, { select: ['detail.count'] }), [{ detail: null }]);
  }),
  law('a hidden field is in no row unless it is revealed, and can be looked up', async (given) => {
    const accounts = await given.accounts();
    const inserted = await accounts.insert({ email: 'a@x.y', secret: 'sesame' });
    assert.ok(!('secret' in inserted));
    const { id } = inserted;
    assert.ok(!('secret' in (await accounts.get(id))));
    assert.ok(!('secret' in (await accounts.find())[0]!));
    assert.equal((await accounts.get(id, { reveal: ['secret'] }))['secret'], 'sesame');
    assert.equal((await accounts.find({}, { reveal: ['secret'] }))[0]!['secret'], 'sesame');
    assert.deepEqual(await accounts.findOne({}, { reveal: ['secret'], select: ['email'] }), {
      email: 'a@x.y',
      secret: 'sesame',
    });
    assert.equal((await accounts.findOne({ secret: 'sesame' }))?.['id'], id);
    assert.equal(await accounts.count({ secret: 'wrong' }), 0);
    assert.ok(!('secret' in (await accounts.update(id, { secret: 'changed' }))));
    assert.equal(await accounts.exists({ secret: 'changed' }), true);
    assert.ok(!('secret' in (await accounts.delete(id))));
  }),
  law('a computed field is in every whole row, and can be selected', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y', nickname: 'Ann' });
    assert.equal(row['title'], 'Ann <a@x.y>');
    assert.equal((await accounts.get(row['id']))['title'], 'Ann <a@x.y>');
    assert.deepEqual(await accounts.find({}, { select: ['title'] }), [{ title: 'Ann <a@x.y>' }]);
    assert.ok(!('title' in (await accounts.find({}, { select: ['email'] }))[0]!));
    assert.equal((await accounts.update(row['id'], { nickname: 'Bob' }))['title'], 'Bob <a@x.y>');
  }),
  law('rows belong to their caller: changing one changes nothing that is stored', async (given) => {
    const samples = await given.samples();
    const draft = {
      label: 'x',
      tags: ['a'],
      at: new Date(0),
      bytes: Uint8Array.of(1),
      detail: { note: 'n' },
      data: { list: [1] },
    };
    const row = await samples.insert(draft);
    const expected = await samples.get(row['id']);
    const spoil = (each: any) => {
      each.tags.push('b');
      each.at.setTime(1);
      each.bytes[0] = 2;
      each.detail.note = 'm';
      each.data.list.push(2);
    };
    spoil(draft);
    spoil(row);
    spoil((await samples.find())[0]);
    spoil(await samples.get(row['id']));
    assert.deepEqual(await samples.get(row['id']), expected);
    assert.deepEqual(expected['tags'], ['a']);
    assert.deepEqual(expected['at'], new Date(0));
  }),
];
