import assert from 'node:assert/strict';
import { QueryError } from '../../errors/runtime.js';
import { places } from './kinds.js';
import { at, type ContractCase, fails, law } from './kit.js';
import {
  anyOf,
  avg,
  between,
  bucket,
  count,
  countDistinct,
  each,
  eq,
  gt,
  gte,
  has,
  lt,
  lte,
  max,
  min,
  ne,
  noneOf,
  sum,
} from './loose.js';

const moment = (text: string) => new Date(`${text}Z`);

export const grouping: readonly ContractCase[] = [
  law('`groupBy` gives a row for each value, null too, in the order of the keys', async (given) => {
    const samples = await given.samples(
      ...['b', null, 'a', 'b', null, 'B'].map((note, i) => ({ label: String(i), note })),
    );
    assert.deepEqual(await samples.groupBy(['note'], { rows: count() }), [
      { note: null, rows: 2 },
      { note: 'B', rows: 1 },
      { note: 'a', rows: 1 },
      { note: 'b', rows: 2 },
    ]);
  }),
  law('`groupBy` of two keys gives a row for each pair that occurs', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 1, detail: { flag: true } },
      { label: 'b', count: 1, detail: { flag: false } },
      { label: 'c', count: 1, detail: { flag: true } },
      { label: 'd', count: 1 },
      { label: 'e', detail: { flag: true } },
    );
    assert.deepEqual(await samples.groupBy(['count', 'detail.flag'], { n: count() }), [
      { count: null, 'detail.flag': true, n: 1 },
      { count: 1, 'detail.flag': null, n: 1 },
      { count: 1, 'detail.flag': false, n: 1 },
      { count: 1, 'detail.flag': true, n: 2 },
    ]);
  }),
  law('an object that is null and a field in it that is null are one group', async (given) => {
    const samples = await given.samples(
      { label: 'a' },
      { label: 'b', detail: {} },
      { label: 'c', detail: { inner: {} } },
      { label: 'd', detail: { inner: { note: 'x' } } },
    );
    assert.deepEqual(await samples.groupBy(['detail.inner.note'], { n: count() }), [
      { 'detail.inner.note': null, n: 3 },
      { 'detail.inner.note': 'x', n: 1 },
    ]);
  }),
  ...places.map(({ path, where, values, ordered }) =>
    law(`${where} is a key, is counted, and has a least and a greatest value, as its own type`, async (given) => {
      const [low, middle, high] = values;
      const samples = await given.samples(
        ...[middle, high, null, low, high].map((value, i) => ({ label: String(i), ...at(path, value) })),
      );
      assert.deepEqual(await samples.groupBy([path], { n: count() }), [
        { [path]: null, n: 1 },
        { [path]: low, n: 1 },
        { [path]: middle, n: 1 },
        { [path]: high, n: 2 },
      ]);
      assert.deepEqual(await samples.groupBy([], { n: countDistinct(path) }), [{ n: 3 }]);
      if (!ordered) return;
      const ends = { low: min(path), high: max(path) };
      assert.deepEqual(await samples.groupBy([], ends), [{ low, high }]);
      assert.deepEqual(await samples.groupBy([], ends, { having: { low, high: gt(middle) } }), [{ low, high }]);
      assert.deepEqual(await samples.groupBy([], ends, { having: { high: lt(high) } }), []);
      assert.deepEqual(await samples.groupBy([], ends, { where: { [path]: null } }), [{ low: null, high: null }]);
    }),
  ),
  law('keys without a measure give what occurs', async (given) => {
    const members = await given.members({ group: 1, user: 1 }, { group: 1, user: 2 }, { group: 2, user: 1 });
    assert.deepEqual(await members.groupBy(['group'], {}), [{ group: 1 }, { group: 2 }]);
  }),
  law('a measure of nothing: `count`, `countDistinct` and `sum` are 0, `avg`, `min` and `max` null', async (given) => {
    const samples = await given.samples({ label: 'a' });
    const measures = {
      rows: count(),
      different: countDistinct('count'),
      total: sum('count'),
      real: sum('ratio'),
      big: sum('big'),
      decimal: sum('detail.amount'),
      mean: avg('amount'),
      least: min('note'),
      greatest: max('detail.at'),
    };
    const nothing = { different: 0, total: 0, real: 0, big: 0n, decimal: '0', mean: null, least: null, greatest: null };
    assert.deepEqual(await samples.groupBy(['label'], measures), [{ label: 'a', rows: 1, ...nothing }]);
    assert.deepEqual(await samples.groupBy([], measures), [{ rows: 1, ...nothing }]);
    assert.deepEqual(await samples.groupBy([], measures, { where: { label: 'b' } }), [{ rows: 0, ...nothing }]);
    assert.deepEqual(await samples.groupBy(['label'], measures, { where: { label: 'b' } }), []);
  }),
  law('without keys there is one row, unless `having` refuses it', async (given) => {
    const samples = await given.samples();
    assert.deepEqual(await samples.groupBy([], { n: count() }, { having: { n: 0 } }), [{ n: 0 }]);
    assert.deepEqual(await samples.groupBy([], { n: count() }, { having: { n: gt(0) } }), []);
    assert.deepEqual(await samples.groupBy([], { n: count() }, { limit: 0 }), []);
    assert.deepEqual(await samples.groupBy([], { n: count() }, { offset: 1 }), []);
  }),
  law('nulls do not count for any measure but `count`', async (given) => {
    const samples = await given.samples(
      ...[1, null, 4, 4].map((value, i) => ({ label: String(i), count: value, detail: { count: value } })),
    );
    const measures = { n: count(), d: countDistinct('count'), s: sum('detail.count'), a: avg('count') };
    assert.deepEqual(await samples.groupBy([], measures), [{ n: 4, d: 2, s: 9, a: 3 }]);
  }),
  law('sums of integers, bigints and decimals are exact, each in its own type', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 2 ** 31, big: 2n ** 63n - 1n, amount: '12345678901234567890.1' },
      { label: 'b', count: 2 ** 31, big: 2n ** 63n - 1n, amount: '0.00000000000001' },
      { label: 'c', count: -1, big: 3n, amount: '0.9' },
    );
    assert.deepEqual(await samples.groupBy([], { n: sum('count'), b: sum('big'), d: sum('amount') }), [
      { n: 2 ** 32 - 1, b: 2n ** 64n + 1n, d: '12345678901234567891.00000000000001' },
    ]);
  }),
  law('`avg` is the exact sum over the count', async (given) => {
    const most = Number.MAX_SAFE_INTEGER;
    const samples = await given.samples(
      { label: 'a', count: most, big: 2n ** 63n - 1n, amount: '0.1', ratio: 1 },
      { label: 'b', count: most, big: 2n ** 63n - 1n, amount: '0.2', ratio: 2 },
      { label: 'c', count: -most, big: 2n ** 63n - 1n, amount: '0.3', ratio: 0 },
    );
    assert.deepEqual(await samples.groupBy([], { n: avg('count'), b: avg('big'), d: avg('amount'), r: avg('ratio') }), [
      { n: most / 3, b: Number(3n * (2n ** 63n - 1n)) / 3, d: 0.6 / 3, r: 1 },
    ]);
  }),
  law('sums and means of reals are near the true ones', async (given) => {
    const samples = await given.samples(...Array.from({ length: 10 }, (_, i) => ({ label: String(i), ratio: 0.1 })));
    const [row] = await samples.groupBy([], { s: sum('ratio'), a: avg('ratio') });
    assert.ok(Math.abs(row!['s'] - 1) < 1e-9);
    assert.ok(Math.abs(row!['a'] - 0.1) < 1e-9);
  }),
  law('a sum of integers that no number holds is a QueryError that names it', async (given) => {
    const most = Number.MAX_SAFE_INTEGER;
    const samples = await given.samples({ label: 'a', count: most }, { label: 'b', detail: { count: most } });
    assert.deepEqual(await samples.groupBy([], { s: sum('count') }), [{ s: most }]);
    await samples.insert({ label: 'c', count: 1 });
    await fails(
      () => samples.groupBy([], { total: sum('count') }),
      QueryError,
      (error) => assert.match(error.message, /`total`.*2\^53.*`bigint\(\)`/),
    );
    assert.deepEqual(await samples.groupBy([], { s: sum('count') }, { where: { label: ne('c') } }), [{ s: most }]);
  }),
  law('a sum of reals that no real holds is a QueryError', async (given) => {
    const samples = await given.samples({ label: 'a', ratio: 1.7e308 }, { label: 'b', ratio: 1.7e308 });
    await fails(() => samples.groupBy([], { s: sum('ratio') }), QueryError);
    await fails(() => samples.groupBy([], { s: avg('ratio') }), QueryError);
    assert.equal((await samples.groupBy(['label'], { s: sum('ratio') })).length, 2);
  }),
  law('`each` counts a row once for every item, and leaves out rows without one', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 1, tags: ['x', 'y', 'x'], detail: { tags: ['null', 'É'] }, scores: [10, 9] },
      { label: 'b', count: 2, tags: ['y'], times: [moment('2024-02-29T00:00:00.001')], amounts: ['1.5', '1.50'] },
      { label: 'c', count: 4, tags: [], detail: { tags: [] } },
      { label: 'd', count: 8, detail: {} },
    );
    assert.deepEqual(await samples.groupBy([each('tags')], { n: count(), s: sum('count') }), [
      { tags: 'x', n: 2, s: 2 },
      { tags: 'y', n: 2, s: 3 },
    ]);
    const one = async (path: string) => (await samples.groupBy([each(path)], {})).map((row) => row[path]);
    assert.deepEqual(await one('detail.tags'), ['null', 'É']);
    assert.deepEqual(await one('scores'), [9, 10]);
    assert.deepEqual(await one('times'), [moment('2024-02-29T00:00:00.001')]);
    assert.deepEqual(await one('amounts'), ['1.5']);
    assert.deepEqual(await one('refs'), []);
  }),
  law('`each` of two lists gives every pair, and stands beside other keys', async (given) => {
    const samples = await given.samples(
      { label: 'a', tags: ['x', 'y'], scores: [1, 2] },
      { label: 'b', tags: ['x'], scores: [1] },
      { label: 'c', tags: ['x'] },
    );
    const pairs = await samples.groupBy([each('tags'), each('scores')], { n: count() });
    assert.deepEqual(
      pairs.map((row) => `${row['tags']}${row['scores']}:${row['n']}`),
      ['x1:2', 'x2:1', 'y1:1', 'y2:1'],
    );
    const beside = await samples.groupBy(['label', each('tags')], { n: count() }, { where: { tags: has('y') } });
    assert.deepEqual(beside, [
      { label: 'a', tags: 'x', n: 1 },
      { label: 'a', tags: 'y', n: 1 },
    ]);
  }),
  law('`having` takes values and comparisons of every measure, all of which must hold', async (given) => {
    const samples = await given.samples(
      ...['a', 'b', 'b', 'c', 'c', 'c'].map((note, i) => ({ label: String(i), note, count: i, amount: `${i}.5` })),
      { label: 'none', note: 'd' },
    );
    const measures = { n: count(), s: sum('amount'), a: avg('count'), m: max('amount') };
    const found = async (having: object) =>
      (await samples.groupBy(['note'], measures, { having })).map((row) => row['note']).join('');
    assert.equal(await found({}), 'abcd');
    assert.equal(await found({ n: 2 }), 'b');
    assert.equal(await found({ n: eq(1) }), 'ad');
    assert.equal(await found({ n: ne(1) }), 'bc');
    assert.equal(await found({ n: gte(2), a: lt(4) }), 'b');
    assert.equal(await found({ n: anyOf(1, 3) }), 'acd');
    assert.equal(await found({ n: anyOf() }), '');
    assert.equal(await found({ n: noneOf(1, 3) }), 'b');
    assert.equal(await found({ s: gt('4') }), 'c');
    assert.equal(await found({ s: '0' }), 'd');
    assert.equal(await found({ a: between(1, 1.5) }), 'b');
    assert.equal(await found({ a: null }), 'd');
    assert.equal(await found({ a: ne(4) }), 'abd');
    assert.equal(await found({ m: lte('2.50') }), 'ab');
  }),
  law('groups are ordered by keys and measures, and the other keys break ties', async (given) => {
    const samples = await given.samples(
      ...['b', 'a', 'c', 'c', 'd'].map((note, i) => ({ label: String(i), note, count: note === 'd' ? null : i })),
    );
    const order = async (orderBy: object, options: object = {}) => {
      const rows = await samples.groupBy(['note'], { n: count(), m: min('count') }, { orderBy, ...options });
      return rows.map((row) => row['note']).join('');
    };
    assert.equal(await order({}), 'abcd');
    assert.equal(await order({ note: 'desc' }), 'dcba');
    assert.equal(await order({ n: 'asc' }), 'abdc');
    assert.equal(await order({ n: 'desc' }), 'cdba');
    assert.equal(await order({ n: 'desc', note: 'asc' }), 'cabd');
    assert.equal(await order({ m: 'asc' }), 'dbac');
    assert.equal(await order({ m: 'desc' }), 'cabd');
    assert.equal(await order({ n: 'desc' }, { limit: 2 }), 'cd');
    assert.equal(await order({ n: 'desc' }, { limit: 2, offset: 1 }), 'db');
    assert.equal(await order({ n: 'desc' }, { offset: 3 }), 'a');
    assert.equal(await order({}, { limit: 0 }), '');
  }),
  law('deleted rows are left out, unless the call asks', async (given) => {
    const accounts = await given.accounts({ email: 'a@x.org' }, { email: 'b@x.org' }, { email: 'c@x.org' });
    await accounts.deleteMany({ email: 'a@x.org' });
    const number = async (options: object) => (await accounts.groupBy([], { n: count() }, options))[0]?.['n'];
    assert.equal(await number({}), 2);
    assert.equal(await number({ deleted: 'with' }), 3);
    assert.equal(await number({ deleted: 'only' }), 1);
    assert.equal(await number({ where: { email: 'a@x.org' } }), 0);
  }),
  law('a measure may have any name', async (given) => {
    const samples = await given.samples({ label: 'a' });
    const names = ['$n', 'a.b', '_id', 'c0', 'constructor', 'select', '"', '\0', 'n'.repeat(100), 'ü'];
    const measures = Object.fromEntries(names.map((name) => [name, count()]));
    const expected = Object.fromEntries(names.map((name) => [name, 1]));
    const having = Object.fromEntries(names.map((name) => [name, gte(1)]));
    const orderBy = Object.fromEntries(names.map((name) => [name, 'desc']));
    assert.deepEqual(await samples.groupBy(['label'], measures, { having, orderBy }), [{ label: 'a', ...expected }]);
  }),
  law('two commands that differ in their values, page or zone alone have each its own answer', async (given) => {
    const samples = await given.samples(
      ...[1, 2, 3].map((value) => ({ label: String(value), count: value, at: moment('2024-01-01T02:00:00') })),
    );
    const keys = (timeZone: string) => ['count', bucket('at', 'day', { timeZone })];
    const found = async (timeZone: string, from: number, options: object) => {
      const rows = await samples.groupBy(keys(timeZone), { n: sum('count') }, { having: { n: gte(from) }, ...options });
      return rows.map((row) => `${row['n']}@${row['at'].toISOString().slice(0, 13)}`).join(' ');
    };
    assert.equal(await found('UTC', 2, {}), '2@2024-01-01T00 3@2024-01-01T00');
    assert.equal(await found('America/New_York', 3, {}), '3@2023-12-31T05');
    assert.equal(await found('Asia/Tokyo', 1, { limit: 1 }), '1@2023-12-31T15');
    assert.equal(await found('Asia/Tokyo', 1, { limit: 1, offset: 1 }), '2@2023-12-31T15');
    assert.equal(await found('UTC', 1, { offset: 2 }), '3@2024-01-01T00');
  }),
];
