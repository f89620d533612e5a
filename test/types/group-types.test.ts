import { avg, bucket, count, countDistinct, each, MemoryDatabase, max, min, Repository, sum } from 'trivet';
import { expect, test } from 'vitest';
import { Post, User } from './entities.js';

// These laws are checked by the compiler: `npm run typecheck`. The test only keeps the file in the suite.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Shown<T> = { [K in keyof T]: T[K] };

test('the rows of groupBy have the types of its keys and measures', async () => {
  const posts = new Repository(new MemoryDatabase(), Post);
  const users = new Repository(new MemoryDatabase(), User);
  const byMonth = await posts.groupBy(['status', bucket('createdAt', 'month')], {
    n: count(),
    d: countDistinct('slug'),
    total: sum('price'),
    mean: avg('price'),
    first: min('title'),
    last: max('updatedAt'),
  });
  type Month = {
    status: 'draft' | 'published';
    createdAt: Date;
    n: number;
    d: number;
    total: string;
    mean: number | null;
    first: string | null;
    last: Date | null;
  };
  const months: Equal<Shown<(typeof byMonth)[number]>, Month> = true;
  const byTag = await users.groupBy([each('tags'), 'profile.bio', bucket('lockedUntil', 'day')], { age: sum('age') });
  type Tag = { tags: string; 'profile.bio': string | null; lockedUntil: Date | null; age: number };
  const tags: Equal<Shown<(typeof byTag)[number]>, Tag> = true;
  const [all] = await users.groupBy([], { n: count() });
  const whole: Equal<Shown<NonNullable<typeof all>>, { n: number }> = true;
  expect([months, tags, whole, byMonth, byTag, all]).toEqual([true, true, true, [], [], { n: 0 }]);
});
