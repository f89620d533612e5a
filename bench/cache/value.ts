/** What is stored: about 300 bytes of JSON. */
export const VALUE: Readonly<Record<string, unknown>> = Object.freeze({
  name: 'Ann',
  list: Object.freeze(Array.from({ length: 100 }, (_, i) => i)),
});

/** One of many, which share nothing. */
export function valueFor(id: number): unknown {
  return { id, ...(JSON.parse(JSON.stringify(VALUE)) as object) };
}
