import assert from 'node:assert/strict';
import { at, type ContractCase, law, matching } from './kit.js';
import { eq, has, hasAll, hasAny, isNotNull, isNull, ne, not, or } from './loose.js';

const A = new Date('2024-01-01T00:00:00.000Z');
const B = new Date('2024-01-01T00:00:00.001Z');

/** Two items of each kind, and the lists of `Sample` that hold them. */
const ITEMS: readonly { readonly path: string; readonly a: any; readonly b: any }[] = [
  { path: 'tags', a: 'a', b: 'b' },
  { path: 'detail.tags', a: 'a', b: 'b' },
  { path: 'scores', a: 1, b: 2 ** 31 },
  { path: 'times', a: A, b: B },
  { path: 'amounts', a: '1.5', b: '12345678901234567890.1234567' },
  { path: 'refs', a: '00000000-0000-4000-8000-00000000000a', b: 'ffffffff-ffff-4fff-8fff-ffffffffffff' },
];

export const lists: readonly ContractCase[] = [
  ...ITEMS.map(({ path, a, b }) =>
    law(`the list \`${path}\`: every condition and its complement`, async (given) => {
      const samples = await given.samples(
        { label: 'ab', ...at(path, [a, b]) },
        { label: 'ba', ...at(path, [b, a]) },
        { label: 'a', ...at(path, [a]) },
        { label: 'aa', ...at(path, [a, a]) },
        { label: 'empty', ...at(path, []) },
        { label: 'none' },
      );
      const expect = async (where: unknown, expected: string) =>
        assert.equal(await matching(samples, where), expected.split(' ').sort().join(' '));
      await expect({ [path]: has(a) }, 'ab ba a aa');
      await expect({ [path]: has(b) }, 'ab ba');
      await expect({ [path]: hasAny(a, b) }, 'ab ba a aa');
      await expect({ [path]: hasAny(b) }, 'ab ba');
      await expect({ [path]: hasAny() }, '');
      await expect({ [path]: hasAll(a, b) }, 'ab ba');
      await expect({ [path]: hasAll(a, a) }, 'ab ba a aa');
      await expect({ [path]: hasAll() }, 'ab ba a aa empty');
      await expect({ [path]: [a, b] }, 'ab');
      await expect({ [path]: eq([b, a]) }, 'ba');
      await expect({ [path]: eq([]) }, 'empty');
      await expect({ [path]: ne([a]) }, 'ab ba aa empty none');
      await expect({ [path]: ne([]) }, 'ab ba a aa none');
      await expect({ [path]: isNull() }, 'none');
      await expect({ [path]: null }, 'none');
      await expect({ [path]: isNotNull() }, 'ab ba a aa empty');
      await expect(not({ [path]: has(b) }), 'a aa empty none');
      await expect(not({ [path]: hasAny(a, b) }), 'empty none');
      await expect(not({ [path]: hasAny() }), 'ab ba a aa empty none');
      await expect(not({ [path]: hasAll(a, b) }), 'a aa empty none');
      await expect(not({ [path]: hasAll() }), 'none');
      await expect(not({ [path]: eq([a]) }), 'ab ba aa empty none');
      await expect(or({ [path]: has(b) }, { [path]: null }), 'ab ba none');
    }),
  ),
  law('an item is compared as a whole and exactly', async (given) => {
    const samples = await given.samples(
      { label: 'one', tags: ['a,b', '{a}', 'null', 'NULL', '', '"', '\\', "'", '\u{1f600}'] },
      { label: 'two', tags: ['a', 'b', 'A'] },
    );
    for (const item of ['a,b', '{a}', 'null', 'NULL', '', '"', '\\', "'", '\u{1f600}']) {
      assert.equal(await matching(samples, { tags: has(item) }), 'one', JSON.stringify(item));
      assert.equal(await matching(samples, { tags: hasAny(item, 'z') }), 'one', JSON.stringify(item));
      assert.equal(await matching(samples, { tags: hasAll(item) }), 'one', JSON.stringify(item));
    }
    assert.equal(await matching(samples, { tags: has('A') }), 'two');
  }),
  law('a list keeps its order and its repeated items', async (given) => {
    const samples = await given.samples();
    const drafts = [['b', 'a', 'b', ''], [], ['a']];
    for (const tags of drafts) {
      const row = await samples.insert({ label: 'x', tags, detail: { tags } });
      assert.deepEqual(row['tags'], tags);
      assert.deepEqual(row['detail'].tags, tags);
      const read = await samples.get(row['id']);
      assert.deepEqual(read['tags'], tags);
      assert.deepEqual(read['detail'].tags, tags);
    }
  }),
  law('a list of objects is stored and read whole, its values in their own types', async (given) => {
    const samples = await given.samples();
    const steps = [
      { name: 'one', at: A, cost: '12345678901234567890.1234567' },
      { name: 'two', at: null, cost: null },
    ];
    const row = await samples.insert({ label: 'x', steps: [steps[0], { name: 'two' }] });
    assert.deepEqual(row['steps'], steps);
    assert.deepEqual((await samples.get(row['id']))['steps'], steps);
    assert.ok(row['steps'][0]?.at instanceof Date);
    const empty = await samples.insert({ label: 'y', steps: [] });
    assert.deepEqual((await samples.get(empty['id']))['steps'], []);
  }),
  law('a list of objects knows only `isNull` and `isNotNull`', async (given) => {
    const samples = await given.samples(
      { label: 'some', steps: [{ name: 'a' }] },
      { label: 'empty', steps: [] },
      { label: 'none' },
    );
    assert.equal(await matching(samples, { steps: isNull() }), 'none');
    assert.equal(await matching(samples, { steps: null }), 'none');
    assert.equal(await matching(samples, { steps: isNotNull() }), 'empty some');
  }),
];
