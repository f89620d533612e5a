import assert from 'node:assert/strict';
import { DuplicateKeyError } from '../../errors/data.js';
import { type ContractCase, fails, law, refuses } from './kit.js';

export const gettingOrInserting: readonly ContractCase[] = [
  law('`getOrInsert` inserts where no row has the unique value, like `insert`', async (given) => {
    const accounts = await given.accounts({ email: 'other@x.y' });
    const { row, action } = await accounts.getOrInsert({ email: ' A@X.Y', nickname: 'a' }, { on: 'email' });
    assert.equal(action, 'inserted');
    assert.equal(row['email'], 'a@x.y');
    assert.equal(row['balance'], 0);
    assert.deepEqual(row['roles'], ['user']);
    assert.equal(row['version'], 1);
    assert.equal(row['deletedAt'], null);
    assert.equal(row['title'], 'a <a@x.y>');
    assert.equal('secret' in row, false);
    assert.deepEqual(await accounts.get(row['id']), row);
    assert.equal(await accounts.count(), 2);
  }),
  law('`getOrInsert` gives the row that is there untouched, whatever else the draft says', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y', nickname: 'a', balance: 5 });
    const draft = { email: 'A@x.y ', nickname: 'b', balance: 6, roles: [] };
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await accounts.getOrInsert(draft, { on: 'email' }), { row, action: 'found' });
    }
    assert.deepEqual(await accounts.find(), [row]);
  }),
  law('`getOrInsert` looks up by the key and by unique sets', async (given) => {
    const tickets = await given.tickets({ code: 'a', title: 'one' });
    assert.deepEqual(await tickets.getOrInsert({ code: 'a', title: 'two' }, { on: 'code' }), {
      row: { code: 'a', title: 'one' },
      action: 'found',
    });
    assert.equal((await tickets.getOrInsert({ code: 'b' }, { on: 'code' })).action, 'inserted');
    const members = await given.members({ group: 1, user: 2, role: 'r' });
    assert.deepEqual(await members.getOrInsert({ group: 1, user: 2 }, { on: ['group', 'user'] }), {
      row: { group: 1, user: 2, role: 'r' },
      action: 'found',
    });
    const slots = await given.slots({ code: 'a', room: 'r', seat: 1 });
    const found = await slots.getOrInsert({ code: 'b', room: 'r', seat: 1 }, { on: ['room', 'seat'] });
    assert.deepEqual([found.action, found.row['code']], ['found', 'a']);
    const made = await slots.getOrInsert({ code: 'b', room: 'r', seat: 2 }, { on: ['room', 'seat'] });
    assert.deepEqual([made.action, made.row['code']], ['inserted', 'b']);
  }),
  law('`getOrInsert` does not see a deleted row', async (given) => {
    const accounts = await given.accounts();
    const gone = await accounts.delete((await accounts.insert({ email: 'a@x.y' }))['id']);
    const { row, action } = await accounts.getOrInsert({ email: 'a@x.y' }, { on: 'email' });
    assert.equal(action, 'inserted');
    assert.notEqual(row['id'], gone['id']);
    assert.deepEqual(await accounts.find({}, { deleted: 'only' }), [gone]);
  }),
  law('`getOrInsert` that would meet another unique value throws DuplicateKeyError of that field', async (given) => {
    const slots = await given.slots({ code: 'a', room: 'r', seat: 1 });
    await fails(
      () => slots.getOrInsert({ code: 'b', room: 'r', seat: 1 }, { on: 'code' }),
      DuplicateKeyError,
      (error) => assert.deepEqual([...error.fields].sort(), ['room', 'seat']),
    );
    assert.equal(await slots.count(), 1);
  }),
  law('many `getOrInsert` of one value at once make one row, and all give it', async (given) => {
    for (const [verbs, draft, other] of [
      [await given.slots(), { code: 'a' }, 'rank'],
      [await given.accounts(), { email: 'a@x.y' }, 'balance'],
    ] as const) {
      const on = Object.keys(draft)[0]!;
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, i) => verbs.getOrInsert({ ...draft, [other]: i }, { on })),
      );
      assert.equal(results.filter((each) => each.action === 'inserted').length, 1);
      const [row] = await verbs.find();
      for (const each of results) assert.deepEqual(each.row, row);
    }
  }),
  law('`getOrInsert` checks the draft and `on` before it looks', async (given) => {
    const { verbs, sent } = given.watched('Slot');
    await refuses(() => verbs.getOrInsert({ code: 'a', rank: 'x' }, { on: 'code' }), 'rank');
    await refuses(() => verbs.getOrInsert({ code: 'a', room: 'r' }, { on: ['room', 'seat'] }), 'seat');
    for (const on of ['rank', 'wrong', ['room'], [], undefined])
      await refuses(() => verbs.getOrInsert({ code: 'a', room: 'r', seat: 1 }, { on }), 'on');
    assert.equal(sent.length, 0);
  }),
  law('a draft with a time of deletion is refused where the row is looked up by what is unique', async (given) => {
    const { verbs, sent } = given.watched('Account');
    const draft = { email: 'a@x.y', deletedAt: new Date(0) };
    await refuses(() => verbs.getOrInsert(draft, { on: 'email' }), 'deletedAt');
    await refuses(() => verbs.upsert(draft, { on: 'email' }), 'deletedAt');
    assert.equal(sent.length, 0);
  }),
];
