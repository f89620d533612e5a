import { describe, expect, it } from 'vitest';
import type { Parsing } from '../../../src/query/parsing.js';
import { isBare, parseSearchText } from '../../../src/query/search-text.js';
import { parsing } from './entities.js';

/** The terms of a text as it could be written again. */
function read(text: string): string {
  const into: Parsing = parsing();
  const { required, excluded } = parseSearchText(into, text);
  expect(into.issues).toEqual([]);
  const shown = (minus: string) => (term: readonly string[]) =>
    minus + (term.length === 1 ? term[0]! : `"${term.join(' ')}"`);
  return [...required.map(shown('')), ...excluded.map(shown('-'))].join(' ');
}

describe('the text of a search', () => {
  it.each<[string, string]>([
    ['Red FOX', 'red fox'],
    ['  red\n\tfox  ', 'red fox'],
    ['"Red Fox" wolf', '"red fox" wolf'],
    ['"red" "fox', 'red fox'],
    ['"red fox', '"red fox"'],
    ['red"fox wolf"bear', 'red "fox wolf" bear'],
    ['3.14 ann@example.org', '"3 14" "ann example org"'],
    ['red -fox -"grey wolf" -e-mail', 'red -fox -"grey wolf" -"e mail"'],
    ['red --fox', 'red -fox'],
    ['red - fox', 'red fox'],
    ['red-fox', '"red fox"'],
    ['red "-fox"', 'red fox'],
    ['"a"-"b" "c"-d', 'a b c d'],
    ['(-fox) [red]', 'fox red'],
    ['red or fox | wolf & !bear', 'red or fox wolf bear'],
    ['red RED "red" red.', 'red'],
    ['red -red', 'red -red'],
    ['a\u1680b\u3000-c d\ufeffe', 'a b "d\ufeffe" -c'.replaceAll('"', '')],
    ["'; drop table --", 'drop table'],
  ])('%j means %s', (text, terms) => {
    expect(read(text)).toBe(terms);
  });

  it.each<[string, unknown, string]>([
    ['nothing', '', 'must hold a word to look for: letters or digits, not only exclusions, punctuation or marks'],
    [
      'only exclusions',
      '-a -"b c"',
      'must hold a word to look for: letters or digits, not only exclusions, punctuation or marks',
    ],
    ['a mark', '\u0301', 'must hold a word to look for: letters or digits, not only exclusions, punctuation or marks'],
    ['a number', 5, 'must be a text, got `5` (number)'],
    ['a lone surrogate', 'a\udc00', 'must be well-formed Unicode without NUL'],
    ['1,001 characters', 'a '.repeat(501), 'must have at most 1000 characters'],
    [
      '65 words',
      Array.from({ length: 65 }, (_, i) => `-a${i}`)
        .join(' ')
        .slice(1),
      'must have at most 64 words',
    ],
    ['a word of 201 characters', '😀'.repeat(201), 'must have words of at most 200 characters'],
  ])('%s is refused', (_what, text, message) => {
    const into: Parsing = parsing();
    parseSearchText(into, text);
    expect(into.issues).toEqual([{ path: 'text', message }]);
  });

  it('counts characters, not UTF-16 units', () => {
    expect(read(`${'😀'.repeat(200)} ${'😀'.repeat(200)}a`.slice(0, 801))).toContain('😀');
  });

  it('knows marks, which are no words to look for alone', () => {
    expect(['\u0301', '\u0301\u093c', 'ー', '·'].map(isBare)).toEqual([true, true, true, true]);
    expect(['e\u0301', 'a', '1', '😀', '中', '_', '\ufe0f'].map(isBare)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});
