const kinds = { user: 1, post: 2, comment: 3, category: 4, tag: 5, event: 6 } as const;

/** A key that is the same in every run: `seedId('post', 3)`. Services leave keys to the library. */
export function seedId(kind: keyof typeof kinds, number: number): string {
  return `00000000-000${kinds[kind]}-7000-8000-${String(number).padStart(12, '0')}`;
}
