/** A value that the caller may change: a copy where it is one that many have. Only lists and plain objects are ever frozen. */
export function thawed(value: unknown): unknown {
  return typeof value === 'object' && value !== null && Object.isFrozen(value) ? copied(value) : value;
}

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copied((value as Record<string, unknown>)[key]);
  return copy;
}
