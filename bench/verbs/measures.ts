import { POSTS, postFor } from './post.js';
import type { Ways } from './ways.js';

/** What one way does, over and over: each call is another row, in the same order in every way. */
export interface Measure {
  readonly name: string;
  readonly about: string;
  /** How often in a round. */
  readonly times: number;
  /** What is done once, in this way. `fresh` gives the number of a row that nobody has inserted. */
  made(ways: Ways, fresh: () => number): () => Promise<unknown>;
}

const AT_ONCE = 32;
const MANY = 1_000;

/** One after the other, and around. */
function turns(): () => number {
  let turn = 0;
  return () => {
    turn = (turn % POSTS) + 1;
    return turn;
  };
}

const together = (next: () => number, one: (id: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: AT_ONCE }, () => one(next())));

export const MEASURES: readonly Measure[] = [
  {
    name: 'by-id',
    about: 'one row by its key, one call after the other',
    times: 400,
    made: (ways) => {
      const next = turns();
      return () => ways.byId(next());
    },
  },
  {
    name: 'by-id-32',
    about: `${AT_ONCE} rows by their keys, ${AT_ONCE} calls at once`,
    times: 25,
    made: (ways) => {
      const next = turns();
      return () => together(next, (id) => ways.byId(id));
    },
  },
  {
    name: 'by-slug-32',
    about: `${AT_ONCE} rows by a unique field, ${AT_ONCE} calls at once`,
    times: 25,
    made: (ways) => {
      const next = turns();
      return () => together(next, (id) => ways.bySlug(`post-${id}`));
    },
  },
  {
    name: 'page',
    about: 'a page of 20 rows, filtered and ordered',
    times: 150,
    made: (ways) => {
      const next = turns();
      return () => ways.page(postFor(next()).createdAt);
    },
  },
  { name: 'thousand', about: '1,000 rows', times: 8, made: (ways) => () => ways.thousand() },
  {
    name: 'authors',
    about: '20 rows, each with another one that it refers to',
    times: 100,
    made: (ways) => {
      const next = turns();
      return () => ways.withAuthors(next() % (POSTS - 20));
    },
  },
  {
    name: 'insert',
    about: 'one row inserted, and given as it is stored',
    times: 150,
    made: (ways, fresh) => () => ways.insert(postFor(fresh())),
  },
  {
    name: 'insert-1000',
    about: '1,000 rows inserted by one call',
    times: 1,
    made: (ways, fresh) => () => ways.insertMany(Array.from({ length: MANY }, () => postFor(fresh()))),
  },
  {
    name: 'update',
    about: 'a number of one row raised by one on the server, and the row as it is then',
    times: 150,
    made: (ways) => {
      const next = turns();
      return () => ways.view(next());
    },
  },
];
