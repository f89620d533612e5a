import assert from 'node:assert/strict';
import type { Database } from '../../core/ports.js';
import { Ticket } from './entities.js';
import { type ContractCase, labels, law, refuses, type Verbs, verbsOf } from './kit.js';
import { lt } from './loose.js';
import { noting } from './noting.js';

const tenRows = Array.from({ length: 10 }, (_, i) => ({ label: String(i), count: i % 3 }));
const BY_LABEL = { orderBy: { label: 'asc' } };
const many = Array.from({ length: 10_002 }, (_, i) => ({ code: String(i).padStart(5, '0') }));

/** The same rows through a database that counts what it is asked. */
function counted(database: Database, ...drafts: readonly object[]): { verbs: Promise<Verbs>; asked: string[] } {
  const asked: string[] = [];
  const watched = noting(database, ({ kind }) => asked.push(kind));
  const verbs = verbsOf(watched, Ticket);
  const ready = async () => {
    await verbs.deleteMany({}, { all: true });
    await verbs.insertMany(drafts);
    asked.length = 0;
    return verbs;
  };
  return { verbs: ready(), asked };
}

export const numberedPages: readonly ContractCase[] = [
  law(
    '`paginate` gives the rows of a page, how many rows and pages there are, and what is beside it',
    async (given) => {
      const samples = await given.samples(...tenRows);
      const first = await samples.paginate({}, { ...BY_LABEL, limit: 4 });
      assert.deepEqual(labels(first.rows), ['0', '1', '2', '3']);
      const { rows: _, ...told } = first;
      const expected = { total: 10, totalIsExact: true, page: 1, pages: 3, hasNext: true, hasPrevious: false };
      assert.deepEqual(told, expected);
      const second = await samples.paginate({}, { ...BY_LABEL, page: 2, limit: 4 });
      assert.deepEqual(labels(second.rows), ['4', '5', '6', '7']);
      assert.deepEqual([second.page, second.hasNext, second.hasPrevious], [2, true, true]);
      const third = await samples.paginate({}, { ...BY_LABEL, page: 3, limit: 4 });
      assert.deepEqual(labels(third.rows), ['8', '9']);
      assert.deepEqual([third.total, third.pages, third.hasNext, third.hasPrevious], [10, 3, false, true]);
    },
  ),
  law('`paginate` gives page 1 of 20 rows without options', async (given) => {
    const samples = await given.samples(...Array.from({ length: 21 }, (_, i) => ({ label: String(i) })));
    const { rows, total, page, pages, hasNext } = await samples.paginate();
    assert.deepEqual([rows.length, total, page, pages, hasNext], [20, 21, 1, 2, true]);
  }),
  law('`paginate` knows that a page that is full is the last one', async (given) => {
    const samples = await given.samples(...tenRows);
    const { rows, hasNext, pages } = await samples.paginate({}, { ...BY_LABEL, page: 2, limit: 5 });
    assert.deepEqual([rows.length, hasNext, pages], [5, false, 2]);
  }),
  law(
    'a page behind the end is empty and still tells how many rows there are; no rows make no pages',
    async (given) => {
      const samples = await given.samples(...tenRows);
      const behind = await samples.paginate({}, { page: 9, limit: 4 });
      const expected = {
        rows: [],
        total: 10,
        totalIsExact: true,
        page: 9,
        pages: 3,
        hasNext: false,
        hasPrevious: true,
      };
      assert.deepEqual(behind, expected);
      for (const count of ['exact', 'capped', 'estimated']) {
        const none = await samples.paginate({ label: 'no such label' }, { count });
        assert.deepEqual([none.rows, none.total, none.pages, none.hasNext], [[], 0, 0, false]);
      }
    },
  ),
  law('`paginate` counts the rows of its filter and of those that are not deleted', async (given) => {
    const samples = await given.samples(...tenRows);
    assert.equal((await samples.paginate({ count: lt(2) }, { limit: 2 })).total, 7);
    const accounts = await given.accounts(...['a', 'b', 'c', 'd'].map((each) => ({ email: `${each}@example.org` })));
    await accounts.delete((await accounts.findOne({ email: 'a@example.org' }))!['id']);
    assert.equal((await accounts.paginate({}, { limit: 1 })).total, 3);
    assert.equal((await accounts.paginate({}, { limit: 1, count: 'estimated' })).total, 3);
    assert.equal((await accounts.paginate({}, { limit: 1, deleted: 'with' })).total, 4);
    assert.equal((await accounts.paginate({}, { limit: 1, deleted: 'only' })).total, 1);
  }),
  law('`paginate` without a count knows nevertheless whether there is a next page', async (given) => {
    const samples = await given.samples(...tenRows);
    const page = await samples.paginate({}, { ...BY_LABEL, limit: 5, count: 'none' });
    assert.deepEqual(
      [page.rows.length, page.total, page.pages, page.totalIsExact, page.hasNext],
      [5, null, null, false, true],
    );
    const last = await samples.paginate({}, { ...BY_LABEL, page: 2, limit: 5, count: 'none' });
    assert.deepEqual([last.rows.length, last.total, last.hasNext], [5, null, false]);
  }),
  law('a capped count ends at 10,000, and says so; below it is exact', async (given) => {
    const tickets = await given.tickets(...many);
    const capped = await tickets.paginate({}, { count: 'capped' });
    assert.deepEqual([capped.total, capped.totalIsExact, capped.pages, capped.hasNext], [10_000, false, 500, true]);
    const filtered = await tickets.paginate({ title: null }, { count: 'estimated' });
    assert.deepEqual([filtered.total, filtered.totalIsExact], [10_000, false]);
    const exact = await tickets.paginate();
    assert.deepEqual([exact.total, exact.totalIsExact, exact.pages], [10_002, true, 501]);
    const below = await tickets.paginate({ code: lt('10000') }, { count: 'capped' });
    assert.deepEqual([below.total, below.totalIsExact], [10_000, true]);
    // What the rows themselves tell goes before the cap.
    const deep = await tickets.paginate({}, { count: 'capped', page: 500 });
    assert.deepEqual([deep.total, deep.totalIsExact, deep.pages, deep.hasNext], [10_001, false, 501, true]);
    const estimated = await tickets.paginate({}, { count: 'estimated', page: 500 });
    assert.ok(estimated.total! >= 10_001, 'an estimate is less than what the rows show');
    assert.deepEqual([estimated.totalIsExact, estimated.hasNext], [false, true]);
    const end = await tickets.paginate({}, { count: 'capped', page: 501 });
    assert.deepEqual([end.total, end.totalIsExact, end.rows.length, end.hasNext], [10_002, true, 2, false]);
  }),
  law(
    '`paginate` asks once where the rows tell their number, or nobody wants to know it, and twice otherwise',
    async (given) => {
      const { verbs, asked } = counted(given.database, ...many.slice(0, 5));
      const tickets = await verbs;
      await tickets.paginate();
      await tickets.paginate({}, { page: 3, limit: 2 });
      await tickets.paginate({}, { limit: 2, count: 'none' });
      assert.deepEqual(asked, ['find', 'find', 'find']);
      await tickets.paginate({}, { limit: 2 });
      assert.deepEqual(asked.slice(3), ['find', 'count']);
    },
  ),
  law('`paginate` takes `select`, `reveal` and an order as `find` does', async (given) => {
    const accounts = await given.accounts({ email: 'a@example.org', secret: 's' }, { email: 'b@example.org' });
    const options = { select: ['email'], reveal: ['secret'], orderBy: { email: 'desc' } };
    const { rows } = await accounts.paginate({}, options);
    assert.deepEqual(rows, await accounts.find({}, options));
    assert.deepEqual(rows[1], { email: 'a@example.org', secret: 's' });
    const [computed] = (await accounts.paginate({}, { select: ['title'], limit: 1 })).rows;
    assert.deepEqual(Object.keys(computed!), ['title']);
  }),
  law('pages that are none are refused before anything is asked', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    for (const value of [0, -1, 1.5, Number.NaN, '3', null, 2 ** 53]) {
      await refuses(() => verbs.paginate({}, { page: value }), 'page');
      await refuses(() => verbs.paginate({}, { limit: value }), 'limit');
      await refuses(() => verbs.paginateByCursor({}, { limit: value }), 'limit');
    }
    await refuses(() => verbs.paginate({}, { page: Number.MAX_SAFE_INTEGER, limit: 2 }), 'page');
    for (const count of ['all', true, null, 5]) await refuses(() => verbs.paginate({}, { count }), 'count');
    await refuses(() => verbs.paginate({}, { offset: 3 }), 'offset');
    await refuses(() => verbs.paginate({}, { after: 'x' }), 'after');
    await refuses(() => verbs.paginateByCursor({}, { page: 2 }), 'page');
    await refuses(() => verbs.paginate({ wrong: 1 }, { orderBy: { wrong: 'asc' } }), 'wrong');
    assert.equal(sent.length, 0);
  }),
];
