import type { Condition } from '../query/condition.js';
import { codePointLength } from '../util/text.js';
import { isCount, KeyBuilder, type Rule, specOf } from './builder.js';
import type { KeyField } from './field.js';

/** Longest address that SMTP can carry in a path (RFC 5321, section 4.5.3.1.3, without the angle brackets). */
const MAX_EMAIL = 254;

/** A text: well-formed Unicode without NUL. Lengths count code points, as the servers do. */
export interface TextField extends KeyField<string> {
  readonly '~where': string | Condition<'equal' | 'order' | 'text', string>;
  readonly '~patch': never;
  /** Takes white space off both ends, before any rule looks at it; of operands in filters, too. */
  trim(): this;
  /** Before any rule looks at it; operands in filters, too. */
  lowercase(): this;
  /** Before any rule looks at it; operands in filters, too. */
  uppercase(): this;
  /** At least so many characters. */
  min(length: number, message?: string): this;
  /** At most so many characters; a text that is a key, unique or indexed needs it, up to 660. */
  max(length: number, message?: string): this;
  /** Exactly so many characters. */
  length(exact: number, message?: string): this;
  /** Checked here, not by the server. A pattern that backtracks without end can be abused: keep it simple. */
  matches(pattern: RegExp, message?: string): this;
  /** One address such as `ann@example.org`, ASCII, at most 254 characters (which is the field's `max`, unless it says less). */
  email(message?: string): this;
  /** An absolute `http:` or `https:` URL, kept as written. */
  url(message?: string): this;
}

class TextBuilder extends KeyBuilder {
  trim(): this {
    return this.#transform((text) => text.trim());
  }

  lowercase(): this {
    return this.#transform((text) => text.toLowerCase());
  }

  uppercase(): this {
    return this.#transform((text) => text.toUpperCase());
  }

  min(length: number, message?: string): this {
    if (!isCount(length)) return this.problem('must have an integer from 0 as its `min`');
    return this.rule(atLeast(length, message), { min: length });
  }

  max(length: number, message?: string): this {
    if (!isCount(length)) return this.problem('must have an integer from 0 as its `max`');
    return this.rule(atMost(length, message), { max: length });
  }

  length(exact: number, message?: string): this {
    if (!isCount(exact)) return this.problem('must have an integer from 0 as its `length`');
    const words = message ?? `must have exactly ${characters(exact)}`;
    return this.min(exact, words).max(exact, words);
  }

  matches(pattern: RegExp, message?: string): this {
    if (!(pattern instanceof RegExp)) return this.problem('must have a regular expression in `matches()`');
    // A copy without the flags that make `test` remember where it stood.
    const own = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
    return this.rule({
      name: 'matches',
      test: (text: string) => own.test(text),
      message: message ?? `must match the pattern ${own}`,
      keyword: own.flags === '' || own.flags === 'u' ? { pattern: own.source } : undefined,
    });
  }

  email(message?: string): this {
    const own = this.rule({
      name: 'email',
      test: isEmail,
      message: message ?? 'must be an e-mail address such as ann@example.org',
      keyword: { format: 'email' },
    });
    return own['~spec'].bounds.max === undefined ? own.max(MAX_EMAIL) : own;
  }

  url(message?: string): this {
    return this.rule({
      name: 'url',
      test: isWebUrl,
      message: message ?? 'must be a URL that begins with http:// or https://',
      keyword: { format: 'uri' },
    });
  }

  #transform(transform: (text: string) => string): this {
    return this.with({ transforms: [...this['~spec'].transforms, transform] });
  }
}

/** A text. Give it a `max` where it is a key, unique or indexed. */
export function text(): TextField {
  return new TextBuilder(specOf('text')) as unknown as TextField;
}

function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

// A text of n UTF-16 units has between n / 2 and n code points: most are decided without counting.
function atLeast(length: number, message: string | undefined): Rule {
  return {
    name: 'min',
    test: (text: string) => text.length >= 2 * length || (text.length >= length && codePointLength(text) >= length),
    message: message ?? `must have at least ${characters(length)}`,
  };
}

function atMost(length: number, message: string | undefined): Rule {
  return {
    name: 'max',
    test: (text: string) => text.length <= length || (text.length <= 2 * length && codePointLength(text) <= length),
    message: message ?? `must have at most ${characters(length)}`,
  };
}

const LOCAL = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const LABEL = /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/i;

/** The unquoted form of RFC 5321: a dot-atom of at most 64 characters at a host name of two labels or more. */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || at > 64 || text.length > MAX_EMAIL) return false;
  if (!LOCAL.test(text.slice(0, at))) return false;
  const labels = text.slice(at + 1).split('.');
  return labels.length > 1 && labels.every((label) => label.length <= 63 && LABEL.test(label));
}

// The parser drops line breaks and tabs, and what is at the end: a text with them would be another URL than the one that was checked.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is meant
const DROPPED = /[\u0000-\u001f]|\s$/;

function isWebUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || DROPPED.test(text)) return false;
  return URL.canParse(text);
}
