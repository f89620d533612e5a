import assert from 'node:assert/strict';
import { type ContractCase, labels, law, refuses } from './kit.js';
import { gte } from './loose.js';

const tenRows = Array.from({ length: 10 }, (_, i) => ({ label: String(i), count: i % 3 === 0 ? null : i % 2 }));
const BY_LABEL = { orderBy: { label: 'asc' } };

export const paging: readonly ContractCase[] = [
  law('`limit` takes the first rows of the order, `offset` leaves some out before', async (given) => {
    const samples = await given.samples(...tenRows);
    const page = async (limit?: number, offset?: number) =>
      labels(await samples.find({}, { ...BY_LABEL, limit, offset })).join('');
    assert.equal(await page(1), '0');
    assert.equal(await page(3), '012');
    assert.equal(await page(3, 0), '012');
    assert.equal(await page(3, 4), '456');
    assert.equal(await page(undefined, 8), '89');
    assert.equal(await page(100), '0123456789');
    assert.equal(await page(3, 9), '9');
    assert.equal(await page(3, 10), '');
    assert.equal(await page(undefined, 1000), '');
  }),
  law('`limit: 0` gives no rows', async (given) => {
    const samples = await given.samples(...tenRows);
    assert.deepEqual(await samples.find({}, { limit: 0 }), []);
    assert.deepEqual(await samples.find({}, { limit: 0, offset: 2, ...BY_LABEL }), []);
  }),
  law('`limit: 0` asks no server', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    assert.deepEqual(await verbs.find({}, { limit: 0 }), []);
    assert.equal(sent.length, 0);
  }),
  law('pages of an order that does not tell all rows apart lose none and repeat none', async (given) => {
    const samples = await given.samples(...tenRows);
    for (const orderBy of [{ count: 'asc' }, { count: 'desc' }, { flag: 'asc' }]) {
      const seen: string[] = [];
      for (let offset = 0; offset < 10; offset += 3)
        seen.push(...labels(await samples.find({}, { orderBy, limit: 3, offset })));
      assert.deepEqual(
        seen.sort(),
        tenRows.map((row) => row.label),
      );
    }
  }),
  law('pages without an order lose no row and repeat none', async (given) => {
    const samples = await given.samples(...tenRows);
    const seen: string[] = [];
    for (let offset = 0; offset < 10; offset += 4) seen.push(...labels(await samples.find({}, { limit: 4, offset })));
    assert.deepEqual(
      seen.sort(),
      tenRows.map((row) => row.label),
    );
  }),
  law('`limit` and `offset` count the rows of the filter, not of the table', async (given) => {
    const samples = await given.samples(...tenRows);
    const found = await samples.find({ label: gte('5') }, { ...BY_LABEL, limit: 2, offset: 1 });
    assert.deepEqual(labels(found), ['6', '7']);
  }),
  law('`findOne` gives the first row of its order', async (given) => {
    const samples = await given.samples(...tenRows);
    assert.equal((await samples.findOne({}, { orderBy: { label: 'desc' } }))?.['label'], '9');
    assert.equal((await samples.findOne({ count: null }, BY_LABEL))?.['label'], '0');
  }),
  law('a negative, fractional or wrongly typed `limit` or `offset` is refused', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', null, 2 ** 53]) {
      await refuses(() => verbs.find({}, { limit: value }), 'limit');
      await refuses(() => verbs.find({}, { offset: value }), 'offset');
    }
    assert.equal(sent.length, 0);
  }),
];
