import assert from 'node:assert/strict';
import { ConstraintError } from '../../errors/data.js';
import { places } from './kinds.js';
import { at, type ContractCase, fails, law, pick } from './kit.js';
import { addToSet, increment, maximum, minimum, pull, push } from './loose.js';

const SAFE = Number.MAX_SAFE_INTEGER;

/** Numbers and what they become: [field, before, by, after]; before null starts from 0. */
const SUMS: readonly (readonly [field: string, before: unknown, by: unknown, after: unknown])[] = [
  ['count', 5, 2, 7],
  ['count', 5, -7, -2],
  ['count', null, 3, 3],
  ['count', 2 ** 31 - 1, 1, 2 ** 31],
  ['count', SAFE - 1, 1, SAFE],
  ['ratio', 0.1, 0.2, 0.1 + 0.2],
  ['ratio', null, -1.5, -1.5],
  ['ratio', 1.5, -1.5, 0],
  ['big', 9_007_199_254_740_993n, 1n, 9_007_199_254_740_994n],
  ['big', null, -2n, -2n],
  ['amount', '1.05', '1.05', '2.1'],
  ['amount', '12345678901234567890.1234567', '0.0000003', '12345678901234567890.123457'],
  ['amount', null, '-0.5', '-0.5'],
  ['amount', '0.5', '-0.5', '0'],
];

