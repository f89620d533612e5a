import { type Given, labels, type Row, type Verbs } from './kit.js';

export const BY_ID: object = { orderBy: { id: 'asc' } };

export interface World {
  readonly people: Verbs;
  readonly memos: Verbs;
  readonly likings: Verbs;
}

/**
 * ann leads bob and cid, cid leads dan; eve is deleted. Memos: a1 a2 a3 of ann, b1 of bob, e1 of eve, n1 of nobody, x1 of somebody who never was.
 */
export async function world(given: Given): Promise<World> {
  const people = await given.people(
    { id: 1, label: 'ann', friendIds: [3, 99, 2, 3, 5] },
    { id: 2, label: 'bob', bossId: 1, friendIds: [1] },
    { id: 3, label: 'cid', bossId: 1 },
    { id: 4, label: 'dan', bossId: 3 },
    { id: 5, label: 'eve', bossId: 1 },
  );
  await people.delete(5);
  const memos = await given.memos(
    { id: 1, label: 'a1', personId: 1n, rank: 2 },
    { id: 2, label: 'a2', personId: 1n, rank: null },
    { id: 3, label: 'a3', personId: 1n, rank: 2 },
    { id: 4, label: 'b1', personId: 2n, rank: 1 },
    { id: 5, label: 'e1', personId: 5n, rank: 1 },
    { id: 6, label: 'n1', personId: null, rank: 7 },
    { id: 7, label: 'x1', personId: 77n, rank: 7 },
  );
  const likings = await given.likings(
    { id: 1, memoId: 1, personId: 2 },
    { id: 2, memoId: 1, personId: 1 },
    { id: 3, memoId: 1, personId: 2 },
    { id: 4, memoId: 2, personId: 5 },
    { id: 5, memoId: 2, personId: 4 },
    { id: 6, memoId: null, personId: 3 },
    { id: 7, memoId: 3, personId: null },
    { id: 8, memoId: 4, personId: 88 },
    { id: 9, memoId: 4, personId: 3 },
  );
  await likings.delete(9);
  return { people, memos, likings };
}

/** `a1:ann a2:ann`: the label of each row and what it got. */
export function told(rows: readonly Row[], name: string): string {
  const text = (value: any): string =>
    Array.isArray(value)
      ? `[${labels(value).join()}]`
      : value !== null && typeof value === 'object'
        ? value.label
        : String(value);
  return rows.map((row) => `${row['label']}:${text(row[name])}`).join(' ');
}
