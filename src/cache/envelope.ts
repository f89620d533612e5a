import { randomBytes } from 'node:crypto';

/** What is stored beside a value. */
export interface Envelope {
  /** Token of the one who wrote it. */
  readonly id: string;
  /** When it is no longer fresh, by the store's clock in milliseconds. */
  readonly softAt: number;
  /** Whether it is there longer than it is fresh. */
  readonly outlives: boolean;
  /** How long it took to load. */
  readonly loadMs: number;
  /** Version of what values look like. */
  readonly schema: number;
  readonly isCompressed: boolean;
  /** The stamps of the namespaces that it is in, outermost first. */
  readonly clears: readonly string[];
  /** Each tag with its stamp, one behind the other. */
  readonly tags: readonly string[];
}

export const TOKEN_LENGTH = 16;

/** The token of one who is about to write: not to be guessed, and never given twice. */
export function newToken(): string {
  return randomBytes(TOKEN_LENGTH / 2).toString('hex');
}

/** The tags of a list in which each has its stamp behind it. */
export function namesOf(tags: readonly string[]): readonly string[] {
  return tags.filter((_, i) => i % 2 === 0);
}

/** The stamps of such a list, in the order of their tags. */
export function stampsOf(tags: readonly string[]): readonly string[] {
  return tags.filter((_, i) => i % 2 === 1);
}

const NEW_LINE = 10;
const COMPRESSED = 1;
const OUTLIVES = 2;

const NO_TAGS: readonly string[] = Object.freeze([]);

type Header = [softAt: number, loadMs: number, schema: number, flags: number, clears: string[], ...tags: string[]];

/** The bytes of an entry: the token, a line of JSON, the value. */
export function sealed(envelope: Envelope, body: Uint8Array | string): Buffer {
  const { id, softAt, outlives, loadMs, schema, isCompressed, clears, tags } = envelope;
  const flags = (isCompressed ? COMPRESSED : 0) + (outlives ? OUTLIVES : 0);
  const header = JSON.stringify([softAt, loadMs, schema, flags, clears, ...tags]);
  const head = `${id}${header}\n`;
  return typeof body === 'string' ? Buffer.from(head + body) : Buffer.concat([Buffer.from(head), body]);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** An entry taken apart; null for bytes that are none. */
export function opened(bytes: Buffer): { readonly envelope: Envelope; readonly body: Buffer } | null {
  const end = bytes.indexOf(NEW_LINE, TOKEN_LENGTH);
  if (end === -1) return null;
  try {
    const header = JSON.parse(bytes.toString('utf8', TOKEN_LENGTH, end)) as Header;
    const [softAt, loadMs, schema, flags, clears] = header;
    const tags = header.length === 5 ? NO_TAGS : (header.slice(5) as string[]);
    // Others may have written it: what is no text would fail whoever asks for the stamp of that name.
    if (!Array.isArray(clears) || typeof softAt !== 'number' || typeof loadMs !== 'number' || !tags.every(isText))
      return null;
    const id = bytes.toString('latin1', 0, TOKEN_LENGTH);
    const isCompressed = (flags & COMPRESSED) !== 0;
    const outlives = (flags & OUTLIVES) !== 0;
    return {
      envelope: { id, softAt, outlives, loadMs, schema, isCompressed, clears, tags },
      body: bytes.subarray(end + 1),
    };
  } catch {
    return null;
  }
}
