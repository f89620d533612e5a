import assert from 'node:assert/strict';
import { ValidationError } from '../../errors/data.js';
import { type ContractCase, fails, law, refuses } from './kit.js';
import {
  avg,
  bucket,
  contains,
  count,
  countDistinct,
  each,
  gt,
  increment,
  isNull,
  max,
  min,
  or,
  sum,
} from './loose.js';

type Call = readonly [keys: unknown, measures: unknown, options: object | undefined, ...paths: readonly string[]];

const n = { n: count() };

/** Calls over `Sample` that mean nothing, and where the mistake is. */
const CALLS: readonly Call[] = [
  [[], {}, undefined, 'measures'],
  [undefined, n, undefined, 'keys'],
  ['note', n, undefined, 'keys'],
  [['wrong'], n, undefined, 'keys[0]'],
  [['note', 'detail.wrong'], n, undefined, 'keys[1]'],
  [['__proto__'], n, undefined, 'keys[0]'],
  [[null], n, undefined, 'keys[0]'],
  [[{ path: 'note' }], n, undefined, 'keys[0]'],
  [['note', 'note'], n, undefined, 'keys[1]'],
  [['at', bucket('at', 'day')], n, undefined, 'keys[1]'],
  [[bucket('at', 'day'), bucket('at', 'month')], n, undefined, 'keys[1]'],
  [[each('tags'), each('tags')], n, undefined, 'keys[1]'],
  ...['tags', 'steps', 'detail', 'data', 'place', 'bytes', 'tags[]', 'steps.name'].map(
    (path): Call => [[path], n, undefined, 'keys[0]'],
  ),
  ...['note', 'steps', 'data', 'detail', 'wrong'].map((path): Call => [[each(path)], n, undefined, 'keys[0]']),
  ...['day', 'note', 'count', 'times', 'wrong'].map((path): Call => [[bucket(path, 'day')], n, undefined, 'keys[0]']),
  ...['minute', 'Day', '', undefined, "day'"].map((unit): Call => [[bucket('at', unit)], n, undefined, 'keys[0]']),
  ...['+02:00', 'Mars/Olympus', '', null, 1, "UTC'", '$note'].map(
    (timeZone): Call => [[bucket('at', 'day', { timeZone })], n, undefined, 'keys[0]'],
  ),
  [[bucket('at', 'hour', { timeZone: 'UTC' })], n, undefined, 'keys[0]'],
  [['note'], undefined, undefined, 'measures'],
  [['note'], [count()], undefined, 'measures'],
  [['note'], { n: 'count' }, undefined, 'measures.n'],
  [['note'], { n: { $sum: 1 } }, undefined, 'measures.n'],
  [['note'], { n: gt(1) }, undefined, 'measures.n'],
  [['note'], { n: increment(1) }, undefined, 'measures.n'],
  [['note'], { note: count() }, undefined, 'measures.note'],
  [[bucket('at', 'day')], { at: count() }, undefined, 'measures.at'],
  [
    ['note'],
    Object.defineProperty({}, '__proto__', { value: count(), enumerable: true }),
    undefined,
    'measures.__proto__',
  ],
  ...['note', 'flag', 'at', 'day', 'tags', 'ref', 'wrong'].flatMap((path): Call[] => [
    [['label'], { n: sum(path) }, undefined, 'measures.n'],
    [['label'], { n: avg(path) }, undefined, 'measures.n'],
  ]),
  ...['flag', 'color', 'tags', 'data', 'detail', 'bytes', 'wrong'].flatMap((path): Call[] => [
    [['label'], { n: min(path) }, undefined, 'measures.n'],
    [['label'], { n: max(path) }, undefined, 'measures.n'],
  ]),
  ...['tags', 'data', 'detail', 'wrong'].map(
    (path): Call => [['label'], { n: countDistinct(path) }, undefined, 'measures.n'],
  ),
  [['label'], { n: sum() }, undefined, 'measures.n'],
  [['label'], n, { having: { m: 1 } }, 'having.m'],
  [['label'], n, { having: { label: 'a' } }, 'having.label'],
  [['label'], n, { having: { n: 'x' } }, 'having.n'],
  [['label'], n, { having: { n: 1.5 } }, 'having.n'],
  [['label'], n, { having: { n: null } }, 'having.n'],
  [['label'], n, { having: { n: undefined } }, 'having.n'],
  [['label'], n, { having: { n: { $gt: 1 } } }, 'having.n'],
  [['label'], n, { having: { n: isNull() } }, 'having.n'],
  [['label'], { n: min('note') }, { having: { n: contains('a') } }, 'having.n'],
  [['label'], n, { having: or({ n: 1 }) }, 'having'],
  [['label'], n, { having: null }, 'having'],
  [['label'], n, { orderBy: { m: 'asc' } }, 'orderBy.m'],
  [['label'], n, { orderBy: { count: 'asc' } }, 'orderBy.count'],
  [['label'], n, { orderBy: { n: 'up' } }, 'orderBy.n'],
  [['label'], n, { orderBy: ['n'] }, 'orderBy'],
  [['label'], n, { where: { count: 'x' } }, 'count'],
  [['label'], n, { where: { count: count() } }, 'count'],
  [['label'], n, { where: null }, ''],
  [['label'], n, { limit: -1 }, 'limit'],
  [['label'], n, { limit: '1' }, 'limit'],
  [['label'], n, { offset: 1.5 }, 'offset'],
  [['label'], n, { deleted: 'with' }, 'deleted'],
  [['label'], n, { limt: 1 }, 'limt'],
];

export const groupRefusals: readonly ContractCase[] = [
  law('a `groupBy` that does not fit is refused, with its path, before anything is sent', async (given) => {
    const { verbs, sent } = given.watched('Sample');
    for (const [keys, measures, options, ...paths] of CALLS) {
      await refuses(() => verbs.groupBy(keys, measures, options), ...paths).catch((error: Error) => {
        throw new assert.AssertionError({
          message: `${paths.join()} ${JSON.stringify([keys, options])}: ${error.message}`,
        });
      });
    }
    assert.equal(sent.length, 0);
  }),
  law('a hidden field is no key and has no measure', async (given) => {
    const { verbs, sent } = given.watched('Account');
    await refuses(() => verbs.groupBy(['secret'], n), 'keys[0]');
    await refuses(() => verbs.groupBy([each('secret')], n), 'keys[0]');
    for (const measure of [countDistinct, min, max, sum, avg])
      await refuses(() => verbs.groupBy([], { m: measure('secret') }), 'measures.m');
    assert.equal(sent.length, 0);
  }),
  law('a `groupBy` tells all that is wrong with it at once', async (given) => {
    const { verbs } = given.watched('Sample');
    await fails(
      () =>
        verbs.groupBy(
          ['wrong', 'tags'],
          { n: sum('note') },
          { where: { nothing: 1 }, limit: -1, orderBy: { n: 'asc' } },
        ),
      ValidationError,
      (error) =>
        assert.deepEqual(
          error.issues.map((issue) => issue.path),
          ['keys[0]', 'keys[1]', 'measures.n', 'nothing', 'limit'],
        ),
    );
  }),
];
