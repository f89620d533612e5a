import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';

/** What was found out about an answer before it was stored. */
export interface Terms {
  /** How long it is fresh, counted from when it was made at its origin. */
  readonly lifetimeMs: number;
  /** How old it was when it came. */
  readonly ageMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  /** Whether a client that takes stale answers gets it stale. */
  readonly mayBeStale: boolean;
  /** Whether requests with `Authorization` may have it. */
  readonly isPublic: boolean;
  /** Whether it says itself that it may be stored, so that requests with cookies may have it. */
  readonly isExplicit: boolean;
}

/** An answer as it is stored. */
export interface StoredAnswer extends Terms {
  readonly kind: 'answer';
  readonly id: string;
  /** When it was stored, by the clock of the process that did. */
  readonly at: number;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string | readonly string[]])[];
  /** Fields that the handler took away from those that were there before it. */
  readonly removed: readonly string[];
  /** Text where it is UTF-8, which takes less room. */
  readonly body: string | Uint8Array;
}

/** Stands where answers differ by fields of the request: these are stored apart, under its own `id`. */
export interface StoredIndex {
  readonly kind: 'index';
  readonly id: string;
  readonly vary: readonly string[];
}

export type Stored = StoredAnswer | StoredIndex;

/** An answer with what was recorded of it. */
export function storedAnswer(
  parts: Omit<StoredAnswer, 'kind' | 'id' | 'at' | 'body'>,
  chunks: readonly Buffer[],
): StoredAnswer {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const body = isUtf8(bytes) ? bytes.toString('utf8') : bytes;
  return { ...parts, kind: 'answer', id: randomUUID(), at: Date.now(), body };
}

export function storedIndex(vary: readonly string[]): StoredIndex {
  return { kind: 'index', id: randomUUID(), vary: [...new Set(vary)].sort() };
}

const NUMBERS = ['at', 'lifetimeMs', 'ageMs', 'staleWhileRevalidateMs', 'staleIfErrorMs'] as const;

/** What was read, as long as it is something that this module stored; null for anything else, which is a miss. */
export function storedIn(value: unknown): Stored | null {
  if (typeof value !== 'object' || value === null) return null;
  const stored = value as Stored;
  if (typeof stored.id !== 'string') return null;
  if (stored.kind === 'index') return isTexts(stored.vary) ? stored : null;
  if (stored.kind !== 'answer' || !isTexts(stored.removed) || !Array.isArray(stored.headers)) return null;
  if (!Number.isInteger(stored.status) || stored.status < 200 || stored.status > 599) return null;
  if (NUMBERS.some((name) => !Number.isFinite(stored[name]))) return null;
  if (typeof stored.body !== 'string' && !(stored.body instanceof Uint8Array)) return null;
  try {
    // A line break in a value would be the end of the head for the client.
    for (const [name, fieldValue] of stored.headers) {
      validateHeaderName(name);
      for (const each of Array.isArray(fieldValue) ? fieldValue : [fieldValue]) {
        if (typeof each !== 'string') return null;
        validateHeaderValue(name, each);
      }
    }
  } catch {
    return null;
  }
  return stored;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** The age of an answer now (RFC 9111, 4.2.3). */
export function ageNow({ at, ageMs }: StoredAnswer, now: number = Date.now()): number {
  // Clocks of two processes may differ; nothing is younger than it was.
  return ageMs + Math.max(0, now - at);
}

/** The value of a field of a stored answer. */
export function fieldOf({ headers }: Pick<StoredAnswer, 'headers'>, name: string): string | undefined {
  const value = headers.find(([each]) => each.toLowerCase() === name)?.[1];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}
