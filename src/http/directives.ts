/** Directives of a `Cache-Control` field by their lower-case name; null where one has no argument. */
export type Directives = ReadonlyMap<string, string | null>;

/** A field as it stands in a message: a list where it came or goes more than once. */
export type FieldValue = string | number | readonly string[] | undefined;

// A name, and an argument as a token or as a quoted text.
const DIRECTIVE = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;
const WHOLE_SECONDS = /^\d+$/;
/** RFC 9111, 1.2.2: what is greater is as long as that. */
const MOST_SECONDS = 2 ** 31;

/** The lines of a field, joined as one. */
export function fieldText(value: FieldValue): string {
  if (value === undefined) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** RFC 9111, 5.2. Of a directive that comes twice the stricter counts. */
export function directivesOf(value: FieldValue): Directives {
  const found = new Map<string, string | null>();
  for (const [, name, quoted, token] of fieldText(value).matchAll(DIRECTIVE)) {
    const key = name!.toLowerCase();
    const argument = quoted ?? token ?? null;
    found.set(key, found.has(key) ? stricter(found.get(key)!, argument) : argument);
  }
  return found;
}

function stricter(one: string | null, other: string | null): string | null {
  const both = [one, other].map(wholeSeconds);
  if (both.includes(null)) return null;
  return String(Math.min(...(both as number[])));
}

function wholeSeconds(argument: string | null): number | null {
  if (argument === null || !WHOLE_SECONDS.test(argument)) return null;
  return Math.min(Number(argument), MOST_SECONDS);
}

/** Milliseconds that a directive says; null where it is not there, and 0 where it says nothing that can be read (RFC 9111, 4.2.1). */
export function millisecondsOf(directives: Directives, name: string): number | null {
  if (!directives.has(name)) return null;
  return (wholeSeconds(directives.get(name)!) ?? 0) * 1_000;
}

/** Milliseconds of an HTTP date; null for what is none. */
export function dateOf(value: FieldValue): number | null {
  const text = fieldText(value);
  // All three forms of RFC 9110, 5.6.7, begin with a day; a bare number is no date.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return null;
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : at;
}

/** The names of a list field, in lower case. */
export function namesOf(value: FieldValue): readonly string[] {
  return fieldText(value)
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
