import { describe, expect, it } from 'vitest';
import {
  bigint,
  binary,
  decimal,
  entity,
  geoPoint,
  integer,
  json,
  list,
  object,
  text,
  timestamp,
  uuid,
} from '../../../src/index.js';
import { rowReader } from '../../../src/postgres/rows.js';
import { OID, readArray, readerOfType, readInt8, readJson, readTimestamp } from '../../../src/postgres/types.js';
import { encoderOf } from '../../../src/postgres/values.js';

const Thing = entity('things', {
  id: uuid().primaryKey(),
  bytes: binary().optional(),
  place: geoPoint().optional(),
  data: json().optional(),
  big: bigint().optional(),
  times: list(timestamp()).optional(),
  o: object({
    at: timestamp().optional(),
    d: decimal().optional(),
    big: bigint().optional(),
    bytes: binary().optional(),
    n: integer().optional(),
    data: json().optional(),
    items: list(object({ d: decimal(), s: text().optional() })).optional(),
  }).optional(),
});
const model = Thing['~model'];
const field = (name: string) => model.fields.find((each) => each.name === name)!;

describe('a value on its way to the server', () => {
  it('bytes travel as a Buffer over the same memory, also those of a slice', () => {
    const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const encoded = encoderOf(field('bytes'))(bytes) as Buffer;
    expect(Buffer.isBuffer(encoded)).toBe(true);
    expect([...encoded]).toEqual([2, 3]);
    expect(encoded.buffer).toBe(bytes.buffer);
  });

  it('inside JSON, bigints and decimals are text, bytes hex, times ISO, and nulls are left out', () => {
    const value = {
      at: new Date(5),
      d: '2.10',
      big: 9007199254740993n,
      bytes: new Uint8Array([255, 0]),
      n: null,
      data: null,
      items: [{ d: '1.5', s: null }],
    };
    expect(JSON.parse(encoderOf(field('o'))(value) as string)).toEqual({
      at: '1970-01-01T00:00:00.005Z',
      d: '2.10',
      big: '9007199254740993',
      bytes: 'ff00',
      items: [{ d: '1.5' }],
    });
  });

  it('null is null for every kind', () => {
    for (const each of model.fields) expect(encoderOf(each)(null)).toBeNull();
  });
});

