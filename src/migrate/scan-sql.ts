/** A piece of SQL as PostgreSQL's own lexer would cut it, as far as it matters for where statements end. */
export interface SqlToken {
  /** `string` is a literal of any kind, `quoted` an identifier in double quotes, `word` a keyword, an identifier or a number. */
  readonly kind: 'space' | 'line-comment' | 'block-comment' | 'word' | 'quoted' | 'string' | 'symbol';
  readonly start: number;
  readonly end: number;
}

/** Something is begun and not ended. */
export class UnendedSql {
  readonly what: string;
  readonly start: number;

  constructor(what: string, start: number) {
    this.what = what;
    this.start = start;
  }
}

const SPACE = /[ \t\n\r\f\v]+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const COMMENT_EDGE = /\/\*|\*\//g;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.\u0080-\uffff]*/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
// A literal goes on in the next line, in its own kind. Each character can be read in one way only: of more there would be as many as 2^n to try.
const CONTINUES = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r][ \t\n\r\f\v]*(?:--[^\n\r]*[\n\r][ \t\n\r\f\v]*)*'/y;
const ESCAPED_EDGE = /['\\]/g;

/** Cuts a text into tokens, which together are the whole of it. The last one is an `UnendedSql` where something is not ended. */
export function* scanSql(text: string): Generator<SqlToken | UnendedSql> {
  let at = 0;
  let before: SqlToken | null = null;
  while (at < text.length) {
    const next = tokenAt(text, at, before);
    yield next;
    if (next instanceof UnendedSql) return;
    at = next.end;
    before = next;
  }
}

function tokenAt(text: string, start: number, before: SqlToken | null): SqlToken | UnendedSql {
  const token = (kind: SqlToken['kind'], end: number): SqlToken => ({ kind, start, end });
  const char = text[start]!;
  if (char === "'") {
    // The letter before it, when it is a word of its own, says that a backslash escapes.
    const escapes = before?.kind === 'word' && before.end === start && /^e$/i.test(text.slice(before.start, start));
    const end = stringEnd(text, start, escapes);
    return end < 0 ? new UnendedSql('a text in quotes', start) : token('string', end);
  }
  if (char === '"') {
    const end = quotedEnd(text, start + 1, '"');
    return end < 0 ? new UnendedSql('a name in double quotes', start) : token('quoted', end);
  }
  if (char === '$') {
    const tag = matchAt(DOLLAR, text, start);
    if (tag === null) return token('symbol', start + 1);
    const end = text.indexOf(tag, start + tag.length);
    return end < 0 ? new UnendedSql(`a text in ${tag}`, start) : token('string', end + tag.length);
  }
  if (char === '/' && text[start + 1] === '*') {
    const end = commentEnd(text, start);
    return end < 0 ? new UnendedSql('a comment', start) : token('block-comment', end);
  }
  const comment = char === '-' ? matchAt(LINE_COMMENT, text, start) : null;
  if (comment !== null) return token('line-comment', start + comment.length);
  const space = matchAt(SPACE, text, start);
  if (space !== null) return token('space', start + space.length);
  const word = matchAt(WORD, text, start);
  return word === null ? token('symbol', start + 1) : token('word', start + word.length);
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** Where what is quoted ends; a quote in it is written twice. Below 0: nowhere. */
function quotedEnd(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2)) {
    if (text[at + 1] !== quote) return at + 1;
  }
  return -1;
}

function escapedEnd(text: string, from: number): number {
  ESCAPED_EDGE.lastIndex = from;
  for (let edge = ESCAPED_EDGE.exec(text); edge !== null; edge = ESCAPED_EDGE.exec(text)) {
    const { index } = edge;
    if (edge[0] === "'" && text[index + 1] !== "'") return index + 1;
    ESCAPED_EDGE.lastIndex = index + 2;
  }
  return -1;
}

function stringEnd(text: string, start: number, escapes: boolean): number {
  let end = start;
  for (let continued: string | null = "'"; continued !== null; continued = matchAt(CONTINUES, text, end)) {
    end += continued.length;
    end = escapes ? escapedEnd(text, end) : quotedEnd(text, end, "'");
    if (end < 0) return -1;
  }
  return end;
}

/** Comments of this kind stand in each other. */
function commentEnd(text: string, start: number): number {
  COMMENT_EDGE.lastIndex = start;
  let depth = 0;
  for (let edge = COMMENT_EDGE.exec(text); edge !== null; edge = COMMENT_EDGE.exec(text)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return COMMENT_EDGE.lastIndex;
  }
  return -1;
}
