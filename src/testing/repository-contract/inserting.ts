import assert from 'node:assert/strict';
import { ConstraintError, DuplicateKeyError, ValidationError } from '../../errors/data.js';
import { type ContractCase, fails, labels, law, refuses } from './kit.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const inserting: readonly ContractCase[] = [
  law('`insert` gives the row as it is stored: a read gives the same', async (given) => {
    const samples = await given.samples();
    const row = await samples.insert({
      label: 'x',
      note: 'n',
      count: 1,
      ratio: 0.1,
      big: 2n ** 60n,
      amount: '1.50',
      at: new Date('2024-02-29T12:34:56.789Z'),
      day: '2024-02-29',
      flag: false,
      color: 'blue',
      tags: ['b', 'a'],
      bytes: Uint8Array.of(0, 255),
      place: { type: 'Point', coordinates: [2.35, 48.85] },
      data: { a: [1, { b: null }], c: 'x' },
      detail: { at: new Date(0), amount: '2.0', big: 3n, inner: { count: 4 } },
    });
    assert.equal(row['amount'], '1.5');
    assert.equal(row['detail'].amount, '2');
    assert.deepEqual(await samples.get(row['id']), row);
    assert.deepEqual(await samples.find(), [row]);
  }),
  law('a uuid key left out is made, time-ordered; one that is given is kept', async (given) => {
    const samples = await given.samples();
    const made = await samples.insertMany([{ label: 'a' }, { label: 'b' }, { label: 'c' }]);
    const ids = made.map((row) => row['id']);
    for (const id of ids) assert.match(id, UUID_V7);
    assert.deepEqual([...ids].sort(), ids);
    const id = 'abcdef01-2345-4789-abcd-ef0123456789';
    assert.equal((await samples.insert({ id, label: 'd' }))['id'], id);
  }),
  law('defaults fill what is left out, values and functions alike, and null is no default', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y' });
    assert.equal(row['balance'], 0);
    assert.deepEqual(row['roles'], ['user']);
    assert.equal(row['nickname'], null);
    const other = await accounts.insert({ email: 'b@x.y', balance: 5, roles: [] });
    assert.equal(other['balance'], 5);
    assert.deepEqual(other['roles'], []);
    row['roles'].push('spoilt');
    assert.deepEqual((await accounts.insert({ email: 'c@x.y' }))['roles'], ['user']);
  }),
  law('an object left out is filled from its inner defaults when all of its fields have one', async (given) => {
    const samples = await given.samples();
    assert.deepEqual((await samples.insert({ label: 'x' }))['settings'], { theme: 'light', size: 12 });
    assert.deepEqual((await samples.insert({ label: 'x', settings: { size: 1 } }))['settings'], {
      theme: 'light',
      size: 1,
    });
    assert.equal((await samples.insert({ label: 'x' }))['detail'], null);
  }),
  law('text is trimmed and folded as its field says, before it is stored', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: '  Ann@X.Y ' });
    assert.equal(row['email'], 'ann@x.y');
    assert.equal((await accounts.get(row['id']))['email'], 'ann@x.y');
  }),
  law('timestamps, version and deletion are set by the library and read back as returned', async (given) => {
    const accounts = await given.accounts();
    const row = await accounts.insert({ email: 'a@x.y' });
    assert.ok(row['createdAt'] instanceof Date);
    assert.deepEqual(row['updatedAt'], row['createdAt']);
    assert.equal(row['version'], 1);
    assert.equal(row['deletedAt'], null);
    assert.deepEqual(await accounts.get(row['id']), row);
  }),
  law('`insertMany` gives the rows in the order of the drafts', async (given) => {
    const samples = await given.samples();
    const ids = ['c', 'a', 'b'].map((letter) => `${letter}0000000-0000-4000-8000-000000000000`);
    const rows = await samples.insertMany(ids.map((id) => ({ id, label: id[0] })));
    assert.deepEqual(labels(rows), ['c', 'a', 'b']);
    assert.deepEqual(
      rows.map((row) => row['id']),
      ids,
    );
    assert.equal(await samples.count(), 3);
    const tickets = await given.tickets();
    const made = await tickets.insertMany([{ code: 'z' }, { code: 'a', title: 't' }]);
    assert.deepEqual(made, [
      { code: 'z', title: null },
      { code: 'a', title: 't' },
    ]);
  }),
  law('`insertMany` takes drafts that fill different fields', async (given) => {
    const samples = await given.samples();
    const rows = await samples.insertMany([
      { label: 'a', count: 1 },
      { label: 'b', tags: ['x'] },
      { label: 'c', detail: { at: new Date(0) } },
    ]);
    assert.deepEqual(await samples.find({}, { orderBy: { label: 'asc' } }), rows);
    assert.equal(rows[1]!['count'], null);
  }),
  law('`insertMany` of no drafts gives no rows and asks no server', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    assert.deepEqual(await verbs.insertMany([]), []);
    assert.equal(sent.length, 0);
  }),
  law('`insertMany` is all or nothing, and names the draft that is a duplicate', async (given) => {
    const slots = await given.slots({ code: 'taken' });
    const drafts = [{ code: 'a' }, { code: 'b' }, { code: 'taken' }, { code: 'c' }];
    await fails(
      () => slots.insertMany(drafts),
      DuplicateKeyError,
      (error) => {
        assert.equal(error.position, 2);
        assert.deepEqual(error.fields, ['code']);
      },
    );
    assert.equal(await slots.count(), 1);
  }),
  law('`insertMany` with the same unique value twice stores nothing and names the second', async (given) => {
    const slots = await given.slots();
    await fails(
      () => slots.insertMany([{ code: 'a' }, { code: 'b' }, { code: 'a' }]),
      DuplicateKeyError,
      (error) => assert.equal(error.position, 2),
    );
    assert.equal(await slots.count(), 0);
  }),
  law('`insertMany` tells what is wrong in every draft, by its position', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    await refuses(
      () => verbs.insertMany([{ label: 'a' }, { label: 1 }, { label: 'c', count: 'x' }]),
      '[1].label',
      '[2].count',
    );
    assert.equal(sent.length, 0);
  }),
  law('`insertMany` stores thousands of rows, more values than one statement can bind', async (given) => {
    const samples = await given.samples();
    const drafts = Array.from({ length: 3_000 }, (_, i) => ({ label: String(i).padStart(4, '0'), count: i }));
    const rows = await samples.insertMany(drafts);
    assert.deepEqual(labels(rows), labels(drafts));
    assert.equal(await samples.count(), 3_000);
  }),
  law('a key that is there already is a DuplicateKeyError of the key, and nothing changes', async (given) => {
    const tickets = await given.tickets({ code: 'a', title: 'first' });
    await fails(
      () => tickets.insert({ code: 'a', title: 'second' }),
      DuplicateKeyError,
      (error) => {
        assert.deepEqual(error.fields, ['code']);
        assert.equal(error.position, undefined);
      },
    );
    assert.deepEqual(await tickets.get('a'), { code: 'a', title: 'first' });
    const members = await given.members({ group: 1, user: 2 });
    await fails(
      () => members.insert({ group: 1, user: 2 }),
      DuplicateKeyError,
      (error) => assert.deepEqual([...error.fields].sort(), ['group', 'user']),
    );
    assert.equal((await members.insert({ group: 2, user: 2 }))['group'], 2);
  }),
  law('all problems of a draft are told at once, by path', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    const draft = {
      count: 1.5,
      tags: ['a', null],
      detail: { at: 'soon', inner: { count: 'x' } },
      color: 'red',
      wrong: 1,
    };
    await refuses(
      () => verbs.insert(draft),
      'label',
      'count',
      'tags[1]',
      'detail.at',
      'detail.inner.count',
      'color',
      'wrong',
    );
    assert.equal(sent.length, 0);
  }),
  law('the draft that was given is not changed', async (given) => {
    const accounts = await given.accounts();
    const draft = Object.freeze({ email: ' A@X.Y ', roles: Object.freeze(['user']) });
    await accounts.insert(draft);
    assert.deepEqual(draft, { email: ' A@X.Y ', roles: ['user'] });
  }),
  law('no message of a failed insert holds the value that failed', async (given) => {
    const slots = await given.slots({ code: 'very-secret' });
    await fails(
      () => slots.insert({ code: 'very-secret' }),
      DuplicateKeyError,
      (error) => {
        assert.ok(!String(error).includes('very-secret'), 'message');
        assert.ok(!JSON.stringify(error).includes('very-secret'), 'JSON');
        assert.ok(!String((error.cause as Error | undefined)?.message).includes('very-secret'), 'message of the cause');
      },
    );
    await fails(
      () => slots.insert({ code: 'x', rank: 'very-secret' }),
      ValidationError,
      (error) => assert.ok(!String(error).includes('very-secret')),
    );
    assert.ok(ConstraintError.code !== DuplicateKeyError.code);
  }),
];
