import { bigint, decimal, integer, list, real, text, timestamp } from 'trivet';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { input, operand } from './kit.js';

const at = (message: string) => [`it: ${message}`];

describe('the rules of a text', () => {
  test('min, max and length count code points', () => {
    expect(input(text().min(2), '🙂')).toEqual(at('must have at least 2 characters'));
    expect(input(text().min(2), '🙂🙂')).toBe('🙂🙂');
    expect(input(text().max(1), '🙂')).toBe('🙂');
    expect(input(text().max(1), '🙂a')).toEqual(at('must have at most 1 character'));
    expect(input(text().length(3), 'ab')).toEqual(at('must have exactly 3 characters'));
    expect(input(text().length(3), 'abcd')).toEqual(at('must have exactly 3 characters'));
  });

  test('every rule that is broken is told, in the order of declaration', () => {
    expect(input(text().min(3).matches(/^\d+$/).email(), 'x')).toEqual([
      'it: must have at least 3 characters',
      'it: must match the pattern /^\\d+$/',
      'it: must be an e-mail address such as ann@example.org',
    ]);
  });

  test('transforms come first, in the order of declaration, and apply to operands, too', () => {
    const name = text().trim().lowercase().min(2);
    expect(input(name, '  ANN ')).toBe('ann');
    expect(input(name, '   a   ')).toEqual(at('must have at least 2 characters'));
    expect(operand(name, ' ANN ')).toBe('ann');
    expect(operand(name, ' A ')).toBe('a');
    expect(input(text().uppercase(), 'ab')).toBe('AB');
  });

  test('a pattern keeps no state between two texts, and the caller’s object is not used', () => {
    const pattern = /a/g;
    const field = text().matches(pattern);
    expect(input(field, 'a')).toBe('a');
    expect(input(field, 'a')).toBe('a');
    expect(pattern.lastIndex).toBe(0);
  });

  test.each(['ann@example.org', 'a.b+c@sub.example.co', "o'neil@example.org", 'x@a-b.io'])(
    '%s is an address',
    (address) => {
      expect(input(text().email(), address)).toBe(address);
    },
  );

  test.each([
    '',
    'ann',
    '@example.org',
    'ann@',
    'ann@example',
    'ann@@example.org',
    'a b@example.org',
    '.ann@example.org',
    'ann.@example.org',
    'a..b@example.org',
    'ann@-example.org',
    'ann@example-.org',
    'ann@example..org',
    'ann@exa_mple.org',
    'ann@example.org\n',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b'.repeat(64)}.org`,
  ])('%j is no address', (address) => {
    expect(input(text().email(), address)).toEqual(at('must be an e-mail address such as ann@example.org'));
  });

  test('an address of any length is judged in a time that grows with its length alone', () => {
    expect(input(text().email(), `${'a.'.repeat(500_000)}@${'b-'.repeat(500_000)}`)).toHaveLength(2);
  });

  test('url takes http and https only', () => {
    expect(input(text().url(), 'https://example.org/a?b#c')).toBe('https://example.org/a?b#c');
    for (const wrong of [
      'example.org',
      '/a',
      'javascript:alert(1)',
      'ftp://example.org',
      'http://',
      ' https://example.org',
      'https://example.org ',
      'https://example.org/\r\nSet-Cookie: a=b',
      'https://exam\tple.org',
    ]) {
      expect(input(text().url(), wrong)).toEqual(at('must be a URL that begins with http:// or https://'));
    }
  });
});

