import fc from 'fast-check';
import { type FieldType, PATHS } from './entities.js';

/** The paths that have one of the types. */
export const pathsOf = (...types: FieldType[]): string[] =>
  Object.keys(PATHS).filter((path) => types.includes(PATHS[path]!));

// Characters that a pattern language, a string literal, a collation or an encoding treats in a way of its own.
const HOSTILE = [
  ...[
    'a',
    'A',
    'b',
    'B',
    'k',
    'K',
    's',
    'S',
    'i',
    'I',
    'z',
    'Z',
    '0',
    '%',
    '_',
    '\\',
    '.',
    '*',
    '$',
    '^',
    '\n',
    '\r',
    '\t',
  ],
  ...[
    '(',
    '[',
    '{',
    '|',
    '?',
    '+',
    '/',
    '#',
    '-',
    ' ',
    "'",
    '"',
    '\u0001',
    'é',
    'É',
    'e\u0301',
    'ß',
    'ẞ',
    'İ',
    'ı',
    'Å',
  ],
  ...[
    '\u{1f600}',
    '\u{10ffff}',
    '\uffff',
    '\ue000',
    '\ud7ff',
    '\u212a',
    '\u212b',
    '\u017f',
    '\u2028',
    '\ufeff',
    '\u00a0',
    '\u200d',
  ],
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...HOSTILE), { maxLength: 5 }).map((each) => each.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('', 'a', 'ab', 'abc', 'null', '$n', '{}', "a'b") },
);

/** Keys that rows have; they are not in the order of their making. */
export const IDS = Array.from({ length: 16 }, (_, i) => {
  const head = ((i * 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${head}-0000-4000-8000-00000000000${(i % 3).toString(16)}`;
});

const moments = [
  '0001-01-01T00:00:00.000Z',
  '1900-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.001Z',
  '2024-01-31T23:30:00.000Z',
  '2024-02-29T12:34:56.789Z',
  '9999-12-31T23:59:59.999Z',
];
const decimals = [
  '0',
  '1',
  '1.5',
  '-1',
  '0.1',
  '0.2',
  '-0.3',
  '12345678901234567890.1234567',
  '0.0000001',
  '100',
  '1.05',
  '2',
  '10',
];

/** Values of each type: small ones, so that they meet, and those at an edge. */
const VALUES = {
  integer: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(2147483647, 2147483648, -2147483649, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    },
  ),
  real: fc.constantFrom(
    0,
    1,
    -1,
    1.5,
    0.1,
    0.2,
    0.30000000000000004,
    1e300,
    5e-324,
    9007199254740992,
    2147483648,
    1e-7,
    1e21,
  ),
  text: hostileText,
  boolean: fc.boolean(),
  enum: fc.constantFrom('x', 'y', 'Z'),
  timestamp: fc.constantFrom(...moments).map((each) => new Date(each)),
  date: fc.constantFrom('0001-01-01', '1969-12-31', '2024-02-29', '9999-12-31'),
  decimal: fc.constantFrom(...decimals),
  bigint: fc.constantFrom(0n, 1n, -1n, 10n, 9n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  uuid: fc.constantFrom(...IDS),
  texts: fc.array(fc.constantFrom('a', 'b', 'A', '', 'null', '{a}', 'a,b', '"', '\\', 'é', '\u{1f600}'), {
    maxLength: 3,
  }),
  integers: fc.array(fc.constantFrom(0, 1, -1, 2147483648), { maxLength: 3 }),
} as const satisfies Partial<Record<FieldType, fc.Arbitrary<unknown>>>;

/** A value that a path may have, never null. */
export function someValue(path: string): fc.Arbitrary<unknown> {
  if (path === 'k') return fc.constantFrom('a', 'A', 'b', 'c', 'd', 'é', '');
  return VALUES[PATHS[path] as keyof typeof VALUES];
}

/** Null, three times in ten. */
export function orNull<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 7, arbitrary: value });
}

/** A value that a path may have; null where it may be. */
export function field(path: string): fc.Arbitrary<unknown> {
  return path === 'b' ? someValue(path) : orNull(someValue(path));
}

const inner = fc.record({ q: field('o.p.q'), w: field('o.p.w') });
/** The object `o`, without null. */
export const whole = fc.record({
  ...Object.fromEntries(['x', 'y', 'd', 'f', 'g', 'at', 'l'].map((name) => [name, field(`o.${name}`)])),
  p: orNull(inner),
});

/** The fields of a draft, but for its key. */
export const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  ...Object.fromEntries(
    ['n', 'r', 's', 'b', 't', 'dec', 'big', 'u', 'tags', 'nums'].map((path) => [path, field(path)]),
  ),
  k: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: someValue('k') }),
  c: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: someValue('c') }),
  day: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: someValue('day') }),
  o: orNull(whole),
};

export type Draft = Readonly<Record<string, unknown>>;

/** A draft with a key of the pool: two may meet. */
export const draft: fc.Arbitrary<Draft> = fc.record({ id: fc.constantFrom(...IDS), ...values });

/** Drafts that can be stored together: keys and unique values differ. */
export const dataset: fc.Arbitrary<readonly Draft[]> = fc
  .oneof(
    { weight: 5, arbitrary: fc.array(fc.record(values), { minLength: 3, maxLength: 10 }) },
    { weight: 1, arbitrary: fc.array(fc.record(values), { maxLength: 2 }) },
  )
  .map((rows) => {
    const seen = new Set<string>();
    const free = (name: string, value: unknown): boolean => {
      const mark = `${name}:${String(value)}`;
      return !seen.has(mark) && seen.add(mark) !== undefined;
    };
    return rows.map((row, i) => {
      const { k, c, day } = row;
      const pair = c === null || day === null || free('c/day', `${c}/${day}`);
      return { id: IDS[i]!, ...row, k: k !== null && free('k', k) ? k : null, day: pair ? day : null };
    });
  });
