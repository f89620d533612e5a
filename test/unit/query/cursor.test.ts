import { describe, expect, it } from 'vitest';
import { entity, integer, timestamp } from '../../../src/index.js';
import { Cursors } from '../../../src/query/cursor.js';
import { exactIso, microsOf, withMicros } from '../../../src/query/exact-time.js';
import { modelOf } from '../../../src/schema/entity.js';

const model = modelOf(entity('events', { id: integer().primaryKey(), at: timestamp().optional() }));
const terms = ['at', 'id'].map((path) => ({ field: model.paths.get(path)!, direction: 'asc' as const }));
const cursors = new Cursors(model, undefined);
const forgedOf = (json: string): string => {
  const [mark] = JSON.parse(Buffer.from(cursors.encode({ id: 1, at: null }, terms), 'base64url').toString());
  return Buffer.from(`["${mark}",${json},1]`).toString('base64url');
};
const forged = (at: unknown): string => forgedOf(JSON.stringify(at));

describe('a cursor of a time', () => {
  it.each([0, 1, 999, 400])('keeps its %i microseconds', (micros) => {
    for (const time of [1_700_000_000_123, -1, 0, -62_135_596_800_000, 253_402_300_799_999]) {
      const date = micros === 0 ? new Date(time) : withMicros(new Date(time), micros);
      const [at, id] = cursors.decode(cursors.encode({ id: 5, at: date }, terms), terms)!;
      expect([(at as Date).getTime(), microsOf(at as Date), id]).toEqual([time, micros, 5]);
    }
  });

  it('without microseconds is as short as before', () => {
    expect(cursors.encode({ id: 1, at: new Date(5) }, terms)).toBe(forged(5));
  });

  it.each([
    '5+000',
    '5+1000',
    '5+12',
    '5+-01',
    '5.5+001',
    ' 5+001',
    '5',
    '9999999999999999+001',
    '253402300800000+001',
    1.5e300,
    true,
    [5],
    ['5+001'],
    { toString: 1 },
  ])('is refused when it is forged: %j', (at) => {
    expect(cursors.decode(forged(at), terms)).toBeNull();
  });

  it('is refused when it is forged and deeper than the stack', () => {
    expect(cursors.decode(forgedOf(`${'['.repeat(50_000)}${']'.repeat(50_000)}`), terms)).toBeNull();
  });

  it('is taken for the value that it is', () => {
    expect(exactIso((cursors.decode(forged('-1+045'), terms)![0] as Date) ?? new Date(0))).toBe(
      '1969-12-31T23:59:59.999045Z',
    );
  });
});

describe('microseconds of a date', () => {
  it('are out of sight of copies, comparisons and JSON', () => {
    const date = withMicros(new Date(5), 7);
    expect(date).toEqual(new Date(5));
    expect(JSON.stringify(date)).toBe('"1970-01-01T00:00:00.005Z"');
    expect(microsOf(new Date(date))).toBe(0);
    expect(microsOf(structuredClone(date))).toBe(0);
  });
});