describe('a row on its way from the server', () => {
  const read = (name: string, dataTypeID: number, raw: string): unknown =>
    rowReader([{ name: 'x', dataTypeID }], [{ name, field: field(name) }])([raw])[name];

  it('what lies in an object comes back as its kind; what is missing is null; what is not declared is dropped', () => {
    const stored =
      '{"at":"1970-01-01T00:00:00.005Z","d":2.10,"big":"9007199254740993","bytes":"ff00","n":null,"x":1,"items":[{"d":"1.50"}]}';
    expect(read('o', OID.jsonb, stored)).toEqual({
      at: new Date(5),
      d: '2.1',
      big: 9007199254740993n,
      bytes: new Uint8Array([255, 0]),
      n: null,
      data: null,
      items: [{ d: '1.5', s: null }],
    });
  });

  it('bytes are a plain Uint8Array with memory of their own', () => {
    const bytes = read('bytes', OID.bytea, '\\x01ff') as Uint8Array;
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer.byteLength).toBe(2);
  });

  it('bytes in the old escape form are read', () => {
    expect(read('bytes', OID.bytea, 'a\\000\\\\b')).toEqual(new Uint8Array([97, 0, 92, 98]));
  });

  it('a JSON null in the column of an object is null', () => {
    expect(read('o', OID.jsonb, 'null')).toBeNull();
  });

  it('a key `__proto__` never arrives', () => {
    for (const raw of ['{"__proto__":{"polluted":1},"a":1}', '{"\\u005f_proto__":{"polluted":1},"a":1}']) {
      const data = read('data', OID.jsonb, raw) as object;
      expect(Object.getOwnPropertyNames(data)).toEqual(['a']);
      expect(Object.assign({}, data)).not.toHaveProperty('polluted');
    }
    const row = rowReader(
      [
        { name: '__proto__', dataTypeID: 25 },
        { name: 'a', dataTypeID: 25 },
      ],
      null,
    )(['x', 'y']);
    expect(row).toEqual({ a: 'y' });
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  it('a bigint comes from any type of number', () => {
    expect(read('big', OID.int8, '9223372036854775807')).toBe(9223372036854775807n);
    expect(read('big', OID.numeric, '12.000')).toBe(12n);
  });

  it('a list of times comes from an array', () => {
    expect(read('times', 1185, '{"2026-01-02 03:04:05.678+00",NULL}')).toEqual([
      new Date('2026-01-02T03:04:05.678Z'),
      null,
    ]);
  });
});

describe('text of the server', () => {
  const times: readonly [string, string][] = [
    ['2026-11-22 11:15:11.123+00', '2026-11-22T11:15:11.123Z'],
    ['2026-11-22 11:15:11.123456+00', '2026-11-22T11:15:11.123Z'],
    ['2026-11-22 11:15:11+00', '2026-11-22T11:15:11.000Z'],
    ['2026-11-22 11:15:11.5+00', '2026-11-22T11:15:11.500Z'],
    ['2026-11-22 11:15:11.05+00', '2026-11-22T11:15:11.050Z'],
    ['2026-11-22 11:15:11', '2026-11-22T11:15:11.000Z'],
    ['2026-11-22 11:15:11.1', '2026-11-22T11:15:11.100Z'],
    ['2026-11-22 16:45:11.123+05:30', '2026-11-22T11:15:11.123Z'],
    ['2026-11-22 06:15:11.1-05', '2026-11-22T11:15:11.100Z'],
    ['1883-11-18 07:03:58-04:56:02', '1883-11-18T12:00:00.000Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31 23:59:59.999+00', '0099-12-31T23:59:59.999Z'],
    ['9999-12-31 23:59:59.999+00', '9999-12-31T23:59:59.999Z'],
    ['0044-03-15 12:00:00+00 BC', '-000043-03-15T12:00:00.000Z'],
    ['12026-01-01 00:00:00+00', '+012026-01-01T00:00:00.000Z'],
  ];
  for (const [raw, iso] of times) {
    it(`reads the time ${raw}`, () => expect(readTimestamp(raw).toISOString()).toBe(iso));
  }

  it('an infinite time is an invalid date', () => {
    expect(readTimestamp('infinity').getTime()).toBeNaN();
  });

  it('an int8 is a number, and a bigint where a number would be another one', () => {
    expect(readInt8('9007199254740991')).toBe(9007199254740991);
    expect(readInt8('9007199254740993')).toBe(9007199254740993n);
  });

  it('arrays nest, quote, escape and hold nulls', () => {
    expect(readArray('{a,"b,c","d\\"e\\\\",NULL,"NULL",""}', null)).toEqual(['a', 'b,c', 'd"e\\', null, 'NULL', '']);
    expect(readArray('{{1,2},{3,NULL}}', Number)).toEqual([
      [1, 2],
      [3, null],
    ]);
    expect(readArray('[0:1]={1,2}', Number)).toEqual([1, 2]);
    expect(readArray('{}', null)).toEqual([]);
  });

  it('types without a reader stay text', () => {
    expect(readerOfType(2950)).toBeNull();
    expect(readerOfType(999_999)).toBeNull();
  });

  it('numeric text has one form', () => {
    const read = readerOfType(OID.numeric)!;
    expect(['1.50', '0.00', '-0.10', 'NaN'].map(read)).toEqual(['1.5', '0', '-0.1', 'NaN']);
  });

  it('JSON is JSON', () => expect(readJson('[1,"a",null]')).toEqual([1, 'a', null]));
});
