/** A part of the calendar that a moment lies in. */
export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/** All parts of the calendar, the shortest first. */
export const CALENDAR_UNITS: readonly CalendarUnit[] = ['hour', 'day', 'week', 'month', 'quarter', 'year'];

const DAY = 86_400_000;
// An offset such as `+02:00` reads with the other sign on one of the servers.
const ZONE = /^[a-z][\w+-]*(?:\/[a-z][\w+-]*)*$/i;

/** The name as the servers take it, which mind the case of its letters; null when it is no name of the time zone database. */
export function zoneName(name: unknown): string | null {
  if (typeof name !== 'string' || !ZONE.test(name)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
    // Another name of the same zone stays: a server may not know the one that is preferred here.
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch {
    return null;
  }
}

/** Where a time zone's clocks are. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** How far the zone's clock is ahead of UTC, in milliseconds. */
  offsetAt(time: number): number {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#format.formatToParts(time)) parts[type] = value;
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
    const clock = moment(year, Number(parts.month) - 1, Number(parts.day));
    const seconds = Number(parts.hour) * 3_600 + Number(parts.minute) * 60 + Number(parts.second);
    return clock + seconds * 1_000 - Math.floor(time / 1_000) * 1_000;
  }

  /** The moment at which the zone's clock shows `clock`: the later of two; where it skips that time, as if it had not yet. */
  momentOf(clock: number): number {
    const before = this.offsetAt(clock - DAY);
    const after = this.offsetAt(clock + DAY);
    return this.offsetAt(clock - after) === after ? clock - after : clock - before;
  }
}

/** The moment at which the unit that `time` lies in begins, in the zone or in UTC; weeks begin on Monday. */
export function beginningOf(unit: CalendarUnit, time: number, zone: Zone | null): number {
  if (zone === null) return floor(unit, time);
  return zone.momentOf(floor(unit, time + zone.offsetAt(time)));
}

function floor(unit: CalendarUnit, time: number): number {
  if (unit === 'hour') return Math.floor(time / 3_600_000) * 3_600_000;
  const day = Math.floor(time / DAY) * DAY;
  if (unit === 'day') return day;
  const date = new Date(day);
  if (unit === 'week') return day - ((date.getUTCDay() + 6) % 7) * DAY;
  const month = date.getUTCMonth();
  return moment(date.getUTCFullYear(), unit === 'year' ? 0 : unit === 'month' ? month : month - (month % 3), 1);
}

/** `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999. */
function moment(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}
