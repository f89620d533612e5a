import assert from 'node:assert/strict';
import { NotFoundError } from '../../errors/data.js';
import { type ContractCase, fails, law, matching, refuses } from './kit.js';
import { gte, increment, isNotNull, isNull } from './loose.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

export const deleting: readonly ContractCase[] = [
  law('`delete` takes the row away and gives it as it was', async (given) => {
    const samples = await given.samples({ label: 'other' });
    const row = await samples.insert({ label: 'x', count: 1, detail: { note: 'n' } });
    assert.deepEqual(await samples.delete(row['id']), row);
    assert.equal(await samples.findById(row['id']), null);
    assert.equal(await matching(samples, {}), 'other');
  }),
  law('`delete` of nothing throws NotFoundError, also the second time', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x' });
    await samples.delete(id);
    for (const gone of [id, NOBODY]) {
      await fails(
        () => samples.delete(gone),
        NotFoundError,
        (error) => assert.equal(error.entity, 'contract_samples'),
      );
    }
  }),
  law('`delete` works by text, bigint and composite keys', async (given) => {
    const tickets = await given.tickets({ code: 'a' }, { code: 'b' });
    assert.deepEqual(await tickets.delete('a'), { code: 'a', title: null });
    assert.deepEqual(await tickets.distinct('code'), ['b']);
    const numbered = await given.numbered({ number: 1n }, { number: 2n });
    assert.deepEqual(await numbered.delete(2n), { number: 2n, title: null });
    const members = await given.members({ group: 1, user: 1 }, { group: 1, user: 2 });
    assert.deepEqual(await members.delete({ group: 1, user: 2 }), { group: 1, user: 2, role: null });
    assert.equal(await members.count(), 1);
  }),
  law('`deleteMany` takes away what matches and gives the number', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 1 },
      { label: 'b', count: 2 },
      { label: 'c', count: 3 },
      { label: 'd' },
    );
    assert.equal(await samples.deleteMany({ count: gte(2) }), 2);
    assert.equal(await samples.deleteMany({ count: gte(2) }), 0);
    assert.equal(await matching(samples, {}), 'a d');
    assert.equal(await samples.deleteMany({}, { all: true }), 2);
    assert.equal(await samples.count(), 0);
  }),
  law('an empty filter of `deleteMany` is refused unless `all` is true', async (given) => {
    for (const name of ['Sample', 'Account'] as const) {
      const { verbs, sent } = given.watched(name);
      await refuses(() => verbs.deleteMany({}));
      await refuses(() => verbs.deleteMany({}, { all: false }));
      await refuses(() => verbs.deleteMany({}, { all: 'yes' }));
      await refuses(() => verbs.deleteMany(undefined));
      assert.equal(sent.length, 0);
    }
  }),
  law(
    'where the entity deletes softly, `delete` gives the row with its time of deletion, and no read sees it',
    async (given) => {
      const accounts = await given.accounts();
      const kept = await accounts.insert({ email: 'b@x.y', nickname: 'b' });
      const row = await accounts.insert({ email: 'a@x.y', nickname: 'a' });
      const gone = await accounts.delete(row['id']);
      assert.ok(gone['deletedAt'] instanceof Date);
      assert.equal(gone['email'], 'a@x.y');
      assert.equal(await accounts.findById(row['id']), null);
      await fails(() => accounts.get(row['id']), NotFoundError);
      assert.equal(await accounts.findOne({ email: 'a@x.y' }), null);
      assert.deepEqual(await accounts.find(), [kept]);
      assert.equal(await accounts.count(), 1);
      assert.equal(await accounts.exists({ email: 'a@x.y' }), false);
      assert.deepEqual(await accounts.distinct('nickname'), ['b']);
      const streamed: unknown[] = [];
      for await (const each of accounts.stream()) streamed.push(each);
      assert.deepEqual(streamed, [kept]);
    },
  ),
  law('no write sees a soft-deleted row', async (given) => {
    const accounts = await given.accounts();
    const { id } = await accounts.insert({ email: 'a@x.y', balance: 1 });
    const gone = await accounts.delete(id);
    await fails(() => accounts.update(id, { balance: 2 }), NotFoundError);
    await fails(() => accounts.update(id, { balance: 2 }, { version: gone['version'] }), NotFoundError);
    await fails(() => accounts.delete(id), NotFoundError);
    assert.equal(await accounts.updateOne({ email: 'a@x.y' }, { balance: 2 }), null);
    assert.equal(await accounts.updateMany({ email: 'a@x.y' }, { balance: increment(1) }), 0);
    assert.equal(await accounts.deleteMany({ email: 'a@x.y' }), 0);
    assert.deepEqual(await accounts.get(id, { deleted: 'with' }), gone);
  }),
  law("`deleted: 'with'` sees all rows, `'only'` the deleted ones", async (given) => {
    const accounts = await given.accounts({ email: 'a@x.y' }, { email: 'b@x.y' }, { email: 'c@x.y' });
    const b = (await accounts.findOne({ email: 'b@x.y' }))!;
    await accounts.delete(b['id']);
    const emails = async (deleted?: string) =>
      (await accounts.find({}, { deleted, orderBy: { email: 'asc' } })).map((row) => row['email'][0]).join('');
    assert.equal(await emails(), 'ac');
    assert.equal(await emails('with'), 'abc');
    assert.equal(await emails('only'), 'b');
    assert.equal(await accounts.count({}, { deleted: 'with' }), 3);
    assert.equal(await accounts.count({}, { deleted: 'only' }), 1);
    assert.equal(await accounts.exists({ email: 'b@x.y' }, { deleted: 'only' }), true);
    assert.equal(await accounts.exists({ email: 'a@x.y' }, { deleted: 'only' }), false);
    assert.deepEqual(await accounts.distinct('email', {}, { deleted: 'only' }), ['b@x.y']);
    assert.equal((await accounts.findById(b['id'], { deleted: 'with' }))?.['email'], 'b@x.y');
    assert.equal((await accounts.findOne({ email: 'b@x.y' }, { deleted: 'only' }))?.['id'], b['id']);
    assert.equal(await accounts.count({ deletedAt: isNotNull() }, { deleted: 'with' }), 1);
    assert.equal(await accounts.count({ deletedAt: isNull() }, { deleted: 'with' }), 2);
  }),
  law('`deleteMany` deletes softly, too', async (given) => {
    const accounts = await given.accounts({ email: 'a@x.y', balance: 1 }, { email: 'b@x.y', balance: 2 });
    assert.equal(await accounts.deleteMany({ balance: 2 }), 1);
    assert.equal(await accounts.count(), 1);
    assert.equal(await accounts.count({}, { deleted: 'with' }), 2);
    assert.equal(await accounts.deleteMany({}, { all: true }), 1);
    assert.equal(await accounts.count({}, { deleted: 'only' }), 2);
  }),
  law('`deleted` is refused where the entity does not delete softly', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    await refuses(() => verbs.find({}, { deleted: 'with' }));
    assert.equal(sent.length, 0);
  }),
];
