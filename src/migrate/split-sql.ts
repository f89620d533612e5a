import { MigrationFileError } from '../errors/migration.js';
import { scanSql, UnendedSql } from './scan-sql.js';

/** A statement of a file. */
export interface SqlStatement {
  /** Without the semicolon and without what stands before its first word. */
  readonly text: string;
  /** Of its first word, from 1. */
  readonly line: number;
  /** Its first words in capital letters, names in quotes as `"`: enough to tell what kind of statement it is. */
  readonly words: readonly string[];
}

const MOST_WORDS = 24;

/**
 * Splits SQL where psql would. What is in quotes of any kind, in comments, in parentheses and in the body of a function in standard SQL
 * (`begin atomic … end`) does not end a statement.
 * @throws MigrationFileError with the line, for what is not ended, and for what only psql knows: its own commands, and COPY from the input
 */
export function splitSql(text: string, file: string | null): readonly SqlStatement[] {
  const splitter = new Splitter(text, file);
  for (const token of scanSql(text)) {
    if (token instanceof UnendedSql) throw splitter.error(`${token.what} is begun and not ended`, token.start);
    const { kind, start, end } = token;
    if (kind === 'space' || kind === 'line-comment' || kind === 'block-comment') continue;
    const piece = text.slice(start, end);
    if (kind === 'symbol' && piece === ';' && splitter.isOpen) splitter.finish(start);
    else splitter.take(kind, piece, start, end);
  }
  return splitter.end();
}

class Splitter {
  readonly #text: string;
  readonly #file: string | null;
  readonly #lines: LineCounter;
  readonly #statements: SqlStatement[] = [];
  #words: string[] = [];
  #start = -1;
  #last = -1;
  #parentheses = 0;
  #atomic = 0;
  #before = '';

  constructor(text: string, file: string | null) {
    this.#text = text;
    this.#file = file;
    this.#lines = new LineCounter(text);
  }

  error(message: string, at: number): MigrationFileError {
    return new MigrationFileError(message, { file: this.#file, line: this.#lines.at(at), version: null });
  }

  /** Whether a semicolon ends the statement. */
  get isOpen(): boolean {
    return this.#parentheses === 0 && this.#atomic === 0;
  }

  take(kind: 'word' | 'quoted' | 'string' | 'symbol', piece: string, start: number, end: number): void {
    if (this.#start < 0) this.#start = start;
    this.#last = end;
    if (kind === 'symbol') {
      if (piece === '(') this.#parentheses += 1;
      else if (piece === ')') this.#parentheses = Math.max(0, this.#parentheses - 1);
      else if (piece === '\\')
        throw this.error(
          'commands of psql, which begin with a backslash, are not SQL: the server does not know them',
          start,
        );
      this.#before = '';
      return;
    }
    const word = kind === 'word' ? piece.toUpperCase() : kind === 'quoted' ? '"' : '';
    if (word !== '' && this.#words.length < MOST_WORDS) this.#words.push(word);
    if (kind === 'word' && this.#parentheses === 0) this.#follow(word, start);
    this.#before = word;
  }

  #follow(word: string, at: number): void {
    if (this.#words[0] === 'COPY' && word === 'STDIN' && this.#before === 'FROM')
      throw this.error('COPY from stdin has no input here: write INSERT, or load the rows in a migration of code', at);
    // Only the body of a function has these outside of quotes.
    if (this.#words[0] !== 'CREATE') return;
    if (word === 'ATOMIC' && this.#before === 'BEGIN') this.#atomic += 1;
    else if (this.#atomic > 0 && word === 'CASE') this.#atomic += 1;
    else if (this.#atomic > 0 && word === 'END') this.#atomic -= 1;
  }

  finish(at: number): void {
    if (this.#start >= 0) {
      const text = this.#text.slice(this.#start, Math.min(this.#last, at));
      this.#statements.push({ text, line: this.#lines.at(this.#start), words: this.#words });
    }
    this.#words = [];
    this.#start = -1;
    this.#last = -1;
    this.#before = '';
  }

  end(): readonly SqlStatement[] {
    if (this.#start >= 0 && this.#atomic > 0) throw this.error('`begin atomic` has no `end`', this.#start);
    if (this.#start >= 0 && this.#parentheses > 0)
      throw this.error('a parenthesis is opened and not closed', this.#start);
    this.finish(this.#text.length);
    return this.#statements;
  }
}

/** Lines of places that are asked for in their order, or nearly so. */
class LineCounter {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  at(place: number): number {
    if (place < this.#at) {
      this.#at = 0;
      this.#line = 1;
    }
    for (let next = this.#text.indexOf('\n', this.#at); next >= 0 && next < place; ) {
      this.#line += 1;
      this.#at = next + 1;
      next = this.#text.indexOf('\n', this.#at);
    }
    return this.#line;
  }
}