describe('the rules of numbers and moments', () => {
  test('a bound is part of what is expected, of the wrong type too', () => {
    expect(input(integer().min(0), -1)).toEqual(at('must be an integer from 0'));
    expect(input(integer().min(0), 'x')).toEqual(at('must be an integer from 0'));
    expect(input(integer().max(9), 10)).toEqual(at('must be an integer up to 9'));
    expect(input(integer().min(0).max(9), 10)).toEqual(at('must be an integer from 0 to 9'));
    expect(input(real().min(0.5), 0.4)).toEqual(at('must be a finite number from 0.5'));
    expect(input(bigint().max(5n), 6n)).toEqual(at('must be a bigint of 64 bits up to 5'));
    expect(input(timestamp().min(new Date(0)), new Date(-1))).toEqual(
      at('must be a Date from 1970-01-01T00:00:00.000Z'),
    );
  });

  test('decimals are compared by value', () => {
    const price = decimal(10, 2).min('0.50').max(100);
    expect(input(price, '0.5')).toBe('0.5');
    expect(input(price, '100.00')).toBe('100');
    const expected =
      'must be a decimal of at most 10 digits, 2 of them behind the point, as text, bigint or an integer from 0.5 to 100';
    expect(input(price, '0.49')).toEqual(at(expected));
    expect(input(price, '100.01')).toEqual(at(expected));
  });

  test('bounds do not hold for operands: a filter may ask for anything of the type', () => {
    expect(operand(integer().min(0), -1)).toBe(-1);
    expect(operand(text().min(3).email(), 'x')).toBe('x');
    expect(operand(timestamp().max(new Date(0)), new Date(1))).toStrictEqual(new Date(1));
  });

  test('a later bound replaces an earlier one', () => {
    expect(input(integer().min(5).min(0), 1)).toBe(1);
    expect(input(text().max(1).max(3), 'ab')).toBe('ab');
  });
});

describe('own messages', () => {
  test.each([
    [text().min(3, 'own'), 'x'],
    [text().max(3, 'own'), 'xxxx'],
    [text().length(3, 'own'), 'x'],
    [text().matches(/y/, 'own'), 'x'],
    [text().email('own'), 'x'],
    [text().url('own'), 'x'],
    [integer().min(3, 'own'), 1],
    [integer().max(3, 'own'), 5],
    [real().min(3, 'own'), 1],
    [real().max(3, 'own'), 5],
    [bigint().min(3n, 'own'), 1n],
    [bigint().max(3n, 'own'), 5n],
    [decimal().min(3, 'own'), 1],
    [decimal().max(3, 'own'), 5],
    [timestamp().min(new Date(3), 'own'), new Date(1)],
    [timestamp().max(new Date(3), 'own'), new Date(5)],
    [list(text()).min(1, 'own'), []],
    [list(text()).max(1, 'own'), ['a', 'b']],
    [text().check(() => false, 'own'), 'x'],
    [text().check(z.email(), 'own'), 'x'],
  ])('stand in place of the library’s (%#)', (builder, value) => {
    expect(input(builder, value)).toEqual(at('own'));
  });
});

describe('own checks', () => {
  test('a function sees the canonical value, and only one of the right type', () => {
    const seen: unknown[] = [];
    const field = text()
      .trim()
      .check((value) => seen.push(value) > 0);
    expect(input(field, ' a ')).toBe('a');
    expect(input(field, 5)).toEqual(at('must be text'));
    expect(seen).toEqual(['a']);
    expect(
      input(
        text().check(() => false),
        'x',
      ),
    ).toEqual(at('does not hold a valid value'));
  });

  test('what a function throws is thrown', () => {
    const field = text().check(() => {
      throw new RangeError('boom');
    });
    expect(() => input(field, 'x')).toThrow(RangeError);
  });

  test('a promise is no answer', () => {
    const promised = text().check((async () => true) as never);
    expect(input(promised, 'x')).toEqual(at('must be checked by a synchronous function: this one gave a promise'));
    const failing = text().check((async () => Promise.reject(new Error('nobody hears this'))) as never);
    expect(input(failing, 'x')).toHaveLength(1);
  });

  test('a Standard Schema judges with its own words and changes nothing', () => {
    expect(input(text().check(z.string().toUpperCase().min(1)), 'a')).toBe('a');
    expect(input(text().check(z.string().min(3)), 'x')).toEqual([expect.stringMatching(/^it: /)]);
    const later = z.string().refine(async () => true);
    expect(input(text().check(later), 'x')).toEqual(
      at('must be checked by a synchronous schema: this one gave a promise'),
    );
  });
});
