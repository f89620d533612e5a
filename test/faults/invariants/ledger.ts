/** What a ledger finds wrong. */
export interface Audit {
  /** What was acknowledged, and is not stored whole. */
  readonly lost: readonly string[];
  /** What is stored in parts. */
  readonly torn: readonly string[];
}

/** Compares what was acknowledged with what is stored: an entry of `stored` for each part of what was written at once. */
export function audit(acknowledged: Iterable<string>, stored: Iterable<string>, parts = 1): Audit {
  const counts = new Map<string, number>();
  for (const each of stored) counts.set(each, (counts.get(each) ?? 0) + 1);
  return {
    lost: [...acknowledged].filter((each) => (counts.get(each) ?? 0) < parts),
    torn: [...counts].flatMap(([each, count]) => (count === parts ? [] : [each])),
  };
}
