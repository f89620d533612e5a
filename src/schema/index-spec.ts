import type { Duration } from '../util/duration.js';
import type { Direction } from './model.js';

/** An index of an entity: made by `index(...)`, listed in its `indexes`. */
export interface Index<out P extends string = string> {
  readonly '~paths': P;
  /** @internal */
  readonly '~index': IndexSpec;
  /**
   * Covers only the rows that pass every test: a value, `null`, or one of `eq`, `gt`, `gte`, `lt`, `lte`, `isNull`,
   * `isNotNull`. Paths and values are checked when the entity is defined.
   *
   * ```ts
   * index('authorId').where({ status: 'published', deletedAt: null })
   * ```
   */
  where<const T extends { readonly [path: string]: unknown }>(tests: T): Index<P | (keyof T & string)>;
  /** Name on the server. @default derived from the entity and the fields */
  named(name: string): this;
}

/** What an index was told. */
export interface IndexSpec {
  readonly kind: 'ordinary' | 'geo' | 'ttl';
  readonly parts: readonly (readonly [path: string, direction: Direction])[];
  readonly tests: Readonly<Record<string, unknown>>;
  readonly name: string | null;
  readonly after: Duration | null;
}

class IndexBuilder {
  readonly '~index': IndexSpec;

  constructor(spec: IndexSpec) {
    this['~index'] = Object.freeze(spec);
    Object.freeze(this);
  }

  where(tests: Readonly<Record<string, unknown>>): IndexBuilder {
    return new IndexBuilder({ ...this['~index'], tests: { ...this['~index'].tests, ...tests } });
  }

  named(name: string): this {
    return new IndexBuilder({ ...this['~index'], name }) as this;
  }
}

function make(spec: Partial<IndexSpec>): Index<never> {
  return new IndexBuilder({
    kind: 'ordinary',
    parts: [],
    tests: {},
    name: null,
    after: null,
    ...spec,
  }) as unknown as Index<never>;
}

/** How indexes are declared. */
export interface IndexFactory {
  /** An index over fields in this order, all ascending. */
  <const P extends string>(...paths: [P, ...P[]]): Index<P>;
  /** An index over fields in this order, each with its direction. */
  <const P extends string>(paths: { readonly [K in P]: Direction }): Index<P>;
  /** What `near()` needs on a `geoPoint()`. */
  geo<const P extends string>(path: P): Index<P>;
  /** Rows go by themselves when the timestamp is `after` ago (MongoDB, about once a minute); elsewhere an ordinary index. */
  ttl<const P extends string>(path: P, after: Duration): Index<P>;
}

function ordinary(first: string | Readonly<Record<string, Direction>>, ...rest: string[]): Index<never> {
  if (typeof first === 'object' && first !== null) return make({ parts: Object.entries(first) });
  return make({ parts: [first, ...rest].map((path) => [path, 'asc'] as const) });
}

/**
 * Declares an index: `index('role', 'isActive')`, `index({ createdAt: 'desc' })`, `index.geo('profile.location')`,
 * `index.ttl('expiresAt', '0s')`.
 */
export const index: IndexFactory = Object.freeze(
  Object.assign(ordinary, {
    geo: (path: string) => make({ kind: 'geo', parts: [[path, 'asc']] }),
    ttl: (path: string, after: Duration) => make({ kind: 'ttl', parts: [[path, 'asc']], after }),
  }),
) as unknown as IndexFactory;
