import assert from 'node:assert/strict';
import { places } from './kinds.js';
import { at, type ContractCase, law, matching, type Verbs } from './kit.js';
import {
  and,
  anyOf,
  between,
  contains,
  eq,
  gt,
  gte,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  noneOf,
  not,
  or,
} from './loose.js';

/** Rows `low`, `middle`, `high` and, without a value, `none`. */
function rows(path: string, [low, middle, high]: readonly unknown[]): object[] {
  return [
    { label: 'low', ...at(path, low) },
    { label: 'middle', ...at(path, middle) },
    { label: 'high', ...at(path, high) },
    { label: 'none' },
  ];
}

async function finds(verbs: Verbs, where: unknown, expected: string, rule: string): Promise<void> {
  assert.equal(await matching(verbs, where), expected.split(' ').sort().join(' '), rule);
}

const perKind: readonly ContractCase[] = places.flatMap(({ path, values, ordered, where: what }) => {
  const [low, middle, high] = values as [any, any, any];
  const cases = [
    law(`${what}: the plain value, \`eq\`, \`ne\` and null find what they say`, async (given) => {
      const samples = await given.samples(...rows(path, values));
      await finds(samples, { [path]: middle }, 'middle', 'plain value');
      await finds(samples, { [path]: eq(high) }, 'high', 'eq');
      await finds(samples, { [path]: ne(middle) }, 'low high none', 'ne');
      await finds(samples, { [path]: null }, 'none', 'null');
      await finds(samples, { [path]: eq(null) }, 'none', 'eq null');
      await finds(samples, { [path]: ne(null) }, 'low middle high', 'ne null');
      await finds(samples, { [path]: isNull() }, 'none', 'isNull');
      await finds(samples, { [path]: isNotNull() }, 'low middle high', 'isNotNull');
      await finds(samples, not({ [path]: middle }), 'low high none', 'not eq');
      await finds(samples, not({ [path]: ne(middle) }), 'middle', 'not ne');
      await finds(samples, not({ [path]: isNull() }), 'low middle high', 'not isNull');
      await finds(samples, not({ [path]: isNotNull() }), 'none', 'not isNotNull');
    }),
    law(`${what}: \`anyOf\` and \`noneOf\` are complements, with and without null`, async (given) => {
      const samples = await given.samples(...rows(path, values));
      await finds(samples, { [path]: anyOf(low, high) }, 'low high', 'anyOf');
      await finds(samples, { [path]: anyOf(low, low) }, 'low', 'anyOf with a value twice');
      await finds(samples, { [path]: anyOf(low, null) }, 'low none', 'anyOf with null');
      await finds(samples, { [path]: anyOf(null) }, 'none', 'anyOf of null');
      await finds(samples, { [path]: anyOf() }, '', 'anyOf of nothing');
      await finds(samples, { [path]: noneOf(low, high) }, 'middle none', 'noneOf');
      await finds(samples, { [path]: noneOf(low, null) }, 'middle high', 'noneOf with null');
      await finds(samples, { [path]: noneOf(null) }, 'low middle high', 'noneOf of null');
      await finds(samples, { [path]: noneOf() }, 'low middle high none', 'noneOf of nothing');
      await finds(samples, not({ [path]: anyOf(low, high) }), 'middle none', 'not anyOf');
      await finds(samples, not({ [path]: anyOf(low, null) }), 'middle high', 'not anyOf with null');
      await finds(samples, not({ [path]: noneOf(low) }), 'low', 'not noneOf');
      await finds(samples, not({ [path]: anyOf() }), 'low middle high none', 'not anyOf of nothing');
      await finds(samples, not({ [path]: noneOf() }), '', 'not noneOf of nothing');
    }),
  ];
  if (!ordered) return cases;
  return [
    ...cases,
    law(`${what}: comparisons follow its order and are false where it is null`, async (given) => {
      const samples = await given.samples(...rows(path, values));
      await finds(samples, { [path]: gt(middle) }, 'high', 'gt');
      await finds(samples, { [path]: gte(middle) }, 'middle high', 'gte');
      await finds(samples, { [path]: lt(middle) }, 'low', 'lt');
      await finds(samples, { [path]: lte(middle) }, 'low middle', 'lte');
      await finds(samples, { [path]: between(low, middle) }, 'low middle', 'between');
      await finds(samples, { [path]: between(middle, middle) }, 'middle', 'between equal bounds');
      await finds(samples, { [path]: between(high, low) }, '', 'between turned bounds');
    }),
    law(`${what}: \`not\` of a comparison is its complement, so it finds null`, async (given) => {
      const samples = await given.samples(...rows(path, values));
      await finds(samples, not({ [path]: gt(middle) }), 'low middle none', 'not gt');
      await finds(samples, not({ [path]: gte(middle) }), 'low none', 'not gte');
      await finds(samples, not({ [path]: lt(middle) }), 'middle high none', 'not lt');
      await finds(samples, not({ [path]: lte(middle) }), 'high none', 'not lte');
      await finds(samples, not({ [path]: between(low, middle) }), 'high none', 'not between');
      await finds(samples, not(not({ [path]: gt(middle) })), 'high', 'not not gt');
    }),
  ];
});

