import assert from 'node:assert/strict';
import { ValidationError } from '../../errors/data.js';
import { type ContractCase, fails, law, refuses, type Verbs } from './kit.js';
import { count, increment, ne } from './loose.js';
import { DRAFTS, FILTERS, ID, PATCHES, type Refused } from './refused-inputs.js';

function show(input: unknown): string {
  return JSON.stringify(input, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? String(input);
}

/** A case that gives each input to each verb that takes such input, and sees that nothing was sent. */
function refused(
  name: string,
  inputs: Refused,
  verbsOf: (verbs: Verbs, input: unknown) => readonly (() => Promise<unknown>)[],
): ContractCase {
  return law(name, async (given) => {
    const { verbs, sent } = given.watched('Sample');
    for (const [input, ...paths] of inputs) {
      for (const call of verbsOf(verbs, input)) {
        await refuses(call, ...paths).catch((error: Error) => {
          throw new assert.AssertionError({ message: `${show(input)}: ${error.message}` });
        });
      }
    }
    assert.equal(sent.length, 0);
  });
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const row of stream) assert.fail(`A row came: ${typeof row}`);
}

export const refusals: readonly ContractCase[] = [
  refused(
    'a filter that does not fit is refused by every verb, with its path, before anything is sent',
    FILTERS,
    (verbs, where) => [
      () => verbs.find(where),
      () => verbs.findOne(where),
      () => verbs.count(where),
      () => verbs.exists(where),
      () => verbs.distinct('count', where),
      () => verbs.groupBy(['count'], { n: count() }, { where }),
      () => drain(verbs.stream(where)),
      () => verbs.updateOne(where, { count: 1 }),
      () => verbs.updateMany(where, { count: 1 }),
      () => verbs.deleteMany(where),
      () => verbs.deleteMany(where, { all: true }),
    ],
  ),
  refused(
    'a patch that does not fit is refused by every verb, with its path, before anything is sent',
    PATCHES,
    (verbs, patch) => [
      () => verbs.update(ID, patch),
      () => verbs.updateOne({ count: 1 }, patch),
      () => verbs.updateMany({ count: 1 }, patch),
    ],
  ),
  refused(
    'a draft that does not fit is refused by every verb, with its path, before anything is sent',
    DRAFTS,
    (verbs, draft) => [() => verbs.insert(draft), () => verbs.upsert(draft, { on: 'id' })],
  ),
  law('a filter of a write of many rows that does not fit is not told to fit every row, too', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    for (const call of [() => verbs.deleteMany({ wrong: 1 }), () => verbs.updateMany({ wrong: 1 }, { count: 1 })]) {
      await fails(call, ValidationError, ({ issues }) =>
        assert.deepEqual(
          issues.map(({ path }) => path),
          ['wrong'],
        ),
      );
    }
    await refuses(() => verbs.deleteMany({}), '');
    assert.equal(sent.length, 0);
  }),
  law('a key that does not fit is refused, before anything is sent', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    for (const id of [undefined, null, 'no', 1, {}, [], { $ne: null }, ne(ID), { id: ID }]) {
      for (const call of [verbs.findById(id), verbs.get(id), verbs.update(id, { count: 1 }), verbs.delete(id)]) {
        await refuses(() => call, 'id');
      }
    }
    const members = given.watched('Member');
    await refuses(() => members.verbs.findById({ group: 1 }), 'user');
    await refuses(() => members.verbs.findById({ group: 1, user: 'x' }), 'user');
    await refuses(() => members.verbs.findById({ group: 1, user: 1, role: 'x' }));
    await refuses(() => members.verbs.findById(1));
    assert.equal(sent.length + members.sent.length, 0);
  }),
  law('options that a verb does not know, or of a wrong type, are refused', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    await refuses(() => verbs.find({}, { limt: 1 }), 'limt');
    await refuses(() => verbs.find({}, { orderBy: { wrong: 'asc' } }), 'wrong');
    await refuses(() => verbs.find({}, { orderBy: { count: 'up' } }), 'count');
    await refuses(() => verbs.find({}, { orderBy: { count: 1 } }), 'count');
    await refuses(() => verbs.find({}, { orderBy: 'count' }), 'orderBy');
    for (const path of ['tags', 'detail', 'steps', 'bytes', 'place', 'data']) {
      await refuses(() => verbs.find({}, { orderBy: { [path]: 'asc' } }), path);
      await refuses(() => verbs.distinct(path), path);
    }
    await refuses(() => verbs.find({}, { select: ['wrong'] }), 'select');
    await refuses(() => verbs.find({}, { select: ['steps.name'] }), 'select');
    await refuses(() => verbs.find({}, { select: 'label' }), 'select');
    await refuses(() => verbs.find({}, { reveal: ['label'] }), 'reveal');
    await refuses(() => verbs.find({}, null as never));
    await refuses(() => verbs.find({}, { timeout: 5 }), 'timeout');
    await refuses(() => verbs.distinct('wrong'), 'wrong');
    await refuses(() => verbs.distinct(undefined));
    await refuses(() => verbs.insertMany({ label: 'x' }));
    await refuses(() => verbs.update(ID, { count: 1 }, { version: 1 }), 'version');
    await refuses(() => verbs.updateOne({}, { count: 1 }, { orderBy: { tags: 'asc' } }), 'tags');
    assert.equal(sent.length, 0);
  }),
  law('a hidden field is refused in select, order and distinct', async (given) => {
    const { verbs, sent } = given.watched('Account');
    await refuses(() => verbs.find({}, { select: ['secret'] }), 'select');
    await refuses(() => verbs.find({}, { orderBy: { secret: 'asc' } }), 'secret');
    await refuses(() => verbs.distinct('secret'), 'secret');
    assert.equal(sent.length, 0);
  }),
  law('what the library keeps cannot be patched: the key and the version', async (given) => {
    const { verbs, sent } = given.watched('Account');
    await refuses(() => verbs.update(ID, { version: 1 }), 'version');
    await refuses(() => verbs.update(ID, { version: increment(1) }), 'version');
    await refuses(() => verbs.update(ID, { id: ID }), 'id');
    await refuses(() => verbs.update(ID, { nickname: 'x' }, { version: '1' }), 'version');
    const members = given.watched('Member');
    await refuses(() => members.verbs.update({ group: 1, user: 1 }, { user: 2 }), 'user');
    assert.equal(sent.length + members.sent.length, 0);
  }),
  law('bounds and patterns of fields are checked in drafts and patches', async (given) => {
    const { verbs, sent } = given.watched('Box');
    await refuses(
      () => verbs.insert({ amount: 11, weight: -1, price: '50.01', total: -1n, names: [], inside: { level: 11 } }),
      'amount',
      'weight',
      'price',
      'total',
      'names',
      'inside.level',
    );
    await refuses(() => verbs.insert({ amount: 1, price: '1.234', names: ['a', 'b', 'c', 'd'] }), 'price', 'names');
    await refuses(() => verbs.update(ID, { amount: -1, 'inside.level': 11 }), 'amount', 'inside.level');
    const accounts = given.watched('Account');
    await refuses(() => accounts.verbs.insert({ email: 'nobody', nickname: 'x'.repeat(41) }), 'email', 'nickname');
    assert.equal(sent.length + accounts.sent.length, 0);
  }),
];
