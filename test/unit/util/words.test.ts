import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FOLDINGS, spaced, variantsOf, wordEnds, wordsOf } from '../../../src/util/words.js';

describe('wordsOf', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' .,;-!? ', []],
    ['The RED fox', ['the', 'red', 'fox']],
    ['ann@example.org', ['ann', 'example', 'org']],
    ["it's 3.14 — or so", ['it', 's', '3', '14', 'or', 'so']],
    ['snake_case x2', ['snake_case', 'x2']],
    ['ÄÖÜ É Ž Ơ Ế ẞ', ['äöü', 'é', 'ž', 'ơ', 'ế', 'ß']],
    ['ΣΊΣΥΦΟΣ σίσυφος', ['σίσυφοσ', 'σίσυφοσ']],
    ['ЖУК Ґедзь', ['жук', 'ґедзь']],
    ['\u212a İ ı ſ', ['\u212a', 'İ', 'ı', 'ſ']],
    ['good 😀 good😀', ['good', '😀', 'good😀']],
    ['中文、の。', ['中文', 'の']],
    ['a\u00a0b\u3000c\u2028d', ['a', 'b', 'c', 'd']],
  ])('of %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('is the same for its own words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const words = wordsOf(text);
        expect(wordsOf(spaced(words))).toEqual(words);
      }),
    );
  });
});

describe('the letters that fold', () => {
  it('are in pairs of single letters', () => {
    for (const { from, to } of FOLDINGS) {
      expect(from.length).toBe(to.length);
      expect(Array.from(from).length).toBe(from.length);
    }
  });

  // What one release stored, the next one must find: a change here makes new columns and indexes.
  it('and what ends a word are what they were', () => {
    const all = JSON.stringify([FOLDINGS, wordEnds((hex) => hex)]);
    expect(createHash('sha256').update(all).digest('hex').slice(0, 16)).toBe('d4c409812f7db411');
  });

  it('are all variants of what they fold to', () => {
    expect(variantsOf('a')).toBe('aA');
    expect(variantsOf('é')).toBe('éÉ');
    expect(variantsOf('σ')).toBe('σΣς');
    expect(variantsOf('中')).toBe('中');
    for (const { from } of FOLDINGS)
      for (const letter of from) expect(variantsOf(wordsOf(letter)[0]!)).toContain(letter);
  });
});
