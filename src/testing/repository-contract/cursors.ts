import assert from 'node:assert/strict';
import { ValidationError } from '../../errors/data.js';
import { Account, Sample } from './entities.js';
import { type ContractCase, fails, type Given, law, refuses, verbsOf } from './kit.js';

const KEY = 'sixteen bytes or more';
const ORDER = { note: 'asc', big: 'desc' } as const;

/** What a cursor holds. */
function opened(cursor: string): unknown[] {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString());
}

function sealed(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

async function cursorOf(given: Given, orderBy: object = ORDER): Promise<string> {
  const samples = await given.samples(
    { label: 'a', note: 'x', big: 1n, at: new Date(0) },
    { label: 'b', note: 'y', big: 2n },
  );
  const { next } = await samples.paginateByCursor({}, { orderBy, limit: 1 });
  assert.ok(next !== null && /^[\w-]+$/.test(next), 'a cursor is a text for URLs');
  return next;
}

export const cursors: readonly ContractCase[] = [
  law('a cursor of another order or of another entity is refused, where it was given', async (given) => {
    const cursor = await cursorOf(given);
    const { verbs, sent } = given.watched('Sample');
    for (const orderBy of [
      { note: 'asc' },
      { note: 'asc', big: 'asc' },
      { big: 'desc', note: 'asc' },
      { note: 'desc', big: 'desc' },
      {},
      { label: 'asc', big: 'desc' },
    ]) {
      await refuses(() => verbs.paginateByCursor({}, { orderBy, after: cursor }), 'after');
      await refuses(() => verbs.paginateByCursor({}, { orderBy, before: cursor }), 'before');
    }
    const accounts = given.watched('Account');
    const byKey = await cursorOf(given, {});
    await refuses(() => accounts.verbs.paginateByCursor({}, { after: byKey }), 'after');
    assert.equal(sent.length + accounts.sent.length, 0);
  }),
  law('what is no cursor is refused, and never shown in the message', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    const parts = opened(await cursorOf(given));
    const wrong = [
      ...['', 'no cursor', 'e30', 'bnVsbA', 'WzFd', '\u{1f600}', sealed({}), sealed([]), sealed(null)],
      ...[null, 5, {}, ['x'], true, Symbol.iterator],
      sealed(parts.slice(0, -1)),
      sealed([...parts, 'more']),
      `${sealed(parts)}=`,
      ` ${sealed(parts)}`,
      `${sealed(parts)}.x`,
    ];
    for (const after of wrong) {
      await fails(
        () => verbs.paginateByCursor({}, { orderBy: ORDER, after }),
        ValidationError,
        (error) => {
          assert.deepEqual(
            error.issues.map(({ path }) => path),
            ['after'],
          );
          if (typeof after === 'string' && after.length > 8) assert.ok(!error.message.includes(after));
        },
      );
    }
    assert.equal(sent.length, 0);
  }),
  law('a cursor with a value that its field cannot have is refused', async (given) => {
    const parts = opened(await cursorOf(given));
    const { verbs, sent } = given.watched('Sample');
    const [mark, note, big, id] = parts;
    for (const changed of [
      [mark, { $ne: null }, big, id],
      [mark, 1, big, id],
      [mark, 'a\0', big, id],
      [mark, ['x'], big, id],
      [mark, note, 1, id],
      [mark, note, '9223372036854775808', id],
      [mark, note, '1e3', id],
      [mark, note, big, null],
      [mark, note, big, 'no uuid'],
      [mark, note, big, { $gt: '' }],
    ])
      await refuses(() => verbs.paginateByCursor({}, { orderBy: ORDER, after: sealed(changed) }), 'after');
    for (const [path, values] of Object.entries({
      at: ['1970', 1e20, {}],
      amount: [1, '1e9', 'NaN', '01'],
      day: ['2024-02-30', 0],
      flag: ['true', 0],
      ratio: ['NaN', 'Infinity'],
      ref: [1],
    })) {
      const [other, , key] = opened(await cursorOf(given, { [path]: 'asc' }));
      for (const value of values)
        await refuses(
          () => verbs.paginateByCursor({}, { orderBy: { [path]: 'asc' }, after: sealed([other, value, key]) }),
          'after',
        );
    }
    assert.equal(sent.length, 0);
  }),
  law('`after` and `before` together are refused', async (given) => {
    const cursor = await cursorOf(given);
    const { verbs, sent } = given.watched('Sample');
    await refuses(() => verbs.paginateByCursor({}, { orderBy: ORDER, after: cursor, before: cursor }), 'before');
    assert.equal(sent.length, 0);
  }),
  law('pages by cursor are not ordered by a hidden field, and no cursor holds one', async (given) => {
    const accounts = await given.accounts(
      ...['a', 'b'].map((each) => ({ email: `${each}@example.org`, secret: 'never told' })),
    );
    await refuses(() => accounts.paginateByCursor({}, { orderBy: { secret: 'asc' } }), 'secret');
    const { next } = await accounts.paginateByCursor({}, { limit: 1, reveal: ['secret'], orderBy: { email: 'asc' } });
    assert.equal(opened(next!)[1], 'a@example.org');
    assert.ok(!JSON.stringify(opened(next!)).includes('never told'));
  }),
  law(
    'with a key, a cursor is signed: one that was changed, is not signed or is signed by another key is refused',
    async (given) => {
      const plain = await cursorOf(given);
      const signed = verbsOf(given.database, Sample, { cursorKey: KEY });
      const { next, rows } = await signed.paginateByCursor({}, { orderBy: ORDER, limit: 1 });
      assert.equal(rows.length, 1);
      const after = await signed.paginateByCursor({}, { orderBy: ORDER, limit: 1, after: next });
      assert.deepEqual(
        after.rows.map((row) => row['label']),
        ['b'],
      );
      const bytes = verbsOf(given.database, Sample, { cursorKey: new TextEncoder().encode(KEY) });
      assert.deepEqual(await bytes.paginateByCursor({}, { orderBy: ORDER, limit: 1, after: next }), after);
      const [body = '', signature = ''] = next!.split('.');
      const parts = opened(body);
      const changed = sealed([parts[0], 'z', ...parts.slice(2)]);
      for (const wrong of [
        plain,
        body,
        `${body}.`,
        `.${signature}`,
        signature,
        `${changed}.${signature}`,
        `${body}.${signature}x`,
        `${next}.${signature}`,
      ])
        await refuses(() => signed.paginateByCursor({}, { orderBy: ORDER, after: wrong }), 'after');
      const other = verbsOf(given.database, Sample, { cursorKey: `another ${KEY}` });
      await refuses(() => other.paginateByCursor({}, { orderBy: ORDER, after: next }), 'after');
      const unsigned = verbsOf(given.database, Sample);
      await refuses(() => unsigned.paginateByCursor({}, { orderBy: ORDER, after: next }), 'after');
      const accounts = verbsOf(given.database, Account, { cursorKey: KEY });
      await refuses(() => accounts.paginateByCursor({}, { after: next }), 'after');
    },
  ),
  law('a key that is no text or bytes, or too short, is refused', async (given) => {
    for (const cursorKey of ['', 'short', new Uint8Array(15), 5, null, {}])
      assert.throws(() => verbsOf(given.database, Sample, { cursorKey }), TypeError);
  }),
];
