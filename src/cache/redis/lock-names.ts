import { percentEscape } from '../../util/escape.js';

// Braces mark the part of a key that decides on its slot, and control characters have no place in a log. A lone surrogate (`Cs`, because pairs are one
// character here) would become another character on the wire, the same one for all of them.
const UNSAFE = /[%{}\s\p{Cc}\p{Cs}]/gu;
const UNSAFE_IN_PREFIX = /[%{}:\s\p{Cc}\p{Cs}]/gu;

/** The part of a lock's keys that is its own. Different pairs have different texts: no name can be written so that it means another's key. */
export function lockTag(prefix: string, name: string): string {
  return `${prefix.replace(UNSAFE_IN_PREFIX, percentEscape)}:${name.replace(UNSAFE, percentEscape)}`;
}