const logicRows = [
  { label: 'a', count: 1, flag: true, note: 'x' },
  { label: 'b', count: 2, flag: false, note: 'y' },
  { label: 'c', count: 3, flag: true },
  { label: 'd' },
];

export const filters: readonly ContractCase[] = [
  ...perKind,
  law('a boolean field: both values, null, sets and complements', async (given) => {
    for (const path of ['flag', 'detail.flag']) {
      const samples = await given.samples(
        { label: 'yes', ...at(path, true) },
        { label: 'no', ...at(path, false) },
        { label: 'none' },
      );
      await finds(samples, { [path]: true }, 'yes', 'true');
      await finds(samples, { [path]: false }, 'no', 'false');
      await finds(samples, { [path]: ne(true) }, 'no none', 'ne');
      await finds(samples, { [path]: null }, 'none', 'null');
      await finds(samples, { [path]: anyOf(true, null) }, 'yes none', 'anyOf');
      await finds(samples, { [path]: noneOf(false) }, 'yes none', 'noneOf');
      await finds(samples, not({ [path]: false }), 'yes none', 'not');
    }
  }),
  law('the empty filter finds every row', async (given) => {
    const samples = await given.samples(...logicRows);
    await finds(samples, {}, 'a b c d', '{}');
    assert.equal((await samples.find()).length, 4);
    assert.equal(await samples.count(), 4);
  }),
  law('all fields of one filter must hold', async (given) => {
    const samples = await given.samples(...logicRows);
    await finds(samples, { flag: true, count: gt(1) }, 'c', 'two fields');
    await finds(samples, { flag: true, count: 2 }, '', 'no row');
  }),
  law('`and` of nothing is true, `or` of nothing is false, and `not` turns both', async (given) => {
    const samples = await given.samples(...logicRows);
    await finds(samples, and(), 'a b c d', 'and()');
    await finds(samples, or(), '', 'or()');
    await finds(samples, not(and()), '', 'not and()');
    await finds(samples, not(or()), 'a b c d', 'not or()');
    await finds(samples, not({}), '', 'not {}');
    await finds(samples, and({ count: 1 }, or()), '', 'and with or()');
    await finds(samples, or({ count: 1 }, and()), 'a b c d', 'or with and()');
    await finds(samples, or({ count: 1 }, {}), 'a b c d', 'or with {}');
  }),
  law('`and` and `or` combine clauses, also on one field twice', async (given) => {
    const samples = await given.samples(...logicRows);
    await finds(samples, and({ count: gt(1) }, { count: lt(3) }), 'b', 'and');
    await finds(samples, or({ count: 1 }, { flag: false }), 'a b', 'or');
    await finds(samples, or({ count: 1, flag: false }, { note: 'y' }), 'b', 'or of pairs');
    await finds(samples, and(or({ count: 1 }, { count: 2 }), { flag: true }), 'a', 'and of or');
    await finds(samples, or(and({ count: gte(2) }, { flag: true }), { note: 'x' }), 'a c', 'or of and');
  }),
  law('`not` follows De Morgan, with null as neither smaller nor greater', async (given) => {
    const samples = await given.samples(...logicRows);
    await finds(samples, not(and({ count: gte(2) }, { flag: true })), 'a b d', 'not and');
    await finds(samples, not(or({ count: gte(3) }, { flag: false })), 'a d', 'not or');
    await finds(samples, not({ count: gte(2), flag: true }), 'a b d', 'not of two fields');
    await finds(samples, not(not(or({ count: 1 }, { note: null }))), 'a c d', 'not not or');
    await finds(samples, not(or(not({ flag: true }), { count: 1 })), 'c', 'not or not');
    await finds(samples, and(not({ note: contains('x') }), not({ note: null })), 'b', 'not of a text match');
  }),
  law('an object is null only where nothing was stored, not where all its fields are null', async (given) => {
    const samples = await given.samples(
      { label: 'full', detail: { count: 1 } },
      { label: 'empty', detail: {} },
      { label: 'deep', detail: { inner: {} } },
      { label: 'none' },
    );
    await finds(samples, { detail: null }, 'none', 'null');
    await finds(samples, { detail: isNotNull() }, 'full empty deep', 'isNotNull');
    await finds(samples, { 'detail.inner': isNull() }, 'full empty none', 'nested isNull');
    await finds(samples, { 'detail.inner': isNotNull() }, 'deep', 'nested isNotNull');
    await finds(samples, { 'detail.inner.count': null }, 'full empty deep none', 'deeper');
  }),
  law('a path two objects deep filters like any other', async (given) => {
    const samples = await given.samples(
      { label: 'one', detail: { inner: { count: 1, note: 'ab' } } },
      { label: 'two', detail: { inner: { count: 2 } } },
      { label: 'none', detail: {} },
    );
    await finds(samples, { 'detail.inner.count': gte(2) }, 'two', 'gte');
    await finds(samples, { 'detail.inner.count': ne(2) }, 'one none', 'ne');
    await finds(samples, { 'detail.inner.note': contains('b') }, 'one', 'contains');
    await finds(samples, not({ 'detail.inner.note': contains('b') }), 'two none', 'not contains');
  }),
  law('equality of reals is exact', async (given) => {
    const samples = await given.samples({ label: 'sum', ratio: 0.1 + 0.2 }, { label: 'literal', ratio: 0.3 });
    await finds(samples, { ratio: 0.3 }, 'literal', '0.3');
    await finds(samples, { ratio: 0.1 + 0.2 }, 'sum', '0.1 + 0.2');
  }),
  law('decimals are compared by value, not by their digits', async (given) => {
    const samples = await given.samples({ label: 'one', amount: '1.50' }, { label: 'two', amount: '15e-1' });
    await finds(samples, { amount: '1.5' }, 'one two', 'eq');
    await finds(samples, { amount: anyOf('1.500') }, 'one two', 'anyOf');
    await finds(samples, { amount: gt('1.49999999999999999999999999') }, 'one two', 'gt');
  }),
  law('a uuid is found whatever its case', async (given) => {
    const ref = 'abcdef01-2345-4789-abcd-ef0123456789';
    const samples = await given.samples({ label: 'one', ref, detail: { ref: ref.toUpperCase() } });
    await finds(samples, { ref: ref.toUpperCase() }, 'one', 'top');
    await finds(samples, { 'detail.ref': anyOf(ref) }, 'one', 'nested');
  }),
  law('filters that come to the same keep their values apart, whatever was resolved away', async (given) => {
    const samples = await given.samples(...logicRows);
    // Each is as true as the next, but brings another number of values; a plan that is shared must not mix them up.
    const all = [{}, or({ count: 7 }, {}), or({ note: 'z' }, { count: 7 }, and()), not(and({ count: 7 }, or()))];
    for (const [i, where] of [...all, ...all].entries()) {
      assert.equal(await samples.updateMany(where, { note: `n${i}`, ratio: i }, { all: true }), 4);
      assert.deepEqual(await samples.distinct('note'), [`n${i}`]);
      assert.deepEqual(await samples.distinct('ratio'), [i]);
    }
    const two = [{ count: 2 }, and({ count: 2 }, or({ count: 7 }, {})), and(or({ note: 'z' }, {}), { count: 2 })];
    for (const where of [...two, ...two]) await finds(samples, where, 'b', 'count 2');
    for (const [i, where] of [...two, ...two].entries()) {
      assert.equal((await samples.updateOne(where, { note: `m${i}` }))?.['note'], `m${i}`);
    }
  }),
  law('a hundred values in `anyOf` and a hundred clauses in `or` work', async (given) => {
    const samples = await given.samples(...logicRows);
    const numbers = Array.from({ length: 100 }, (_, i) => i + 2);
    await finds(samples, { count: anyOf(...numbers) }, 'b c', 'anyOf');
    await finds(samples, or(...numbers.map((count) => ({ count }))), 'b c', 'or');
  }),
];
