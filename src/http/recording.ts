import type { ServerResponse } from 'node:http';
import { LoadFailedError } from '../errors/cache.js';
import { AbortedError } from '../errors/runtime.js';
import { answerFrom, resetHead, sendNotModified } from './answer.js';
import type { HttpCacheSettings } from './cache-options.js';
import { isHad } from './conditions.js';
import { namesOf } from './directives.js';
import { type Fields, fieldsOf, markStatus } from './head.js';
import { type StoredAnswer, storedAnswer, type Terms } from './stored.js';
import { type Refusal, termsOf } from './storing.js';
import { tap } from './tap.js';
import type { Visit } from './visit.js';

/** An answer that may be stored, and by which fields of the request answers differ. */
export interface Recorded {
  readonly answer: StoredAnswer;
  readonly vary: readonly string[];
}

/** What answers that are being recorded hold together. */
export interface Room {
  used: number;
}

/** How a handler is run. */
export interface Run {
  readonly settings: HttpCacheSettings;
  readonly room: Room;
  /** The member of `Cache-Status`. */
  readonly status: string;
  /** What is given instead where the handler fails. */
  readonly ifError: StoredAnswer | null;
  /** Told why an answer is not stored. */
  refused(refusal: Refusal): void;
}

const FAILED: ReadonlySet<number> = new Set([500, 502, 503, 504]);
/** Fields that are for one connection (RFC 9110, 7.6.1), and those that the cache itself says. */
const NOT_STORED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'age',
  'cache-status',
  'content-length',
]);

/**
 * Runs the handler, whose answer goes to its client as it comes, and records it. Gives null as soon as it is known that it is not to be stored.
 * @throws AbortedError when it was cut short; LoadFailedError when the handler failed and an old answer was given instead
 */
export function recorded(visit: Visit, { settings, room, status, ifError, refused }: Run): Promise<Recorded | null> {
  const { response, request } = visit;
  return new Promise((resolve, reject) => {
    const before = fieldsOf(response);
    const showConditions = visit.hideConditions();
    const chunks: Buffer[] = [];
    let size = 0;
    let head: Head | null = null;
    let held = 0;
    const letGo = (): void => {
      room.used -= held;
      held = 0;
      chunks.length = 0;
    };
    const refuse = (refusal: Refusal): void => {
      head = null;
      letGo();
      refused(refusal);
      resolve(null);
    };
    tap(response, {
      head: () => {
        showConditions();
        const { statusCode } = response;
        if (ifError !== null && FAILED.has(statusCode)) {
          reject(new LoadFailedError('The handler failed, and an old answer was given'));
          return () => {
            resetHead(response, before);
            answerFrom(request, response, ifError, `hit; fwd=stale; fwd-status=${statusCode}; detail=stale-if-error`);
          };
        }
        const found = headOf(response, before);
        markStatus(response, status);
        const terms = termsOf(found, visit.asker, settings);
        if ('detail' in terms) refuse(terms);
        else head = { ...found, terms };
        const { field } = found;
        const isHere = statusCode === 200 && isHad(visit.conditions, field('etag'), field('last-modified'));
        return isHere ? () => sendNotModified(response) : null;
      },
      body: (chunk) => {
        if (head === null) return false;
        size += chunk.length;
        if (size > settings.maxBodyBytes || room.used + chunk.length > settings.maxRecordingBytes) {
          refuse({ detail: 'size', isLasting: false });
          return false;
        }
        room.used += chunk.length;
        held += chunk.length;
        chunks.push(chunk);
        return true;
      },
      ended: () => {
        if (head === null) return;
        const { terms, headers, removed, field } = head;
        const isBare = head.status === 204;
        const length = field('content-length');
        if (!isBare && length !== undefined && Number(length) !== size) {
          refuse({ detail: 'incomplete', isLasting: false });
          return;
        }
        const parts = { ...terms, status: head.status, headers, removed };
        resolve({
          answer: storedAnswer(parts, isBare ? [] : chunks),
          vary: [...settings.vary, ...namesOf(field('vary'))],
        });
        letGo();
      },
      cut: () => {
        showConditions();
        letGo();
        reject(new AbortedError('The connection ended before the answer did'));
      },
    });
    visit.handle();
  });
}

interface Head extends ReturnType<typeof headOf> {
  readonly terms: Terms;
}

/** The head of a response; what was there before the handler ran is made anew for each request, and is no part of what is stored. */
function headOf(response: ServerResponse, before: Fields) {
  const after = fieldsOf(response);
  const field = (name: string) => after.get(name)?.value;
  const connection = new Set(namesOf(field('connection')));
  const headers: [string, string | string[]][] = [];
  for (const [lower, { name, value }] of after) {
    if (NOT_STORED.has(lower) || connection.has(lower)) continue;
    const old = before.get(lower)?.value;
    const own = Array.isArray(value) ? withoutOld(value, old) : String(value);
    if (own.length > 0 && String(own) !== String(old)) headers.push([name, own]);
  }
  // The origin's time stands, or it would look younger the longer it is stored.
  if (!after.has('date')) headers.push(['Date', new Date().toUTCString()]);
  const removed = [...before.keys()].filter((name) => !after.has(name) && !NOT_STORED.has(name));
  const setsCookie = headers.some(([name]) => name.toLowerCase() === 'set-cookie');
  return { status: response.statusCode, field, headers, removed, setsCookie };
}

function withoutOld(values: readonly string[], old: unknown): string[] {
  const known = new Set([old].flat().map(String));
  return values.filter((value) => !known.has(value));
}
