import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePointLength, compareText, foldAscii, isWellFormed, successor } from '../../../src/util/text.js';

const points = (text: string) => Array.from(text, (each) => each.codePointAt(0)!);

function compareByPoints(a: string, b: string): number {
  const x = points(a);
  const y = points(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}

const text = fc.string({ unit: 'binary', maxLength: 6 });

describe('compareText', () => {
  it('orders by code point, where UTF-16 units would not', () => {
    expect(compareText('\uffff', '\u{10000}')).toBeLessThan(0);
    expect('\uffff' < '\u{10000}').toBe(false);
  });

  it('agrees with a comparison of code points', () => {
    fc.assert(fc.property(text, text, (a, b) => Math.sign(compareText(a, b)) === Math.sign(compareByPoints(a, b))));
  });
});

describe('successor', () => {
  it('is greater than every text with the prefix, and no text lies between', () => {
    fc.assert(
      fc.property(text, text, text, (prefix, tail, other) => {
        const next = successor(prefix);
        if (next === null) return points(prefix).every((each) => each === 0x10ffff);
        const inRange = compareText(other, prefix) >= 0 && compareText(other, next) < 0;
        return compareText(prefix + tail, next) < 0 && inRange === other.startsWith(prefix);
      }),
    );
  });

  it('steps over the surrogates and carries over the last code point', () => {
    expect(successor('a\ud7ff')).toBe('a\ue000');
    expect(successor('a\u{10ffff}')).toBe('b');
    expect(successor('\u{10ffff}')).toBeNull();
    expect(successor('')).toBeNull();
  });
});

describe('foldAscii', () => {
  it('folds A-Z and nothing else', () => {
    expect(foldAscii('AZaz ÉİẞK\u212a')).toBe('azaz Éİẞk\u212a');
  });
});

describe('isWellFormed', () => {
  it('refuses NUL and lone surrogates, and takes pairs', () => {
    expect(['\0', 'a\ud800', '\udc00b', '\udc00\ud800'].map(isWellFormed)).toEqual([false, false, false, false]);
    expect(['', 'a', '\u{1f600}', 'é\n\u0001'].map(isWellFormed)).toEqual([true, true, true, true]);
  });
});

describe('codePointLength', () => {
  it('counts code points, not UTF-16 units', () => {
    fc.assert(fc.property(text, (each) => codePointLength(each) === points(each).length));
  });
});
