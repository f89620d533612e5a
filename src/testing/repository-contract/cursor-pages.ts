import assert from 'node:assert/strict';
import { AbortedError } from '../../errors/runtime.js';
import { places } from './kinds.js';
import {
  at,
  type ContractCase,
  fails,
  type Given,
  labels,
  law,
  type PositionedPage,
  type Row,
  type Verbs,
} from './kit.js';
import { gte } from './loose.js';

/** Expects that pages of each size, read forwards and then backwards, are the rows of one `find`. */
async function walks(
  verbs: Verbs,
  options: object,
  where: object = {},
  sizes: readonly number[] = [1, 2, 3],
): Promise<void> {
  const found = await verbs.find(where, { ...options, limit: 1000 });
  for (const limit of sizes) {
    const pages: PositionedPage[] = [await verbs.paginateByCursor(where, { ...options, limit })];
    assert.equal(pages[0]!.previous, null);
    for (let next = pages[0]!.next; next !== null; next = pages.at(-1)!.next) {
      pages.push(await verbs.paginateByCursor(where, { ...options, limit, after: next }));
      assert.ok(pages.length <= found.length, 'the walk does not end');
    }
    assert.deepEqual(rowsOf(pages), found, `forwards, ${limit} at a time`);
    const back: PositionedPage[] = [pages.at(-1)!];
    for (let previous = back[0]!.previous; previous !== null; previous = back[0]!.previous) {
      back.unshift(await verbs.paginateByCursor(where, { ...options, limit, before: previous }));
      assert.ok(back.length <= found.length, 'the walk back does not end');
    }
    assert.deepEqual(rowsOf(back), found, `backwards, ${limit} at a time`);
  }
}

function rowsOf(pages: readonly PositionedPage[]): Row[] {
  return pages.flatMap(({ rows }) => rows);
}

const BY_LABEL = { orderBy: { label: 'asc' } };
const tenRows = Array.from({ length: 10 }, (_, i) => ({
  label: String(i),
  count: i % 3 === 0 ? null : i % 2,
  note: `n${i % 4}`,
}));
const tenSamples = (given: Given): Promise<Verbs> => given.samples(...tenRows);

