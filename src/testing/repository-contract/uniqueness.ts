import assert from 'node:assert/strict';
import { DuplicateKeyError } from '../../errors/data.js';
import { type ContractCase, fails, law } from './kit.js';

export const uniqueness: readonly ContractCase[] = [
  law('a second row with a unique value is a DuplicateKeyError with entity, fields and constraint', async (given) => {
    const slots = await given.slots({ code: 'a' });
    await fails(
      () => slots.insert({ code: 'a' }),
      DuplicateKeyError,
      (error) => {
        assert.equal(error.entity, 'contract_slots');
        assert.deepEqual(error.fields, ['code']);
        assert.equal(typeof error.constraint, 'string');
        assert.equal(error.code, 'DUPLICATE_KEY');
        assert.equal(error.retryable, false);
      },
    );
    assert.equal(await slots.count(), 1);
  }),
  law('an update to a unique value of another row is a DuplicateKeyError and writes nothing', async (given) => {
    const slots = await given.slots({ code: 'a' });
    const row = await slots.insert({ code: 'b', rank: 1 });
    await fails(
      () => slots.update(row['id'], { code: 'a', rank: 2 }),
      DuplicateKeyError,
      (error) => assert.deepEqual(error.fields, ['code']),
    );
    assert.deepEqual(await slots.get(row['id']), row);
    await fails(() => slots.updateOne({ code: 'b' }, { code: 'a' }), DuplicateKeyError);
    await fails(() => slots.updateMany({ code: 'b' }, { code: 'a' }), DuplicateKeyError);
  }),
  law('a row may keep its own unique value, and may take one that became free', async (given) => {
    const slots = await given.slots({ code: 'a' });
    const { id } = await slots.insert({ code: 'b' });
    assert.equal((await slots.update(id, { code: 'b' }))['code'], 'b');
    await slots.deleteMany({ code: 'a' });
    assert.equal((await slots.update(id, { code: 'a' }))['code'], 'a');
    assert.equal((await slots.insert({ code: 'b' }))['code'], 'b');
  }),
  law('any number of rows may have null in a unique field', async (given) => {
    const slots = await given.slots({ code: 'a' }, { code: 'b', handle: null }, { code: 'c' });
    assert.equal(await slots.count({ handle: null }), 3);
    const { id } = await slots.insert({ code: 'd', handle: 'h' });
    await fails(
      () => slots.insert({ code: 'e', handle: 'h' }),
      DuplicateKeyError,
      (error) => assert.deepEqual(error.fields, ['handle']),
    );
    await slots.update(id, { handle: null });
    assert.equal(await slots.count({ handle: null }), 4);
  }),
  law('a unique set is unique as a whole', async (given) => {
    const slots = await given.slots(
      { code: 'a', room: 'r', seat: 1 },
      { code: 'b', room: 'r', seat: 2 },
      { code: 'c', room: 's', seat: 1 },
    );
    await fails(
      () => slots.insert({ code: 'd', room: 'r', seat: 2 }),
      DuplicateKeyError,
      (error) => assert.deepEqual([...error.fields].sort(), ['room', 'seat']),
    );
  }),
  law('a unique set with a null in it is free', async (given) => {
    const slots = await given.slots(
      { code: 'a', room: 'r' },
      { code: 'b', room: 'r', seat: null },
      { code: 'c', seat: 1 },
      { code: 'd', seat: 1 },
      { code: 'e' },
      { code: 'f' },
    );
    assert.equal(await slots.count(), 6);
    const { id } = (await slots.findOne({ code: 'a' }))!;
    await slots.update(id, { seat: 1 });
    await fails(() => slots.updateOne({ code: 'b' }, { seat: 1 }), DuplicateKeyError);
  }),
  law('unique text is exact: case, blanks and composition make a difference', async (given) => {
    const slots = await given.slots(...['a', 'A', 'a ', 'á', 'a\u0301', '', '\u{1f600}'].map((code) => ({ code })));
    assert.equal(await slots.count(), 7);
    for (const code of ['', 'a ', '\u{1f600}']) await fails(() => slots.insert({ code }), DuplicateKeyError);
  }),
  law('unique numbers, times, decimals and ids are unique by value', async (given) => {
    const ref = 'abcdef01-2345-4789-abcd-ef0123456789';
    const first = { code: 'a', amount: '1.50', big: 2n ** 62n, at: new Date(1), ref, ratio: 0 };
    const slots = await given.slots(first);
    const equal = { amount: '1.5', big: 2n ** 62n, at: new Date(1), ref: ref.toUpperCase(), ratio: -0 };
    for (const [field, value] of Object.entries(equal)) {
      await fails(
        () => slots.insert({ code: field, [field]: value }),
        DuplicateKeyError,
        (error) => assert.deepEqual(error.fields, [field]),
      );
    }
    await slots.insert({ code: 'b', amount: '1.51', big: 2n ** 62n + 1n, at: new Date(2), ratio: 5e-324 });
    assert.equal(await slots.count(), 2);
  }),
  law('uniqueness holds among the rows that are not deleted', async (given) => {
    const accounts = await given.accounts();
    const first = await accounts.insert({ email: 'a@x.y', tenant: 't', number: 1 });
    await accounts.delete(first['id']);
    const second = await accounts.insert({ email: 'a@x.y', tenant: 't', number: 1 });
    await fails(
      () => accounts.insert({ email: 'a@x.y' }),
      DuplicateKeyError,
      (error) => assert.deepEqual(error.fields, ['email']),
    );
    await fails(
      () => accounts.insert({ email: 'b@x.y', tenant: 't', number: 1 }),
      DuplicateKeyError,
      (error) => assert.deepEqual([...error.fields].sort(), ['number', 'tenant']),
    );
    await accounts.delete(second['id']);
    assert.equal(await accounts.count({ email: 'a@x.y' }, { deleted: 'with' }), 2);
    await accounts.insert({ email: 'a@x.y' });
  }),
  law('of many inserts of one unique value at once, one wins', async (given) => {
    const slots = await given.slots();
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => slots.insert({ code: 'a' })));
    assert.equal(tries.filter((each) => each.status === 'fulfilled').length, 1);
    for (const each of tries)
      if (each.status === 'rejected') assert.ok(each.reason instanceof DuplicateKeyError, String(each.reason));
    assert.equal(await slots.count(), 1);
  }),
];
