import { describeValue } from '../util/describe.js';
import { codePointLength, isWellFormed } from '../util/text.js';
import { wordsOf } from '../util/words.js';
import { addIssue, type Parsing } from './parsing.js';

/** Words that are looked for one behind the other; mostly one. Never empty. */
export type SearchTerm = readonly string[];

/** What a row must hold, and what it must not, in the fields that are searched. */
export interface SearchTerms {
  /** Never empty: at least one word is not bare. */
  readonly required: readonly SearchTerm[];
  readonly excluded: readonly SearchTerm[];
}

const MAX_LENGTH = 1_000;
const MAX_WORDS = 64;
/** No server's index holds words of any length. */
const MAX_WORD = 200;

/** The spaces of Unicode. JavaScript's own class has a mark besides, which ends no word. */
const SPACE = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const ENDS_SPACE = new RegExp(`[${SPACE}]$`);
/** A phrase in quotes, which the end of the text closes too; or what stands between spaces and quotes. */
const PART = new RegExp(`((?<=^|[${SPACE}])-)?"([^"]*)"?|[^${SPACE}"]+`, 'g');

/**
 * The words of a search: every one must be there, `"some words"` in this order, `-word` and `-"some words"` not at all. Words that
 * punctuation joins, as in `3.14` or `ann@example.org`, are looked for in their order. Nothing else means anything.
 */
export function parseSearchText(parsing: Parsing, text: unknown): SearchTerms {
  const required = new Map<string, SearchTerm>();
  const excluded = new Map<string, SearchTerm>();
  if (!isText(parsing, text)) return { required: [], excluded: [] };
  for (const part of text.matchAll(PART)) {
    const [whole, minus, phrase] = part;
    const words = wordsOf(phrase ?? whole);
    if (words.length === 0) continue;
    const begins = part.index === 0 || ENDS_SPACE.test(text[part.index - 1]!);
    const excludes = phrase === undefined ? begins && whole.startsWith('-') : minus !== undefined;
    (excludes ? excluded : required).set(words.join(' '), words);
  }
  const all = [...required.values(), ...excluded.values()].flat();
  const say = (message: string): void => addIssue(parsing, 'text', message);
  if (![...required.values()].flat().some((word) => !isBare(word)))
    say('must hold a word to look for: letters or digits, not only exclusions, punctuation or marks');
  else if (all.length > MAX_WORDS) say(`must have at most ${MAX_WORDS} words`);
  else if (all.some((word) => codePointLength(word) > MAX_WORD))
    say(`must have words of at most ${MAX_WORD} characters`);
  return { required: [...required.values()], excluded: [...excluded.values()] };
}

function isText(parsing: Parsing, text: unknown): text is string {
  const say = (message: string): void => addIssue(parsing, 'text', message);
  if (typeof text !== 'string') say(`must be a text, got ${describeValue(text)}`);
  else if (!isWellFormed(text)) say('must be well-formed Unicode without NUL');
  else if (text.length > MAX_LENGTH && codePointLength(text) > MAX_LENGTH)
    say(`must have at most ${MAX_LENGTH} characters`);
  else return true;
  return false;
}

// Marks, and five code points more that MongoDB takes for such.
const MARKS = /[\p{M}\p{Lm}\p{Sk}\u00b7\u1cd3\ua92e\uaac0\uaac2\ufeff]+/gu;

/** Whether a word is nothing but marks, of which MongoDB's text index holds nothing. */
export function isBare(word: string): boolean {
  return word.replace(MARKS, '') === '';
}