export const cursorPages: readonly ContractCase[] = [
  ...places.map(({ path, values, where }) =>
    law(
      `${where}: pages by cursor are the rows of one \`find\`, in both directions, with equal values and nulls`,
      async (given) => {
        const [low, middle, high] = values;
        const held = [high, null, low, middle, low, null, high, middle];
        const drafts = held.map((value, i) => ({ label: String(i), ...(value === null ? {} : at(path, value)) }));
        const samples = await given.samples(...drafts);
        for (const direction of ['asc', 'desc']) await walks(samples, { orderBy: { [path]: direction } });
      },
    ),
  ),
  law('pages by cursor go through false, true and null, and through choices', async (given) => {
    const held = [true, null, false, true, null, false];
    const samples = await given.samples(
      ...held.map((flag, i) => ({
        label: String(i),
        flag,
        color: i % 2 === 0 ? 'coral' : null,
        detail: { flag, color: 'blue' },
      })),
    );
    for (const path of ['flag', 'color', 'detail.flag', 'detail.color'])
      for (const direction of ['asc', 'desc']) await walks(samples, { orderBy: { [path]: direction } }, {}, [2]);
  }),
  law('pages by cursor follow several terms, in mixed directions, with nulls in each', async (given) => {
    const samples = await tenSamples(given);
    for (const first of ['asc', 'desc'])
      for (const second of ['asc', 'desc']) {
        await walks(samples, { orderBy: { count: first, note: second } });
        await walks(samples, { orderBy: { note: first, count: second, label: first } }, {}, [2]);
        await walks(samples, { orderBy: { 'settings.size': first, 'detail.inner.count': second } }, {}, [3]);
      }
  }),
  law('pages by cursor without an order follow the key', async (given) => {
    const samples = await tenSamples(given);
    await walks(samples, {});
    const { rows } = await samples.paginateByCursor();
    assert.deepEqual(rows, await samples.find({}, { orderBy: { id: 'asc' } }));
  }),
  law(
    'pages by cursor follow a key of several fields, of text and of bigint, also as terms of the order',
    async (given) => {
      const pairs = [1, 2, 3].flatMap((group) =>
        [1, 2, 3].map((user) => ({ group, user, role: user === 2 ? 'x' : null })),
      );
      const members = await given.members(...pairs);
      for (const orderBy of [
        {},
        { role: 'desc' },
        { group: 'desc' },
        { user: 'asc', group: 'desc' },
        { user: 'desc', group: 'asc', role: 'asc' },
      ])
        await walks(members, { orderBy }, {}, [1, 4]);
      await walks(await given.tickets(...['b', '', 'a', 'é', '\u{1f600}', '\uffff'].map((code) => ({ code }))), {});
      const numbers = [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 0n];
      await walks(
        await given.numbered(...numbers.map((number) => ({ number }))),
        { orderBy: { title: 'desc' } },
        {},
        [1],
      );
    },
  ),
  law('pages by cursor stay within their filter', async (given) => {
    const samples = await tenSamples(given);
    await walks(samples, { orderBy: { count: 'desc' } }, { label: gte('4') });
    await walks(samples, { orderBy: { note: 'asc' } }, { note: 'n1' });
    const [row] = await samples.find({ label: '5' });
    const pinned = await samples.paginateByCursor({ id: row!['id'] }, { orderBy: { count: 'asc' } });
    assert.deepEqual(pinned, { rows: [row], next: null, previous: null });
  }),
  law('a cursor loses no digit of any value', async (given) => {
    const near: Readonly<Record<string, readonly unknown[]>> = {
      big: [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 2n, 2n ** 63n - 1n],
      amount: [
        '1.1',
        '1.1000000000000000000000000001',
        '1.1000000000000000000000000002',
        '12345678901234567890.1234567',
      ],
      at: [0, 1, 1_700_000_000_123, 1_700_000_000_124].map((each) => new Date(each)),
      ratio: [0.1 + 0.2, 0.3, 5e-324, 1e300],
      count: [2 ** 53 - 2, 2 ** 53 - 1, -(2 ** 53) + 1, 0],
      note: ['', '\u{1f600}', '\uffff', 'a\\"\n\u2028'],
    };
    for (const [path, values] of Object.entries(near)) {
      const samples = await given.samples(
        ...values.map((value, i) => ({ label: String(i), [path]: value, detail: { [path]: value } })),
      );
      for (const orderBy of [{ [path]: 'asc' }, { [`detail.${path}`]: 'desc' }])
        await walks(samples, { orderBy }, {}, [1]);
    }
  }),
  law('rows that come and go between two pages neither repeat a row nor lose one', async (given) => {
    const samples = await tenSamples(given);
    const first = await samples.paginateByCursor({}, { ...BY_LABEL, limit: 4 });
    // The row of the cursor itself goes; rows come before it and behind it.
    await samples.deleteMany({ label: '3' });
    await samples.insertMany([{ label: '00' }, { label: '25' }, { label: '45' }]);
    const second = await samples.paginateByCursor({}, { ...BY_LABEL, limit: 4, after: first.next });
    assert.deepEqual(labels(second.rows), ['4', '45', '5', '6']);
    const back = await samples.paginateByCursor({}, { ...BY_LABEL, limit: 3, before: second.previous });
    assert.deepEqual(labels(back.rows), ['1', '2', '25']);
    await samples.deleteMany({ label: gte('7') });
    const empty = await samples.paginateByCursor({}, { ...BY_LABEL, after: second.next });
    assert.deepEqual(empty, { rows: [], next: null, previous: null });
  }),
  law('`before` gives the page before, in the same order, and both ends are known', async (given) => {
    const samples = await tenSamples(given);
    const page = (options: object) => samples.paginateByCursor({}, { ...BY_LABEL, limit: 4, ...options });
    const first = await page({});
    const second = await page({ after: first.next });
    const third = await page({ after: second.next });
    assert.deepEqual(labels(third.rows), ['8', '9']);
    assert.equal(third.next, null);
    const back = await page({ before: third.previous });
    assert.deepEqual(back, second);
    assert.deepEqual(await page({ before: back.previous }), { ...first, previous: null });
  }),
  law('pages by cursor see deleted rows as they are asked to', async (given) => {
    const accounts = await given.accounts(
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((each) => ({ email: `${each}@example.org` })),
    );
    for (const each of ['b', 'e'])
      await accounts.delete((await accounts.findOne({ email: `${each}@example.org` }))!['id']);
    for (const deleted of [undefined, 'with', 'only'])
      for (const orderBy of [{ email: 'asc' }, { deletedAt: 'desc' }, { deletedAt: 'asc', email: 'desc' }])
        await walks(accounts, { orderBy, deleted });
  }),
  law('a page has what `select` names, whatever the order reads', async (given) => {
    const accounts = await given.accounts(
      ...[3, 1, 2].map((balance) => ({ email: `${balance}@example.org`, nickname: 'n', secret: 's', balance })),
    );
    for (const options of [
      { select: ['email'] },
      { select: ['title'] },
      { reveal: ['secret'] },
      { select: ['email'], reveal: ['secret'] },
    ]) {
      await walks(accounts, { ...options, orderBy: { balance: 'desc', createdAt: 'asc' } }, {}, [1, 2]);
    }
    const samples = await given.samples(
      { label: 'x', detail: { count: 1, note: 'n' } },
      { label: 'y', detail: { count: 2 } },
    );
    const { rows } = await samples.paginateByCursor(
      {},
      { select: ['detail.note'], orderBy: { 'detail.count': 'asc', 'settings.size': 'asc' } },
    );
    assert.deepEqual(rows, [{ detail: { note: 'n' } }, { detail: { note: null } }]);
  }),
  law('a call by cursor whose signal is aborted already throws AbortedError', async (given) => {
    const samples = await tenSamples(given);
    const signal = AbortSignal.abort();
    await fails(() => samples.paginate({}, { signal }), AbortedError);
    await fails(() => samples.paginateByCursor({}, { signal }), AbortedError);
    const options = { signal: new AbortController().signal, timeout: '1h', limit: 3 };
    assert.equal((await samples.paginate({}, options)).total, 10);
    assert.equal((await samples.paginateByCursor({}, options)).rows.length, 3);
  }),
];
