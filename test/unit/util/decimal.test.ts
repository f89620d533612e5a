import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDecimal, canonicalDecimal, compareDecimal, decimalDigits } from '../../../src/util/decimal.js';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.nat({ max: 17 }))
  .map(([digits, scale]) => canonicalDecimal(`${digits}e-${scale}`)!);

/** The value times 10^17, exactly, by another road than the code under test. */
function scaledUp(canonical: string): bigint {
  const negative = canonical.startsWith('-');
  const [whole, fraction = ''] = canonical.replace('-', '').split('.');
  const value = BigInt(whole!) * 10n ** 17n + BigInt(fraction.padEnd(17, '0'));
  return negative ? -value : value;
}

describe('canonicalDecimal', () => {
  it.each([
    ['1.50', '1.5'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['+7', '7'],
    ['007.10', '7.1'],
    ['1E-7', '0.0000001'],
    ['1e+3', '1000'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['12345678901234567890.1234567', '12345678901234567890.1234567'],
  ])('%s is written %s', (given, canonical) => {
    expect(canonicalDecimal(given)).toBe(canonical);
  });

  it.each(['', '.', 'e5', '1e', '0x10', 'NaN', 'Infinity', '1,5', ' 1', '1e9999', '--1'])(
    '%j is no decimal',
    (given) => {
      expect(canonicalDecimal(given)).toBeNull();
    },
  );

  it('reads a text of any length in time that grows with it alone', () => {
    // With the square of the time this would take minutes.
    const text = `0.${'0'.repeat(500_000)}1`;
    expect(canonicalDecimal(text) === text).toBe(true);
    expect(canonicalDecimal(`${text}${'0'.repeat(500_000)}`) === text).toBe(true);
  });

  it('leaves its own result alone', () => {
    fc.assert(fc.property(decimal, (each) => canonicalDecimal(each) === each));
  });
});

describe('addDecimal and compareDecimal', () => {
  it('are exact', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(scaledUp(addDecimal(a, b))).toBe(scaledUp(a) + scaledUp(b));
        expect(Math.sign(compareDecimal(a, b))).toBe(
          scaledUp(a) < scaledUp(b) ? -1 : scaledUp(a) > scaledUp(b) ? 1 : 0,
        );
      }),
    );
  });
});

describe('decimalDigits', () => {
  it('counts all digits and those behind the point', () => {
    expect(decimalDigits('0')).toEqual({ precision: 1, scale: 0 });
    expect(decimalDigits('-12.345')).toEqual({ precision: 5, scale: 3 });
    expect(decimalDigits('0.001')).toEqual({ precision: 3, scale: 3 });
  });
});
