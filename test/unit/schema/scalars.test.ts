import { runInNewContext } from 'node:vm';
import {
  type AnyField,
  bigint,
  binary,
  boolean,
  date,
  decimal,
  enumOf,
  geoPoint,
  gte,
  integer,
  objectId,
  real,
  serial,
  text,
  timestamp,
  uuid,
} from 'trivet';
import { describe, expect, test } from 'vitest';
import { input, operand } from './kit.js';

const UUID = '0190a5f2-7c3e-7d11-9b1e-0123456789ab';
const OID = '65a1b2c3d4e5f60718293a4b';
const bytes = new Uint8Array([1, 2, 3]);
const point = { type: 'Point', coordinates: [2.35, 48.85] };

type Case = readonly [kind: string, builder: AnyField, given: unknown, canonical: unknown];

const accepted: readonly Case[] = [
  ['text', text(), '', ''],
  ['text', text(), 'Zoë 🙂', 'Zoë 🙂'],
  ['uuid', uuid(), UUID.toUpperCase(), UUID],
  ['objectId', objectId(), OID.toUpperCase(), OID],
  ['enum', enumOf('a', 'b'), 'b', 'b'],
  ['boolean', boolean(), false, false],
  ['integer', integer(), 9_007_199_254_740_991, 9_007_199_254_740_991],
  ['integer', integer(), -0, 0],
  ['serial', serial(), 7, 7],
  ['real', real(), 1e300, 1e300],
  ['real', real(), -0, 0],
  ['bigint', bigint(), 2n ** 63n - 1n, 2n ** 63n - 1n],
  ['bigint', bigint(), -(2n ** 63n), -(2n ** 63n)],
  ['decimal', decimal(), '012.50', '12.5'],
  ['decimal', decimal(), '-0', '0'],
  ['decimal', decimal(), '1e3', '1000'],
  ['decimal', decimal(), 12n, '12'],
  ['decimal', decimal(), -0, '0'],
  ['decimal', decimal(), '9'.repeat(34), '9'.repeat(34)],
  ['decimal', decimal(5, 2), '123.45', '123.45'],
  ['decimal', decimal(5, 2), '1.500', '1.5'],
  ['timestamp', timestamp(), new Date('0001-01-01T00:00:00.000Z'), new Date('0001-01-01T00:00:00.000Z')],
  ['timestamp', timestamp(), new Date('9999-12-31T23:59:59.999Z'), new Date('9999-12-31T23:59:59.999Z')],
  ['date', date(), '2024-02-29', '2024-02-29'],
  ['date', date(), '0001-01-01', '0001-01-01'],
  ['binary', binary(), Buffer.from('abc'), new Uint8Array([97, 98, 99])],
  ['geoPoint', geoPoint(), point, point],
  ['geoPoint', geoPoint(), { type: 'Point', coordinates: [-0, -90] }, { type: 'Point', coordinates: [0, -90] }],
];

const MOMENT = 'must be a valid Date of the years 1 to 9999';
const DAY = "must be a day of the calendar as 'YYYY-MM-DD'";
const DECIMAL = 'must be a decimal of at most 34 digits, as text, bigint or an integer';
const MONEY = 'must be a decimal of at most 5 digits, 2 of them behind the point, as text, bigint or an integer';
const POINT = "must be a GeoJSON point: { type: 'Point', coordinates: [longitude, latitude] }, in degrees";
const WHOLE = 'must be well-formed text without NUL';

