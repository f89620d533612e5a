import { isDeepStrictEqual } from 'node:util';
import { FIRST_NEW, postFor } from './post.js';
import type { Pair, Ways } from './ways.js';

/** Every call, with what it is about. */
const CALLS: readonly (readonly [what: string, call: (ways: Ways) => Promise<unknown>])[] = [
  ['byId', (ways) => ways.byId(7)],
  ['byId of none', (ways) => ways.byId(0)],
  ['bySlug', (ways) => ways.bySlug('post-9')],
  ['page', (ways) => ways.page(postFor(900).createdAt)],
  ['thousand', (ways) => ways.thousand()],
  ['withAuthors', (ways) => ways.withAuthors(100)],
  ['insert', (ways) => ways.insert(postFor(FIRST_NEW))],
  ['the row that was inserted', (ways) => ways.byId(FIRST_NEW)],
  ['insertMany', (ways) => ways.insertMany([1, 2, 3].map((i) => postFor(FIRST_NEW + i))).then(() => null)],
  ['a row of those', (ways) => ways.byId(FIRST_NEW + 3)],
  ['view', (ways) => ways.view(FIRST_NEW + 2)],
];

/** Sees that both ways give the same. @throws Error that says what differs */
export async function validate([raw, ours]: Pair): Promise<void> {
  const given: unknown[][] = [];
  for (const ways of [raw, ours]) {
    const values: unknown[] = [];
    for (const [, call] of CALLS) values.push(named(await call(ways)));
    given.push(values);
    await ways.clear();
  }
  for (const [i, [what]] of CALLS.entries())
    if (!isDeepStrictEqual(given[0]![i], given[1]![i]))
      throw new Error(`${what} is not the same in ${raw.name} and in ${ours.name}`);
}

/** Rows of the driver of MongoDB have their key under its own name, and nothing where others have null; the driver of PostgreSQL gives a `bigint` as text. */
function named(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const { _id, ...rest } = value as Readonly<Record<string, unknown>>;
  const inner = Object.fromEntries(
    Object.entries(rest).flatMap(([key, each]) => (each === null ? [] : [[key, named(each)]])),
  );
  return _id === undefined ? inner : { id: named(_id), ...inner };
}
