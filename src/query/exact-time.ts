/** Microseconds of a moment, which a Date cannot hold. `Symbol.for` makes the mark the same in both copies of the package. */
const MICROS: unique symbol = Symbol.for('trivet.micros');

/** Marks a date with the microseconds behind its milliseconds, 1 to 999. The mark is out of sight of JSON, copies and comparisons. */
export function withMicros(date: Date, micros: number): Date {
  return Object.defineProperty(date, MICROS, { value: micros });
}

/** The microseconds behind the milliseconds of a date; 0 where it has none. */
export function microsOf(date: Date): number {
  return (date as { readonly [MICROS]?: number })[MICROS] ?? 0;
}

/** ISO 8601 with milliseconds, or with microseconds where the date has them. */
export function exactIso(date: Date): string {
  const iso = date.toISOString();
  const micros = microsOf(date);
  return micros === 0 ? iso : `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}