const refused: readonly Case[] = [
  ['text', text(), 5, 'must be text'],
  ['text', text(), Object('x'), 'must be text'],
  ['text', text(), 'a\0b', WHOLE],
  ['text', text(), 'a\ud800', WHOLE],
  ['text', text(), { $ne: null }, 'must be text'],
  ['text', text(), gte('a'), 'must be text'],
  ['uuid', uuid(), '0190a5f27c3e7d119b1e0123456789ab', 'must be a UUID'],
  ['uuid', uuid(), `${UUID}\n`, 'must be a UUID'],
  ['uuid', uuid(), [UUID], 'must be a UUID'],
  ['objectId', objectId(), OID.slice(1), 'must be an ObjectId: 24 hexadecimal digits'],
  ['enum', enumOf('a', 'b'), 'c', "must be one of 'a', 'b'"],
  ['enum', enumOf('a', 'b'), ['a'], "must be one of 'a', 'b'"],
  ['enum', enumOf('a', 'b'), 'toString', "must be one of 'a', 'b'"],
  ['boolean', boolean(), 1, 'must be true or false'],
  ['boolean', boolean(), 'true', 'must be true or false'],
  ['integer', integer(), 1.5, 'must be an integer'],
  ['integer', integer(), '1', 'must be an integer'],
  ['integer', integer(), 1n, 'must be an integer'],
  ['integer', integer(), Number.NaN, 'must be an integer'],
  ['integer', integer(), Number.POSITIVE_INFINITY, 'must be an integer'],
  ['integer', integer(), 2 ** 53, 'must be an integer, at most 2^53 - 1 either way'],
  ['real', real(), Number.NaN, 'must be a finite number'],
  ['real', real(), Number.NEGATIVE_INFINITY, 'must be a finite number'],
  ['real', real(), '1', 'must be a finite number'],
  ['bigint', bigint(), 1, 'must be a bigint of 64 bits'],
  ['bigint', bigint(), 2n ** 63n, 'must be a bigint of 64 bits'],
  ['decimal', decimal(), 1.5, DECIMAL],
  ['decimal', decimal(), 2 ** 53, DECIMAL],
  ['decimal', decimal(), '1'.repeat(35), DECIMAL],
  ['decimal', decimal(), 10n ** 34n, DECIMAL],
  ['decimal', decimal(), 'NaN', DECIMAL],
  ['decimal', decimal(), '', DECIMAL],
  ['decimal', decimal(), '1e999', DECIMAL],
  ['decimal', decimal(), '9'.repeat(1_000_000), DECIMAL],
  ['decimal', decimal(5, 2), '1.234', MONEY],
  ['decimal', decimal(5, 2), '1234', MONEY],
  ['timestamp', timestamp(), '2026-01-31T00:00:00Z', `${MOMENT}, not text`],
  ['timestamp', timestamp(), 0, MOMENT],
  ['timestamp', timestamp(), new Date(Number.NaN), MOMENT],
  ['timestamp', timestamp(), new Date('+010000-01-01T00:00:00Z'), MOMENT],
  ['timestamp', timestamp(), new Date('0000-12-31T23:59:59.999Z'), MOMENT],
  ['timestamp', timestamp(), Object.create(Date.prototype), MOMENT],
  ['date', date(), '2023-02-29', DAY],
  ['date', date(), '2023-13-01', DAY],
  ['date', date(), '0000-01-01', DAY],
  ['date', date(), '2023-1-1', DAY],
  ['date', date(), new Date(), DAY],
  ['binary', binary(), [1, 2], 'must be a Uint8Array'],
  ['binary', binary(), new Uint16Array(2), 'must be a Uint8Array'],
  ['binary', binary(), 'abc', 'must be a Uint8Array'],
  ['geoPoint', geoPoint(), [2, 48], POINT],
  ['geoPoint', geoPoint(), { type: 'Point', coordinates: [181, 0] }, POINT],
  ['geoPoint', geoPoint(), { type: 'Point', coordinates: [0, 90.1] }, POINT],
  ['geoPoint', geoPoint(), { type: 'Point', coordinates: [0, Number.NaN] }, POINT],
  ['geoPoint', geoPoint(), { type: 'Point', coordinates: [0, 0, 0] }, POINT],
  ['geoPoint', geoPoint(), { type: 'Point', coordinates: ['0', '0'] }, POINT],
  ['geoPoint', geoPoint(), { ...point, crs: {} }, POINT],
  ['geoPoint', geoPoint(), { type: 'Polygon', coordinates: [0, 0] }, POINT],
];

describe('a scalar', () => {
  test.each(accepted)('%s takes its values and gives the canonical form (%#)', (_kind, builder, given, canonical) => {
    expect(input(builder, given)).toStrictEqual(canonical);
    expect(operand(builder, given)).toStrictEqual(canonical);
  });

  test.each(refused)('%s refuses other values and says what it expects (%#)', (_kind, builder, given, message) => {
    expect(input(builder, given)).toEqual([`it: ${message}`]);
    expect(operand(builder, given)).toEqual([`it: ${message}`]);
  });

  test.each([
    ['text', text()],
    ['integer', integer()],
    ['timestamp', timestamp()],
    ['binary', binary()],
    ['geoPoint', geoPoint()],
  ])('%s is never undefined, and null only when it is optional', (_kind, builder) => {
    expect(input(builder, undefined)).toEqual(['it: must not be undefined']);
    expect(input(builder, null)).toEqual(['it: must not be null']);
    expect(input(builder.optional(), null)).toBeNull();
    expect(input(builder.optional(), undefined)).toEqual([
      'it: must not be undefined: leave it out, or give null for no value',
    ]);
  });

  test('a message never holds the value that failed', () => {
    const secret = 'correct horse battery staple';
    for (const [, builder] of refused) {
      const told = JSON.stringify(input(builder, `${secret}\0`)) + JSON.stringify(input(builder, { [secret]: secret }));
      expect(told).not.toContain(secret);
    }
  });

  test('values of another realm are values', () => {
    expect(input(timestamp(), runInNewContext('new Date(0)'))).toStrictEqual(new Date(0));
    expect(input(binary(), runInNewContext('new Uint8Array([1])'))).toStrictEqual(new Uint8Array([1]));
  });

  test('what is stored is never the caller’s own mutable value', () => {
    const moment = new Date(5);
    expect(input(timestamp(), moment)).not.toBe(moment);
    const stored = input(binary(), bytes) as Uint8Array;
    expect(stored.buffer).not.toBe(bytes.buffer);
    expect((input(geoPoint(), point) as typeof point).coordinates).not.toBe(point.coordinates);
  });
});
