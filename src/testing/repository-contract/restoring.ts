import assert from 'node:assert/strict';
import { DuplicateKeyError, NotFoundError } from '../../errors/data.js';
import { type ContractCase, fails, law, refuses } from './kit.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

export const restoring: readonly ContractCase[] = [
  law('`restore` brings a deleted row back, as a change of its own', async (given) => {
    const accounts = await given.accounts({ email: 'other@x.y' });
    const row = await accounts.insert({ email: 'a@x.y', nickname: 'a', balance: 3 });
    const gone = await accounts.delete(row['id']);
    const back = await accounts.restore(row['id']);
    assert.deepEqual(back, {
      ...gone,
      deletedAt: null,
      version: gone['version'] + 1,
      updatedAt: back['updatedAt'],
    });
    assert.ok(back['updatedAt'].getTime() >= gone['updatedAt'].getTime());
    assert.deepEqual(await accounts.get(row['id']), back);
    assert.equal(await accounts.count({ deletedAt: null }), 2);
    assert.equal(await accounts.count({}, { deleted: 'only' }), 0);
  }),
  law('a restored row can be changed, deleted and restored again', async (given) => {
    const accounts = await given.accounts();
    const { id } = await accounts.insert({ email: 'a@x.y' });
    for (let i = 1; i <= 2; i++) {
      await accounts.delete(id);
      await accounts.restore(id);
      assert.equal((await accounts.update(id, { balance: i }))['balance'], i);
    }
  }),
  law('`restore` of a row that is there, or of none, throws NotFoundError', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y' });
    for (const id of [row['id'], NOBODY]) {
      await fails(
        () => accounts.restore(id),
        NotFoundError,
        (error) => assert.equal(error.entity, 'contract_accounts'),
      );
    }
    assert.deepEqual(await accounts.get(row['id']), row);
  }),
  law('`restore` of a row whose unique value was taken throws DuplicateKeyError and changes nothing', async (given) => {
    const accounts = await given.accounts();
    const first = await accounts.insert({ email: 'a@x.y', tenant: 't', number: 1 });
    const gone = await accounts.delete(first['id']);
    const second = await accounts.insert({ email: 'a@x.y' });
    await fails(
      () => accounts.restore(first['id']),
      DuplicateKeyError,
      (error) => assert.deepEqual(error.fields, ['email']),
    );
    assert.deepEqual(await accounts.get(first['id'], { deleted: 'only' }), gone);
    assert.deepEqual(await accounts.find(), [second]);
    await accounts.delete(second['id']);
    assert.equal((await accounts.restore(first['id']))['number'], 1);
  }),
  law('`purge` takes a row away for good, deleted or not, and gives it', async (given) => {
    const accounts = await given.accounts({ email: 'other@x.y' });
    const row = await accounts.insert({ email: 'a@x.y' });
    assert.deepEqual(await accounts.purge(row['id']), row);
    const second = await accounts.insert({ email: 'a@x.y' });
    const gone = await accounts.delete(second['id']);
    assert.deepEqual(await accounts.purge(second['id']), gone);
    for (const id of [row['id'], second['id']]) {
      assert.equal(await accounts.findById(id, { deleted: 'with' }), null);
      await fails(() => accounts.restore(id), NotFoundError);
      await fails(() => accounts.purge(id), NotFoundError);
    }
    assert.equal(await accounts.count({}, { deleted: 'with' }), 1);
  }),
  law('`restore` and `purge` give hidden fields only where they are asked for, and computed ones', async (given) => {
    const accounts = await given.accounts();
    const { id } = await accounts.insert({ email: 'a@x.y', nickname: 'a', secret: 's' });
    await accounts.delete(id);
    const back = await accounts.restore(id, { reveal: ['secret'] });
    assert.equal(back['secret'], 's');
    assert.equal(back['title'], 'a <a@x.y>');
    assert.equal('secret' in (await accounts.purge(id)), false);
  }),
  law('`restore` and `purge` are refused where nothing is deleted softly, or without a key', async (given) => {
    for (const verb of ['restore', 'purge'] as const) {
      const sample = given.watched('Sample');
      await refuses(() => sample.verbs[verb](NOBODY));
      const account = given.watched('Account');
      await refuses(() => account.verbs[verb](undefined), 'id');
      await refuses(() => account.verbs[verb]('no'), 'id');
      await refuses(() => account.verbs[verb](NOBODY, { version: 1 }), 'version');
      assert.equal(sample.sent.length + account.sent.length, 0);
    }
  }),
];
