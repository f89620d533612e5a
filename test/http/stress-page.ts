import { createHash } from 'node:crypto';

/** What a page of the stress is of: every byte of it follows from this. */
export interface PageOf {
  readonly path: string;
  readonly version: number;
  readonly language: string;
  /** Who asked, where the page is for one. */
  readonly who: string;
}

export interface Page {
  readonly etag: string;
  readonly bytes: Buffer;
}

/** What the answers of a server have done that none may. */
export interface Wrongs {
  /** Older than a change that had been taken for made before the request was sent. */
  stale: number;
  /** Cut, or of two pages. */
  broken: number;
  /** With a head that is not that of its body. */
  unfit: number;
  /** Of somebody else. */
  foreign: number;
}

export const noWrongs = (): Wrongs => ({ stale: 0, broken: 0, unfit: 0, foreign: 0 });

/** What a client sees of an answer. */
export interface Seen {
  readonly status: number;
  readonly etag: string | undefined;
  readonly length: string | undefined;
  readonly version: string | undefined;
  readonly setCookie: string | undefined;
  readonly bytes: Buffer;
}

export interface Asked extends Omit<PageOf, 'version'> {
  readonly method: 'GET' | 'HEAD';
  /** The version that was known to be there before it was asked for. */
  readonly known: number;
  readonly ifNoneMatch: string | undefined;
  /** What a cookie of the answer has to be; null where it may have none. */
  readonly cookie: string | null;
}

const sizeOf = (path: string): number => (path.startsWith('/big') ? 300_000 : 2_000);

export function pageOf(of: PageOf): Page {
  const text = JSON.stringify([of.path, of.version, of.language, of.who]);
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 20)}"`;
  return { etag, bytes: Buffer.alloc(sizeOf(of.path), `${text}\n`) };
}

/** Counts what is wrong with an answer. */
export function judge(asked: Asked, seen: Seen, wrongs: Wrongs): void {
  const version = Number(seen.version);
  if (version < asked.known) wrongs.stale += 1;
  const { path, language, who } = asked;
  const own = pageOf({ path, version, language, who });
  if ((seen.setCookie ?? null) !== asked.cookie) wrongs.foreign += 1;
  if (seen.status === 304) {
    if (seen.etag !== asked.ifNoneMatch || seen.etag !== own.etag || seen.bytes.length > 0) wrongs.unfit += 1;
    return;
  }
  if (seen.length !== undefined && Number(seen.length) !== own.bytes.length) wrongs.unfit += 1;
  if (asked.method === 'HEAD') {
    if (seen.etag !== own.etag || seen.bytes.length > 0) wrongs.unfit += 1;
    return;
  }
  if (seen.bytes.equals(own.bytes)) {
    if (seen.etag !== own.etag) wrongs.unfit += 1;
    return;
  }
  const other = partsIn(seen.bytes);
  if (other === null || !seen.bytes.equals(pageOf(other).bytes)) wrongs.broken += 1;
  else if (other.who !== who) wrongs.foreign += 1;
  // Whole, and not what was asked for: another path, language or version than its head says.
  else wrongs.unfit += 1;
}

function partsIn(bytes: Buffer): PageOf | null {
  const end = bytes.indexOf('\n');
  if (end === -1) return null;
  try {
    const [path, version, language, who] = JSON.parse(bytes.toString('utf8', 0, end));
    return { path, version, language, who };
  } catch {
    return null;
  }
}
