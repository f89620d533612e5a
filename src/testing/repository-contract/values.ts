import assert from 'node:assert/strict';
import { at, type ContractCase, law, pick } from './kit.js';

const EVERY_CODE_UNIT = Array.from({ length: 0x250 }, (_, i) => String.fromCharCode(i + 1)).join('');

/** Values at the edge of each kind, by the field that stores them; `same` where the row shows another form. */
const EXTREMES: Readonly<Record<string, readonly unknown[]>> = {
  note: [
    '',
    ' ',
    '\u0001\u001f\u007f\u0080\u009f',
    '\ufeff\u200b\u200d\u202e\u2028\u2029',
    'e\u0301 \u212b \ufb01 \u1e9b\u0323',
    '\uffff\ufffe\u{10ffff}\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
    "'; drop table x; --",
    '"\\\\"\\n\n\r\n\t',
    '{"a":[1]}',
    EVERY_CODE_UNIT,
    'x'.repeat(100_000),
  ],
  count: [0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ratio: [
    0,
    0.1,
    1 / 3,
    5e-324,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    2 ** 53,
    2 ** 31,
    1e21,
    1e-7,
    123456789.12345679,
  ],
  big: [0n, 1n, -1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  amount: [
    '0',
    '0.1',
    '-0.1',
    '9999999999999999999999999999999999',
    '-9999999999999999999999999999999999',
    '0.0000000000000000000000000000000001',
    '12345678901234567.12345678901234567',
    '1000000',
    '100',
  ],
  at: [
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    '2024-02-29T12:34:56.789Z',
    '1883-11-18T12:03:58.001Z',
  ].map((each) => new Date(each)),
  day: ['0001-01-01', '9999-12-31', '2024-02-29', '1970-01-01', '1582-10-10'],
  ref: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '0190163d-8694-739b-aea5-966c26f8ad91',
  ],
  color: ['amber', 'blue', 'coral'],
  flag: [true, false],
  tags: [
    [],
    [''],
    ['', 'null', 'NULL', '{}', '{a,b}', '"', '\\', ',', ' ', "'", '\u{1f600}', '\n'],
    Array.from({ length: 500 }, (_, i) => String(i)),
  ],
};

/** Kinds that have no place of their own in an object here, or no equality. */
const WHOLE: Readonly<Record<string, readonly unknown[]>> = {
  bytes: [
    new Uint8Array(0),
    Uint8Array.of(0),
    Uint8Array.from({ length: 256 }, (_, i) => i),
    new Uint8Array(70_000).fill(255),
  ],
  place: [
    { type: 'Point', coordinates: [0, 0] },
    { type: 'Point', coordinates: [-180, -90] },
    { type: 'Point', coordinates: [180, 90] },
    { type: 'Point', coordinates: [2.3522219, 48.856614] },
  ],
  data: [
    0,
    '',
    'text',
    true,
    false,
    [],
    {},
    [[]],
    [null, 1, 'a', [2, { b: [] }]],
    {
      a: null,
      b: { c: [1.5, -0.1, 1e300] },
      'key with . and $ and "': 1,
      $set: 2,
      '': 3,
      ключ: 'значение',
      '\u{1f600}': '\u{1f600}',
    },
    { toString: 'x', _id: 7, '1': 1, '0': 0, hasOwnProperty: null },
    { integers: [1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1], reals: [0.1, 5e-324] },
  ],
  scores: [[], [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER]],
  times: [[], [new Date(0), new Date('0001-01-01T00:00:00.000Z'), new Date('9999-12-31T23:59:59.999Z')]],
  amounts: [[], ['0', '9999999999999999999999999999999999', '-0.1']],
  refs: [[], ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']],
};

/** What is given, and what the row holds. */
const CANONICAL: readonly (readonly [field: string, given: unknown, kept: unknown])[] = [
  ['ratio', -0, 0],
  ['count', -0, 0],
  ['amount', '1.50', '1.5'],
  ['amount', '-0', '0'],
  ['amount', '+1', '1'],
  ['amount', '1E+3', '1000'],
  ['amount', '1e-7', '0.0000001'],
  ['amount', '.5', '0.5'],
  ['amount', '007', '7'],
  ['amount', 12, '12'],
  ['amount', 12n, '12'],
  ['ref', 'ABCDEF01-2345-4789-ABCD-EF0123456789', 'abcdef01-2345-4789-abcd-ef0123456789'],
];

export const values: readonly ContractCase[] = [
  ...Object.entries(EXTREMES).flatMap(([field, all]) =>
    [field, `detail.${field}`].map((path) =>
      law(
        `the extreme values of \`${path}\` come back as given, by insert and by update, and are found`,
        async (given) => {
          const samples = await given.samples();
          const blank = await samples.insert({ label: 'blank' });
          for (const value of all) {
            const row = await samples.insert({ label: 'x', ...at(path, value) });
            assert.deepEqual(pick(row, path), value);
            assert.deepEqual(await samples.get(row['id']), row);
            assert.equal(await samples.count({ id: row['id'], [path]: value }), 1, 'not found by its value');
            assert.equal(await samples.count({ id: blank['id'], [path]: value }), 0, 'null is found by a value');
            const changed = await samples.update(blank['id'], { [path]: value });
            assert.deepEqual(pick(changed, path), value);
            assert.deepEqual(await samples.get(blank['id']), changed);
            await samples.update(blank['id'], { [path]: null });
            await samples.delete(row['id']);
          }
        },
      ),
    ),
  ),
  ...Object.entries(WHOLE).map(([field, all]) =>
    law(`the extreme values of \`${field}\` come back as given, by insert and by update`, async (given) => {
      const samples = await given.samples();
      const blank = await samples.insert({ label: 'blank' });
      for (const value of all) {
        const row = await samples.insert({ label: 'x', [field]: value });
        assert.deepEqual(row[field], value);
        assert.deepEqual(await samples.get(row['id']), row);
        const changed = await samples.update(blank['id'], { [field]: value });
        assert.deepEqual(changed[field], value);
        assert.deepEqual(await samples.get(blank['id']), changed);
      }
    }),
  ),
  law('values have one canonical form: no minus zero, no trailing zeros, ids in lower case', async (given) => {
    const samples = await given.samples();
    for (const [field, value, kept] of CANONICAL) {
      for (const path of [field, `detail.${field}`]) {
        const row = await samples.insert({ label: 'x', ...at(path, value) });
        assert.ok(Object.is(pick(row, path), kept), path);
        assert.ok(Object.is(pick(await samples.get(row['id']), path), kept), path);
        const changed = await samples.update(row['id'], { [path]: null });
        assert.equal(pick(changed, path), null);
        assert.ok(Object.is(pick(await samples.update(row['id'], { [path]: value }), path), kept), path);
      }
    }
  }),
  law('a binary value is a Uint8Array, a timestamp a Date, a bigint a bigint, a decimal a string', async (given) => {
    const samples = await given.samples();
    const draft = {
      label: 'x',
      bytes: Buffer.from('ab'),
      at: new Date(5),
      big: 5n,
      amount: '5',
      detail: { at: new Date(5), big: 5n, amount: '5' },
    };
    const { id } = await samples.insert(draft);
    const row = await samples.get(id);
    assert.ok(row['bytes'] instanceof Uint8Array);
    assert.equal(Object.getPrototypeOf(row['bytes']), Uint8Array.prototype);
    assert.deepEqual([...row['bytes']], [97, 98]);
    for (const holder of [row, row['detail']]) {
      assert.ok(holder.at instanceof Date);
      assert.equal(typeof holder.big, 'bigint');
      assert.equal(typeof holder.amount, 'string');
    }
  }),
  law('a transform of text also applies to the values of a filter', async (given) => {
    const accounts = await given.accounts({ email: 'a@x.y' });
    assert.equal(await accounts.count({ email: ' A@X.Y ' }), 1);
  }),
];
