import type { Look, Reason } from './entries.js';
import { namesOf } from './envelope.js';
import type { Age } from './freshness.js';
import { decodePart } from './key.js';

/** Why a read of a key hits or misses. */
export interface Explanation {
  /** `fresh` and `stale` are given, `old` only when a load fails, `miss` never. */
  readonly state: 'fresh' | 'stale' | 'old' | 'miss';
  /** In words. */
  readonly why: string;
  readonly tags: readonly string[];
  /** How long its load took. */
  readonly loadMs: number | null;
  /** Milliseconds until it is no more fresh, negative when it is not; null where it is fresh as long as it is there. */
  readonly freshForMs: number | null;
}

export function explained({ envelope, reason }: Look, age: Age | null, nowMs: number | null): Explanation {
  if (envelope === null || age === null || age === 'over') {
    const why = reason === null ? 'it is too old' : wordsOf(reason);
    return { state: 'miss', why, tags: [], loadMs: null, freshForMs: null };
  }
  const { softAt, outlives, tags, loadMs } = envelope;
  const state = age === 'early' ? 'fresh' : age;
  return {
    state,
    why: WORDS[state],
    tags: namesOf(tags).map(decodePart),
    loadMs,
    freshForMs: !outlives || nowMs === null ? null : Math.round(softAt - nowMs),
  };
}

const WORDS: Readonly<Record<'fresh' | 'stale' | 'old', string>> = {
  fresh: 'it is there, and its tags were not invalidated',
  stale: 'its `ttl` has passed, and `stale` has not',
  old: 'its `ttl` has passed, and `staleIfError` has not',
};

function wordsOf(reason: Reason): string {
  switch (reason.kind) {
    case 'absent':
      return 'nothing is stored: it never was, ended, was deleted or was evicted';
    case 'schema':
      return 'it was stored by another version of `schema`';
    case 'cleared':
      return 'the cache or its namespace was cleared, or its stamp evicted';
    case 'tag':
      return `its tag \`${decodePart(reason.tag)}\` was invalidated, or its stamp evicted`;
    case 'unreadable':
      return 'what is stored is no entry';
    case 'away':
      return 'the store does not answer';
  }
}
