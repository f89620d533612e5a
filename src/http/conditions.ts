import type { IncomingHttpHeaders } from 'node:http';
import { dateOf, type FieldValue, fieldText } from './directives.js';

/** What a client has already, and asks not to be sent again. */
export interface Conditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

export const CONDITIONS = ['if-none-match', 'if-modified-since'] as const;

export function conditionsOf(headers: IncomingHttpHeaders): Conditions {
  return { ifNoneMatch: headers['if-none-match'], ifModifiedSince: headers['if-modified-since'] };
}

// A tag is anything in quotes: it may hold commas.
const TAG = /(?:W\/)?("[^"]*")/g;

/** Whether a client has this representation (RFC 9110, 13.1.2 and 13.1.3). Tags are compared weakly; where there are any, dates are not looked at. */
export function isHad(
  { ifNoneMatch, ifModifiedSince }: Conditions,
  etag: FieldValue,
  lastModified: FieldValue,
): boolean {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return true;
    const own = /"[^"]*"/.exec(fieldText(etag))?.[0];
    return own !== undefined && [...ifNoneMatch.matchAll(TAG)].some(([, tag]) => tag === own);
  }
  const since = dateOf(ifModifiedSince);
  const changed = dateOf(lastModified);
  return since !== null && changed !== null && changed <= since;
}

/** Fields of a representation that a 304 does not repeat (RFC 9110, 15.4.5). */
export function isOfBody(name: string): boolean {
  const lower = name.toLowerCase();
  return lower.startsWith('content-') && lower !== 'content-location' && !lower.startsWith('content-security-policy');
}
