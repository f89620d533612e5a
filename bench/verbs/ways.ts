import type { PostRow } from './post.js';

/** What is measured, done in one way. Each gives rows as they are for a caller. */
export interface Ways {
  readonly name: string;
  byId(id: number): Promise<unknown>;
  bySlug(slug: string): Promise<unknown>;
  /** Twenty published posts behind a moment, the newest first. */
  page(before: Date): Promise<readonly unknown[]>;
  thousand(): Promise<readonly unknown[]>;
  /** Twenty posts, each with its author. */
  withAuthors(from: number): Promise<readonly unknown[]>;
  insert(post: PostRow): Promise<unknown>;
  insertMany(posts: readonly PostRow[]): Promise<unknown>;
  /** One more view; the row as it is then. */
  view(id: number): Promise<unknown>;
  /** Takes away what was inserted. */
  clear(): Promise<unknown>;
  close(): Promise<void>;
}

/** The two ways on one engine, the raw driver's first. */
export type Pair = readonly [raw: Ways, ours: Ways];

/** Of each pool. */
export const CONNECTIONS = 10;