export const operators: readonly ContractCase[] = [
  law('`increment` adds exactly, and starts from 0 where there is no value', async (given) => {
    const samples = await given.samples();
    for (const [field, before, by, after] of SUMS) {
      for (const path of [field, `detail.${field}`]) {
        const { id } = await samples.insert({ label: 'x', ...at(path, before) });
        const changed = await samples.update(id, { [path]: increment(by as number) });
        assert.deepEqual(pick(changed, path), after, path);
        assert.deepEqual(await samples.get(id), changed);
        assert.equal(await samples.count({ id, [path]: after }), 1, `${path} is not found by its new value`);
      }
    }
  }),
  law('`increment` creates the objects above its path', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x' });
    const changed = await samples.update(id, { 'detail.inner.count': increment(2), count: increment(1) });
    assert.equal(changed['detail'].inner.count, 2);
    assert.equal(changed['count'], 1);
  }),
  law('many increments at once are all counted', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x' });
    await Promise.all(
      Array.from({ length: 20 }, () => samples.update(id, { count: increment(1), 'detail.count': increment(2) })),
    );
    const row = await samples.get(id);
    assert.equal(row['count'], 20);
    assert.equal(row['detail'].count, 40);
  }),
  law(
    '`increment` past an integer that is exact is a ConstraintError of the field, and nothing is written',
    async (given) => {
      const samples = await given.samples();
      for (const sign of [1, -1]) {
        const { id } = await samples.insert({ label: 'x', count: sign * SAFE });
        await fails(
          () => samples.update(id, { count: increment(sign), note: 'written' }),
          ConstraintError,
          (error) => {
            assert.equal(error.entity, 'contract_samples');
            assert.deepEqual(error.fields, ['count']);
          },
        );
        const row = await samples.get(id);
        assert.equal(row['count'], sign * SAFE);
        assert.equal(row['note'], null);
      }
    },
  ),
  law('`increment` past an exact integer inside an object is refused by the server, too', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x', detail: { count: SAFE } });
    await fails(() => samples.update(id, { 'detail.count': increment(1) }), ConstraintError);
    assert.equal((await samples.get(id))['detail'].count, SAFE);
  }),
  law('`increment` past a bigint of 64 bits is a ConstraintError', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x', big: 2n ** 63n - 1n });
    await fails(() => samples.update(id, { big: increment(1n) }), ConstraintError);
    assert.equal((await samples.get(id))['big'], 2n ** 63n - 1n);
  }),
  law(
    'an operator that would pass a declared bound is a ConstraintError of the field, and nothing is written',
    async (given) => {
      const boxes = await given.boxes();
      const row = await boxes.insert({ amount: 1, weight: 1.5, price: '1.5', total: 1n, names: ['a'] });
      const broken: readonly (readonly [string, object])[] = [
        ['amount', { amount: increment(10) }],
        ['amount', { amount: increment(-2) }],
        ['weight', { weight: increment(-2) }],
        ['price', { price: increment('99') }],
        ['total', { total: increment(-5n) }],
        ['names', { names: push('b', 'c', 'd') }],
        ['names', { names: pull('a') }],
      ];
      for (const [field, patch] of broken) {
        await fails(
          () => boxes.update(row['id'], { ...patch, note: 'written' }),
          ConstraintError,
          (error) => assert.deepEqual(error.fields, [field]),
        );
      }
      assert.deepEqual(await boxes.get(row['id']), row);
    },
  ),
  law('an operator on a nested path that would pass a declared bound is a ConstraintError', async (given) => {
    const boxes = await given.boxes();
    const row = await boxes.insert({ amount: 1, inside: { level: 9 } });
    await fails(() => boxes.update(row['id'], { 'inside.level': increment(2) }), ConstraintError);
    assert.deepEqual(await boxes.get(row['id']), row);
  }),
  law('`updateMany` with an increment that passes a bound on one row changes none', async (given) => {
    const boxes = await given.boxes({ amount: 1 }, { amount: 5 }, { amount: 10 });
    await fails(() => boxes.updateMany({}, { amount: increment(1) }, { all: true }), ConstraintError);
    assert.deepEqual(await boxes.distinct('amount'), [1, 5, 10]);
  }),
  ...places
    .filter((each) => each.ordered && each.kind !== 'text' && each.kind !== 'uuid')
    .map(({ path, values, where }) =>
      law(
        `${where}: \`minimum\` and \`maximum\` keep the smaller and the greater, and take the value where there is none`,
        async (given) => {
          const [low, middle, high] = values as [any, any, any];
          const samples = await given.samples();
          for (const [before, operator, after] of [
            [middle, minimum(low), low],
            [middle, minimum(high), middle],
            [middle, minimum(middle), middle],
            [middle, maximum(low), middle],
            [middle, maximum(high), high],
            [null, minimum(high), high],
            [null, maximum(low), low],
          ]) {
            const { id } = await samples.insert({ label: 'x', ...at(path, before) });
            const changed = await samples.update(id, { [path]: operator });
            assert.deepEqual(pick(changed, path), after);
            assert.deepEqual(await samples.get(id), changed);
          }
        },
      ),
    ),
  law(
    '`push` puts items behind the list, repeated ones too, from the empty list where there is none',
    async (given) => {
      const samples = await given.samples();
      for (const path of ['tags', 'detail.tags']) {
        for (const [before, items, after] of [
          [['b'], ['a', 'b'], ['b', 'a', 'b']],
          [[], ['a'], ['a']],
          [null, ['a', 'a'], ['a', 'a']],
          [['x'], [], ['x']],
        ] as const) {
          const { id } = await samples.insert({ label: 'x', ...at(path, before) });
          const changed = await samples.update(id, { [path]: push(...items), note: 'n' });
          assert.deepEqual(pick(changed, path), after);
          assert.deepEqual(await samples.get(id), changed);
        }
      }
    },
  ),
  law('`addToSet` puts behind the list what is not in it, each item once', async (given) => {
    const samples = await given.samples();
    for (const path of ['tags', 'detail.tags']) {
      for (const [before, items, after] of [
        [
          ['b', 'a'],
          ['a', 'c'],
          ['b', 'a', 'c'],
        ],
        [['a', 'a'], ['a'], ['a', 'a']],
        [[], ['a', 'b', 'a'], ['a', 'b']],
        [null, ['b', 'a', 'b'], ['b', 'a']],
      ] as const) {
        const { id } = await samples.insert({ label: 'x', ...at(path, before) });
        const changed = await samples.update(id, { [path]: addToSet(...items) });
        assert.deepEqual(pick(changed, path), after);
        assert.deepEqual(await samples.get(id), changed);
      }
    }
  }),
  law('`pull` takes every occurrence out, and leaves null where there is no list', async (given) => {
    const samples = await given.samples();
    for (const path of ['tags', 'detail.tags']) {
      for (const [before, items, after] of [
        [['a', 'b', 'a', 'c'], ['a', 'c'], ['b']],
        [['a'], ['a'], []],
        [['a'], ['z'], ['a']],
        [[], ['a'], []],
        [null, ['a'], null],
      ] as const) {
        const { id } = await samples.insert({ label: 'x', ...at(path, before) });
        const changed = await samples.update(id, { [path]: pull(...items) });
        assert.deepEqual(pick(changed, path), after);
        assert.deepEqual(await samples.get(id), changed);
      }
    }
  }),
  law('list operators work on items of every kind', async (given) => {
    const samples = await given.samples();
    const a = '00000000-0000-4000-8000-00000000000a';
    const b = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
    const items: readonly (readonly [string, any, any])[] = [
      ['scores', 1, 2 ** 31],
      ['times', new Date(0), new Date(1)],
      ['amounts', '1.5', '12345678901234567890.1234567'],
      ['refs', a, b],
    ];
    for (const [path, one, two] of items) {
      const { id } = await samples.insert({ label: 'x', [path]: [one] });
      assert.deepEqual((await samples.update(id, { [path]: push(two) }))[path], [one, two]);
      assert.deepEqual((await samples.update(id, { [path]: addToSet(one, two) }))[path], [one, two]);
      assert.deepEqual((await samples.update(id, { [path]: pull(one) }))[path], [two]);
      assert.deepEqual((await samples.get(id))[path], [two]);
    }
  }),
  law('a list of objects takes `push`', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({ label: 'x' });
    const changed = await samples.update(id, {
      steps: push({ name: 'a', at: new Date(0) }, { name: 'b', cost: '1.50' }),
    });
    const steps = [
      { name: 'a', at: new Date(0), cost: null },
      { name: 'b', at: null, cost: '1.5' },
    ];
    assert.deepEqual(changed['steps'], steps);
    assert.deepEqual((await samples.get(id))['steps'], steps);
  }),
  law('several operators and values of one patch work together, on neighbours in one object too', async (given) => {
    const samples = await given.samples();
    const { id } = await samples.insert({
      label: 'x',
      count: 1,
      tags: ['a'],
      detail: { count: 5, note: 'n', tags: ['a'] },
    });
    const changed = await samples.update(id, {
      count: increment(1),
      tags: push('b'),
      note: 'set',
      'detail.count': increment(-1),
      'detail.note': null,
      'detail.tags': addToSet('a', 'z'),
      'detail.amount': maximum('3.5'),
      'detail.inner.note': 'deep',
    });
    assert.equal(changed['count'], 2);
    assert.deepEqual(changed['tags'], ['a', 'b']);
    assert.equal(changed['note'], 'set');
    const { count, note, tags, amount, inner } = changed['detail'];
    assert.deepEqual(
      { count, note, tags, amount, inner },
      { count: 4, note: null, tags: ['a', 'z'], amount: '3.5', inner: { count: null, note: 'deep' } },
    );
    assert.deepEqual(await samples.get(id), changed);
  }),
  law('`updateMany` computes from each row its own value', async (given) => {
    const samples = await given.samples(
      { label: 'a', count: 1, tags: ['x'] },
      { label: 'b', count: 10 },
      { label: 'c' },
    );
    assert.equal(await samples.updateMany({}, { count: increment(5), tags: addToSet('x') }, { all: true }), 3);
    const rows = await samples.find({}, { orderBy: { label: 'asc' }, select: ['count', 'tags'] });
    assert.deepEqual(rows, [
      { count: 6, tags: ['x'] },
      { count: 15, tags: ['x'] },
      { count: 5, tags: ['x'] },
    ]);
  }),
];
