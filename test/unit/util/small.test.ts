import { describe, expect, it } from 'vitest';
import { describeValue, reasonOf, typeName } from '../../../src/util/describe.js';
import { type Duration, parseDuration } from '../../../src/util/duration.js';
import { nearest } from '../../../src/util/nearest.js';
import { uuidV7 } from '../../../src/util/uuid.js';

describe('uuidV7', () => {
  it('sorts in the order of making, also within a millisecond and when the clock goes back', () => {
    const now = 1_900_000_000_000;
    const ids = Array.from({ length: 10_000 }, (_, i) => uuidV7(i % 1_000 === 999 ? now - 5 : now));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('holds the time, the version and the variant', () => {
    const now = 2_000_000_000_000;
    const id = uuidV7(now);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(now);
  });
});

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
  ])('%s', (given, milliseconds) => {
    expect(parseDuration(given as Duration, 'ttl')).toBe(milliseconds);
  });

  it.each([300, '300', '5 minutes', '-1s', '', null, undefined, '1e3s'])('refuses %j and names the option', (given) => {
    expect(() => parseDuration(given as never, 'ttl')).toThrow(/Expected `ttl` to be a duration such as '30s'/);
  });
});

describe('nearest', () => {
  it('names the field that was meant, or nothing', () => {
    expect(nearest('agee', ['name', 'age', 'email'])).toBe('age');
    expect(nearest('profile.firstNam', ['profile', 'profile.firstName'])).toBe('profile.firstName');
    expect(nearest('zzz', ['name', 'age'])).toBeUndefined();
    expect(nearest('x'.repeat(10_000), ['x'])).toBeUndefined();
  });

  it('counts two neighbours that are swapped as one mistake', () => {
    expect(nearest('nmae', ['email', 'name'])).toBe('name');
    expect(nearest('ega', ['age'])).toBeUndefined();
    expect(nearest('autohrId', ['authorId', 'id'])).toBe('authorId');
  });
});

describe('typeName', () => {
  it('says what a value is, never the value', () => {
    const secret = 'hunter2';
    const values = [
      secret,
      1,
      Number.NaN,
      null,
      undefined,
      [secret],
      { secret },
      new Date(0),
      () => secret,
      1n,
      Symbol(secret),
    ];
    expect(values.map(typeName)).toEqual([
      'a string',
      'a number',
      'not a number',
      'null',
      'undefined',
      'a list',
      'a plain object',
      'an instance of Date',
      'a function',
      'a bigint',
      'a symbol',
    ]);
  });

  it('survives objects without a prototype', () => {
    expect(typeName(Object.create(null))).toBe('a plain object');
    expect(describeValue(Object.create({ constructor: null }))).toBe('a plain object');
  });
});

describe('reasonOf()', () => {
  it('takes the end of a sentence off a message of any length, in time that grows with it alone', () => {
    expect(reasonOf(new Error('It failed. .\n'))).toBe('It failed');
    expect(reasonOf('x')).toBe('it threw something that is no error');
    // With the square of the time this would take minutes.
    const message = `${' .'.repeat(500_000)}x`;
    expect(reasonOf(new Error(`${message}${'. '.repeat(500_000)}`)) === message).toBe(true);
  });
});
