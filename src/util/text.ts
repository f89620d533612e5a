/**
 * Compares by code point, as PostgreSQL's `collate "C"` and MongoDB do. JavaScript's `<` compares UTF-16 units and differs
 * where a surrogate meets U+E000 to U+FFFF.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates behind the rest of the basic plane. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Lower-cases A-Z and nothing else: the only folding that all engines share exactly. */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

/** The least text that is greater than every text that begins with `prefix`, or null when there is none. */
export function successor(prefix: string): string | null {
  const points = Array.from(prefix, (each) => each.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return null;
}

// A lone surrogate changes silently on both servers; NUL is refused by one and kept by the other.
const ILL_FORMED = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const SUSPECT = /[\0\ud800-\udfff]/;

/** Whether the text is well-formed Unicode without NUL. */
export function isWellFormed(text: string): boolean {
  return !SUSPECT.test(text) || !ILL_FORMED.test(text);
}

/** Length in code points, as both servers count. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) {
      length--;
      i++;
    }
  }
  return length;
}

/** As a sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
