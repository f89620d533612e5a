import {
  bigint,
  binary,
  boolean,
  date,
  decimal,
  entity,
  enumOf,
  fenced,
  geoPoint,
  integer,
  json,
  list,
  object,
  objectId,
  real,
  serial,
  softDelete,
  text,
  timestamp,
  timestamps,
  toJsonSchema,
  uuid,
  versioned,
} from 'trivet';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

const User = entity(
  'users',
  {
    id: uuid().primaryKey(),
    email: text().trim().email(),
    code: text()
      .min(2)
      .max(4)
      .matches(/^[a-z]+$/),
    password: text().min(8).hidden(),
    role: enumOf('user', 'admin').default('user'),
    nick: text().optional(),
    kind: enumOf('a', 'b').optional(),
    profile: object({ first: text(), born: date().optional(), prefs: object({ dark: boolean().default(false) }) }),
    tags: list(text().max(20)).max(5).default([]),
    slug: text().generated(),
    settings: json().optional(),
    at: timestamp().default(() => new Date()),
    ...timestamps(),
    ...softDelete(),
    ...versioned(),
    ...fenced(),
  },
  { computed: { shout: (row) => row.code.toUpperCase() } },
);
const row = toJsonSchema(User) as any;
const insert = toJsonSchema(User, { mode: 'insert' }) as any;

describe('the JSON Schema of an entity', () => {
  test('names its dialect and the entity, and is plain JSON', () => {
    expect(row).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'users',
      type: 'object',
    });
    expect(JSON.parse(JSON.stringify(row))).toEqual(row);
    expect(JSON.parse(JSON.stringify(insert))).toEqual(insert);
  });

  test('of a row holds every field but hidden ones, and what is computed', () => {
    const names = Object.keys(User.fields).filter((name) => name !== 'password');
    expect(Object.keys(row.properties)).toEqual([...names, 'shout']);
    expect(row.required).toEqual([...names, 'shout']);
    expect(row.properties.profile.required).toEqual(['first', 'born', 'prefs']);
  });

  test('of a draft asks for what has no default and is not optional', () => {
    expect(Object.keys(insert.properties)).toEqual(Object.keys(User.fields));
    expect(insert.required).toEqual(['email', 'code', 'password', 'profile']);
    expect(insert.properties.profile.required).toEqual(['first']);
    expect(insert.additionalProperties).toBe(false);
    expect(insert.properties.role.default).toBe('user');
    expect(insert.properties.tags.default).toEqual([]);
    expect('default' in insert.properties.at).toBe(false);
    expect('default' in row.properties.role).toBe(false);
  });

  test('leaves open what a computed field is, and refuses another mode and what is no entity', () => {
    expect(row.properties.shout).toEqual({});
    expect(() => toJsonSchema(User, { mode: 'rows' as never })).toThrow("Expected `mode` to be 'row' or 'insert'");
    expect(() => toJsonSchema({} as never)).toThrow('must be an entity, made by `entity()`');
  });

  test('shows no default of what is hidden', () => {
    const Account = entity('accounts', { id: uuid().primaryKey(), plan: text().default('free').hidden() });
    const { properties, required } = toJsonSchema(Account, { mode: 'insert' }) as any;
    expect(properties.plan).toEqual({ type: 'string' });
    expect(required).toEqual([]);
  });

  test('allows null where a field is optional', () => {
    expect(row.properties.nick).toEqual({ type: ['string', 'null'] });
    expect(row.properties.kind).toEqual({ anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'null' }] });
    expect(row.properties.settings).toEqual({});
    expect(row.properties.deletedAt).toEqual({ type: ['string', 'null'], format: 'date-time' });
  });

  test('tells the rules of texts, unless a transform comes before them', () => {
    expect(row.properties.code).toEqual({ type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-z]+$' });
    expect(row.properties.email).toEqual({ type: 'string', maxLength: 254, format: 'email' });
    expect(insert.properties.email).toEqual({ type: 'string' });
    const twice = toJsonSchema(
      entity('x', { id: uuid().primaryKey(), a: text().matches(/a/).matches(/b/).matches(/C/i) }),
    ) as any;
    expect(twice.properties.a.allOf).toEqual([{ pattern: 'a' }, { pattern: 'b' }]);
  });

  test('has a type for every kind', () => {
    const All = entity('all', {
      id: serial().primaryKey(),
      oid: objectId(),
      n: integer().min(1),
      r: real().max(0.5),
      b: bigint(),
      d: decimal(5, 2),
      bytes: binary(),
      point: geoPoint(),
      flag: boolean(),
      lines: list(object({ sku: text() })).min(1),
      any: json(),
    });
    expect((toJsonSchema(All) as any).properties).toEqual({
      id: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
      oid: { type: 'string', pattern: '^[0-9a-fA-F]{24}$' },
      n: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      r: { type: 'number', maximum: 0.5 },
      b: { type: 'string', pattern: '^-?(0|[1-9][0-9]*)$' },
      d: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$' },
      bytes: { type: 'string', contentEncoding: 'base64' },
      point: expect.objectContaining({ type: 'object', required: ['type', 'coordinates'] }),
      flag: { type: 'boolean' },
      lines: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: { sku: { type: 'string' } },
          required: ['sku'],
          additionalProperties: false,
        },
      },
      any: {},
    });
    expect((toJsonSchema(All, { mode: 'insert' }) as any).required).not.toContain('id');
  });

  test('is understood by another library, which judges rows as ours does', () => {
    const Tag = entity('tags', {
      id: integer().primaryKey(),
      name: text().min(2).max(4),
      at: date().optional(),
      place: object({ point: geoPoint(), kind: enumOf('a', 'b').optional() }),
    });
    const other = z.fromJSONSchema(toJsonSchema(Tag) as never);
    const good = { id: 1, name: 'abc', at: null, place: { point: { type: 'Point', coordinates: [1, 2] }, kind: null } };
    expect(other.safeParse(good).success).toBe(true);
    for (const wrong of [
      { ...good, id: 1.5 },
      { ...good, name: 'x' },
      { ...good, more: 1 },
      { ...good, place: {} },
    ]) {
      expect(other.safeParse(wrong).success).toBe(false);
      expect(Tag['~standard'].validate(wrong).issues).toBeDefined();
    }
  });
});
