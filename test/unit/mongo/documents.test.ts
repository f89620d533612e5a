import { BSON, Double, Int32, Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { SchemaError } from '../../../src/errors/runtime.js';
import { rowReader } from '../../../src/mongo/documents.js';
import { objectEncoder } from '../../../src/mongo/fields.js';
import { approximateSize } from '../../../src/mongo/size.js';
import { copyRow } from '../../../src/schema/copy.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { bson, names, Thing } from './models.js';

const read = rowReader(Thing.fields, names);
const encode = objectEncoder(Thing.fields, (each) => names.top(each), bson);
const readStored = (document: object): StoredRow => read(Buffer.from(BSON.serialize(document)), 0);

const full: StoredRow = {
  id: '018f0000-0000-7000-8000-0000000000ff',
  email: 'ann@example.org',
  handle: 'grüße \u{1f600}, more than twenty-four bytes',
  age: 2 ** 31,
  visits: -1,
  ratio: 0.1,
  big: -(2n ** 63n),
  price: '-12.34',
  role: 'admin',
  active: false,
  at: new Date('0001-01-01T00:00:00.001Z'),
  day: '2024-02-29',
  owner: '65f000000000000000000001',
  bytes: new Uint8Array([0, 255]),
  place: { type: 'Point', coordinates: [1.5, -2] },
  data: { a: [1, null, 2 ** 40, 'x', { b: true }], c: 0.5 },
  tags: ['a', ''],
  scores: [1, 2 ** 40],
  profile: { bio: null, deep: { count: 3 } },
  renamed: 'r',
  deletedAt: new Date('9999-12-31T23:59:59.999Z'),
};

describe('a row', () => {
  it('comes back from its document as it was, fields in the order of the entity', () => {
    const row = readStored(encode(full));
    expect(row).toEqual(full);
    expect(Object.keys(row)).toEqual(Thing.fields.map((each) => each.name));
  });

  it('has null for every absent field, and for every absent field of an object', () => {
    const row = readStored({ profile: {} });
    const expected = Object.fromEntries(Thing.fields.map((each) => [each.name, null as unknown]));
    expect(row).toEqual({ ...expected, profile: { bio: null, deep: null } });
  });

  it('has null for an explicit null, and nothing that the entity does not name', () => {
    const row = readStored({ role: null, extra: { deep: [1] }, tags: [null, 'a'], profile: { unknown: 1 } });
    expect(row['role']).toBeNull();
    expect(row['tags']).toEqual(['a']);
    expect(row['profile']).toEqual({ bio: null, deep: null });
    expect(Object.keys(row)).not.toContain('extra');
  });

  it('is read from documents in any order of keys', () => {
    const document = encode(full);
    expect(readStored(Object.fromEntries(Object.entries(document).reverse()))).toEqual(full);
  });

  it('never takes a key of a document for its prototype', () => {
    const stored = new Map<string, unknown>([
      ['__proto__', { polluted: true }],
      ['constructor', { prototype: { polluted: true } }],
      ['data', new Map([['__proto__', { polluted: true }]])],
    ]);
    const row = readStored(stored);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect((row as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(row['data'])).toBe(Object.prototype);
    expect(Object.assign({}, { ...row }).constructor).toBe(Object);
  });

  it.each([
    ['visits', new Double(3), 3],
    ['visits', Long.fromNumber(3), 3],
    ['big', new Int32(3), 3n],
    ['ratio', new Int32(3), 3],
    ['price', new Double(1.5), '1.5'],
    ['price', bson.Decimal128.fromString('1.50'), '1.5'],
    ['price', bson.Decimal128.fromString('-0'), '0'],
    ['price', bson.Decimal128.fromString('1E-7'), '0.0000001'],
    ['price', bson.Decimal128.fromString('9999999999999999999999999999999999'), '9999999999999999999999999999999999'],
  ])("takes another width of number in `%s` for the field's", (path, value, expected) => {
    expect(readStored({ [path]: value })[path]).toEqual(expected);
  });

  it.each([
    ['visits', 'x'],
    ['visits', 1.5],
    ['visits', Long.MAX_VALUE],
    ['id', 'x'],
    ['at', 'x'],
    ['tags', 'x'],
    ['price', bson.Decimal128.fromString('NaN')],
    ['profile', []],
  ])('whose `%s` holds another type is a SchemaError that shows no value', (path, value) => {
    expect(() => readStored({ [path === 'id' ? '_id' : path]: value })).toThrow(SchemaError);
    expect(() => readStored({ secret: 'hunter2', [path === 'id' ? '_id' : path]: value })).toThrow(`\`${path}\``);
  });

  it('skips values of every BSON type that it does not name', () => {
    const { MinKey, MaxKey, Timestamp, Code, BSONRegExp, Binary } = BSON;
    const document = {
      a: new MinKey(),
      b: new MaxKey(),
      c: Timestamp.fromNumber(1),
      d: new Code('x', { y: 1 }),
      e: new BSONRegExp('x', 'i'),
      f: new Binary(new Uint8Array(3)),
      g: undefined,
      h: 1.5,
      email: 'found',
    };
    const bytes = Buffer.from(BSON.serialize(document, { ignoreUndefined: false }));
    expect(read(bytes, 0)['email']).toBe('found');
  });
});

describe('the row that an insert gives', () => {
  it('is the one a read would give, and shares nothing with the draft', () => {
    const copy = copyRow(full, Thing.fields);
    expect(copy).toEqual(readStored(encode(full)));
    expect(copy['data']).not.toBe(full['data']);
    expect(copy['tags']).not.toBe(full['tags']);
    expect(copy['at']).not.toBe(full['at']);
  });
});

describe('the approximate size', () => {
  it('is never less than the real one', () => {
    const document = encode(full);
    expect(approximateSize(document)).toBeGreaterThanOrEqual(BSON.calculateObjectSize(document));
    expect(approximateSize({})).toBeGreaterThanOrEqual(5);
  });
});
