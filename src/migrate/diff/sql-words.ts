import { scanSql, UnendedSql } from '../scan-sql.js';

/** A word of a statement as it matters for what the statement does. */
export interface SqlWord {
  readonly kind: 'word' | 'quoted' | 'string' | 'symbol';
  /** Of a word: in capital letters. Of a name in quotes: what it means. */
  readonly text: string;
}

/** The words of a statement, without spaces and comments. */
export function wordsOf(sql: string): readonly SqlWord[] {
  const words: SqlWord[] = [];
  for (const token of scanSql(sql)) {
    if (token instanceof UnendedSql) break;
    const { kind, start, end } = token;
    if (kind === 'space' || kind === 'line-comment' || kind === 'block-comment') continue;
    const piece = sql.slice(start, end);
    words.push({ kind, text: kind === 'word' ? piece.toUpperCase() : kind === 'quoted' ? piece.slice(1, -1) : piece });
  }
  return words;
}

/** Reads words from the left. */
export class WordReader {
  readonly #words: readonly SqlWord[];
  #at = 0;

  constructor(words: readonly SqlWord[]) {
    this.#words = words;
  }

  get rest(): readonly SqlWord[] {
    return this.#words.slice(this.#at);
  }

  /** Takes the words when they come next. */
  take(...keys: readonly string[]): boolean {
    const fits = keys.every((key, i) => {
      const word = this.#words[this.#at + i];
      return word !== undefined && word.kind !== 'quoted' && word.kind !== 'string' && word.text === key;
    });
    if (fits) this.#at += keys.length;
    return fits;
  }

  /** Takes a name, with its schema where it has one, in the way that two of the same are equal. */
  name(): string {
    let name = this.#identifier();
    while (this.take('.')) name += `.${this.#identifier()}`;
    return name;
  }

  #identifier(): string {
    const word = this.#words[this.#at];
    if (word === undefined || (word.kind !== 'word' && word.kind !== 'quoted')) return '';
    this.#at += 1;
    return word.kind === 'word' ? word.text.toLowerCase() : word.text;
  }
}

/** Whether the words stand somewhere in it, one behind the other. */
export function holds(words: readonly SqlWord[], ...keys: readonly string[]): boolean {
  return words.some((_word, i) =>
    keys.every((key, j) => {
      const word = words[i + j];
      return word !== undefined && (word.kind === 'word' || word.kind === 'symbol') && word.text === key;
    }),
  );
}

/** Cuts at the commas that are in no parentheses. */
export function partsOf(words: readonly SqlWord[]): readonly (readonly SqlWord[])[] {
  const parts: SqlWord[][] = [[]];
  let depth = 0;
  for (const word of words) {
    if (word.kind === 'symbol' && (word.text === '(' || word.text === '[')) depth += 1;
    if (word.kind === 'symbol' && (word.text === ')' || word.text === ']')) depth -= 1;
    if (depth === 0 && word.kind === 'symbol' && word.text === ',') parts.push([]);
    else parts.at(-1)!.push(word);
  }
  return parts;
}
