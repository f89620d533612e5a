import assert from 'node:assert/strict';
import { DuplicateKeyError } from '../../errors/data.js';
import { type ContractCase, fails, law, refuses } from './kit.js';

export const upserting: readonly ContractCase[] = [
  law('`upsert` inserts where no row has the unique value, and updates the row that has it', async (given) => {
    const slots = await given.slots({ code: 'other', rank: 9 });
    const first = await slots.upsert({ code: 'a', rank: 1 }, { on: 'code' });
    assert.equal(first.action, 'inserted');
    assert.equal(first.row['rank'], 1);
    const second = await slots.upsert({ code: 'a', rank: 2 }, { on: 'code' });
    assert.equal(second.action, 'updated');
    assert.deepEqual(second.row, { ...first.row, rank: 2 });
    assert.deepEqual(await slots.get(first.row['id']), second.row);
    assert.equal(await slots.count(), 2);
  }),
  law('`upsert` leaves fields alone that the draft does not name', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y', nickname: 'Ann', balance: 5, roles: ['admin'] });
    const { row: changed, action } = await accounts.upsert({ email: 'a@x.y', handle: 'ann' }, { on: 'email' });
    assert.equal(action, 'updated');
    assert.equal(changed['id'], row['id']);
    assert.equal(changed['nickname'], 'Ann');
    assert.equal(changed['balance'], 5);
    assert.deepEqual(changed['roles'], ['admin']);
    assert.equal(changed['handle'], 'ann');
    assert.deepEqual(changed['createdAt'], row['createdAt']);
    assert.equal(changed['version'], 2);
    assert.deepEqual(await accounts.get(row['id']), changed);
  }),
  law('`upsert` inserts with defaults, made keys and times like `insert`', async (given) => {
    const accounts = await given.accounts();
    const { row, action } = await accounts.upsert({ email: ' A@X.Y' }, { on: 'email' });
    assert.equal(action, 'inserted');
    assert.equal(row['email'], 'a@x.y');
    assert.equal(row['balance'], 0);
    assert.deepEqual(row['roles'], ['user']);
    assert.equal(row['version'], 1);
    assert.equal(row['deletedAt'], null);
    assert.ok(row['createdAt'] instanceof Date);
    assert.deepEqual(await accounts.get(row['id']), row);
    assert.deepEqual(await accounts.find({ deletedAt: null }), [row]);
  }),
  law('null in the draft of an `upsert` clears the value of the row that is there', async (given) => {
    const slots = await given.slots({ code: 'a', rank: 1 });
    const { row } = await slots.upsert({ code: 'a', rank: null }, { on: 'code' });
    assert.equal(row['rank'], null);
    assert.equal(await slots.count({ rank: null }), 1);
  }),
  law('`upsert` looks up by a unique set', async (given) => {
    const slots = await given.slots({ code: 'a', room: 'r', seat: 1 }, { code: 'b', room: 'r', seat: 2 });
    const changed = await slots.upsert({ code: 'c', room: 'r', seat: 2 }, { on: ['room', 'seat'] });
    assert.equal(changed.action, 'updated');
    assert.equal(changed.row['code'], 'c');
    const made = await slots.upsert({ code: 'd', room: 'r', seat: 3 }, { on: ['room', 'seat'] });
    assert.equal(made.action, 'inserted');
    assert.deepEqual(await slots.distinct('code'), ['a', 'c', 'd']);
  }),
  law('`upsert` looks up by the key, single and composite', async (given) => {
    const tickets = await given.tickets({ code: 'a', title: 'one' });
    assert.deepEqual(await tickets.upsert({ code: 'a', title: 'two' }, { on: 'code' }), {
      row: { code: 'a', title: 'two' },
      action: 'updated',
    });
    assert.deepEqual(await tickets.upsert({ code: 'b' }, { on: 'code' }), {
      row: { code: 'b', title: null },
      action: 'inserted',
    });
    const members = await given.members({ group: 1, user: 2 });
    const changed = await members.upsert({ group: 1, user: 2, role: 'r' }, { on: ['group', 'user'] });
    assert.deepEqual(changed, { row: { group: 1, user: 2, role: 'r' }, action: 'updated' });
    const made = await members.upsert({ group: 2, user: 2 }, { on: ['group', 'user'] });
    assert.deepEqual(made, { row: { group: 2, user: 2, role: null }, action: 'inserted' });
  }),
  law(
    '`upsert` of a draft with nothing but its unique value changes nothing in the row that is there',
    async (given) => {
      const tickets = await given.tickets({ code: 'a', title: 'one' });
      assert.deepEqual(await tickets.upsert({ code: 'a' }, { on: 'code' }), {
        row: { code: 'a', title: 'one' },
        action: 'updated',
      });
    },
  ),
  law('`upsert` beside a deleted row inserts, and neither revives nor changes it', async (given) => {
    const accounts = await given.accounts();
    const gone = await accounts.delete((await accounts.insert({ email: 'a@x.y', nickname: 'old' }))['id']);
    const { row, action } = await accounts.upsert({ email: 'a@x.y', nickname: 'new' }, { on: 'email' });
    assert.equal(action, 'inserted');
    assert.notEqual(row['id'], gone['id']);
    assert.equal(row['deletedAt'], null);
    assert.deepEqual(await accounts.find({}, { deleted: 'only' }), [gone]);
    const again = await accounts.upsert({ email: 'a@x.y', nickname: 'newer' }, { on: 'email' });
    assert.equal(again.action, 'updated');
    assert.equal(again.row['id'], row['id']);
  }),
  law('`upsert` that meets another unique value throws DuplicateKeyError of that field', async (given) => {
    const slots = await given.slots({ code: 'a', room: 'r', seat: 1 }, { code: 'b', room: 'r', seat: 2 });
    for (const draft of [
      { code: 'b', room: 'r', seat: 1 },
      { code: 'c', room: 'r', seat: 1 },
    ]) {
      await fails(
        () => slots.upsert(draft, { on: 'code' }),
        DuplicateKeyError,
        (error) => assert.deepEqual([...error.fields].sort(), ['room', 'seat']),
      );
    }
    assert.deepEqual(await slots.distinct('seat'), [1, 2]);
  }),
  law('many `upsert` of one value at once make one row', async (given) => {
    for (const [verbs, draft] of [
      [await given.slots(), { code: 'a' }],
      [await given.accounts(), { email: 'a@x.y' }],
    ] as const) {
      const on = Object.keys(draft)[0]!;
      const results = await Promise.all(Array.from({ length: 12 }, () => verbs.upsert(draft, { on })));
      assert.equal(results.filter((each) => each.action === 'inserted').length, 1);
      assert.equal(new Set(results.map((each) => each.row['id'])).size, 1);
      assert.equal(await verbs.count(), 1);
    }
  }),
  law('`upsert` by anything but the key, a unique field or a unique set is refused', async (given) => {
    const { verbs, sent } = given.watched('Slot');
    for (const on of ['rank', 'wrong', ['room'], ['code', 'room'], [], null, undefined, 1]) {
      await refuses(() => verbs.upsert({ code: 'a', room: 'r', seat: 1 }, { on }));
    }
    assert.equal(sent.length, 0);
  }),
  law('`upsert` without a value for the unique field is refused', async (given) => {
    const { verbs, sent } = given.watched('Slot');
    await refuses(() => verbs.upsert({ code: 'a', room: 'r' }, { on: ['room', 'seat'] }), 'seat');
    await refuses(() => verbs.upsert({ code: 'a', room: 'r', seat: null }, { on: ['room', 'seat'] }), 'seat');
    assert.equal(sent.length, 0);
  }),
];
