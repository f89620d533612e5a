import { describe, expect, it } from 'vitest';
import { canonical } from '../../../src/mongo/canonical.js';
import { indexesOf } from '../../../src/mongo/indexes.js';
import { Names } from '../../../src/mongo/names.js';
import { validatorOf } from '../../../src/mongo/validator.js';
import { identifier } from '../../../src/schema/identifier.js';
import { bson, field, names, shown, Thing } from './models.js';

const indexes = Object.fromEntries(indexesOf(Thing, names, bson).map(({ name, ...rest }) => [name, rest]));

describe('an index', () => {
  it('that is unique covers the rows that are not deleted and have every value', () => {
    expect(indexes['things_email_key']).toEqual({
      key: { email: 1 },
      unique: true,
      partialFilterExpression: { deletedAt: { $eq: null } },
    });
    expect(indexes['things_handle_key']).toEqual({
      key: { handle: 1 },
      unique: true,
      partialFilterExpression: { handle: { $exists: true }, deletedAt: { $eq: null } },
    });
  });

  it('that is declared keeps its directions, tests and name, and ends in the key, which breaks ties', () => {
    expect(JSON.stringify(indexes['things_role_active_idx'])).toBe('{"key":{"role":1,"active":1,"_id":1}}');
    expect(JSON.stringify(indexes['things_at_idx'])).toBe(
      '{"key":{"at":-1,"_id":-1},"partialFilterExpression":{"deletedAt":{"$eq":null}}}',
    );
    expect(indexes['things_place_geo_idx']).toEqual({ key: { place: '2dsphere' } });
    expect(indexes['gone']).toEqual({ key: { at: 1 }, expireAfterSeconds: 90 });
  });

  it('for search has weights and takes no field for a language', () => {
    expect(indexes['things_email_profile_bio_search_idx']).toEqual({
      key: { email: 'text', 'profile.bio': 'text' },
      weights: { email: 10, 'profile.bio': 2 },
      default_language: 'none',
      language_override: '_language',
    });
  });
});

describe('a validator', () => {
  const { $jsonSchema } = validatorOf(Thing, names, bson) as {
    $jsonSchema: { properties: Record<string, object>; required: string[] };
  };
  const { properties, required } = $jsonSchema;

  it('requires what is not optional, by the names of the server', () => {
    expect(required).toEqual(['_id', 'email', 'visits']);
  });

  it.each([
    ['email', '{"bsonType":"string","maxLength":{"$numberInt":"50"}}'],
    ['age', '{"bsonType":["int","long"],"minimum":{"$numberInt":"0"},"maximum":{"$numberInt":"150"}}'],
    [
      'visits',
      '{"bsonType":["int","long"],"minimum":{"$numberLong":"-9007199254740991"},"maximum":{"$numberLong":"9007199254740991"}}',
    ],
    ['big', '{"bsonType":"long"}'],
    ['price', '{"bsonType":"decimal","minimum":{"$numberDecimal":"-99.99"},"maximum":{"$numberDecimal":"99.99"}}'],
    ['role', '{"enum":["user","admin"]}'],
    ['tags', '{"bsonType":"array","maxItems":{"$numberInt":"3"},"items":{"bsonType":"string"}}'],
    ['other', '{"bsonType":"string"}'],
    ['_id', '{"bsonType":"binData"}'],
  ])('bounds `%s`', (name, expected) => {
    expect(shown(properties[name])).toBe(expected);
  });

  it('keeps infinity out of reals and leaves JSON alone', () => {
    expect(shown(properties['ratio'])).toContain('1.7976931348623157e+308');
    expect(properties['data']).toBeUndefined();
  });

  it('is compared by meaning: the order of keys and the width of numbers do not matter', () => {
    expect(canonical({ a: new bson.Int32(1), b: [1.5] })).toBe(
      canonical({ b: [new bson.Double(1.5)], a: bson.Long.fromNumber(1) }),
    );
    expect(canonical({ a: 1 })).not.toBe(canonical({ a: '1' }));
    expect(canonical({ a: 1 })).not.toBe(canonical({ a: 2 }));
  });
});

describe('a name', () => {
  it('of a field goes to the server and back', () => {
    const snake = new Names(Thing, 'snake');
    expect(snake.path(field('deletedAt'))).toBe('deleted_at');
    expect(snake.back('deleted_at')).toBe('deletedAt');
    expect(names.path(field('id'))).toBe('_id');
    expect(names.back('_id')).toBe('id');
    expect(names.back('profile.deep.count')).toBe('profile.deep.count');
    expect(names.back('other')).toBe('renamed');
  });

  it('of a constraint has at most 63 bytes and stays distinct', () => {
    const long = 'é'.repeat(60);
    const a = identifier(['t', long, 'a'], 'key');
    const b = identifier(['t', long, 'b'], 'key');
    expect(Buffer.byteLength(a)).toBeLessThanOrEqual(63);
    expect(a).not.toBe(b);
    expect(a).toMatch(/_[0-9a-f]{8}_key$/);
  });
});
