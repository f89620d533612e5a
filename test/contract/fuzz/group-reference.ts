import { type FieldType, PATHS } from './entities.js';
import { columnsOf, type GroupSpec, type HavingSpec, type KeySpec, type MeasureSpec, type Unit } from './groups.js';

// What `groupBy` must give, in plain JavaScript, without a line of the library.

type Row = Record<string, unknown>;

/** Why there is no result: a sum that no number holds. */
export const TOO_LARGE = 'QueryError';

function valueAt(row: Row, path: string): unknown {
  let value: unknown = row;
  for (const name of path.split('.')) value = (value as Row | null | undefined)?.[name];
  return value ?? null;
}

const DAY = 86_400_000;

/** Days since 1970 on the calendar of the zone. */
function dayOf(time: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
  return new Date(0).setUTCFullYear(year, Number(part['month']) - 1, Number(part['day'])) / DAY;
}

/** The first day of the unit. */
function firstDay(unit: Unit, day: number): number {
  if (unit === 'day') return day;
  const date = new Date(day * DAY);
  if (unit === 'week') {
    while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1);
    return date.getTime() / DAY;
  }
  date.setUTCDate(1);
  while (unit === 'quarter' && date.getUTCMonth() % 3 !== 0) date.setUTCMonth(date.getUTCMonth() - 1);
  if (unit === 'year') date.setUTCMonth(0);
  return date.getTime() / DAY;
}

/** The first moment whose day, in the zone, is in the unit: looked for, not computed. */
function beginning(unit: Unit, moment: Date, timeZone = 'UTC'): Date {
  const time = moment.getTime();
  if (unit === 'hour') return new Date(Math.floor(time / 3_600_000) * 3_600_000);
  const first = firstDay(unit, dayOf(time, timeZone));
  let outside = time - 370 * DAY;
  let inside = time;
  while (inside - outside > 1) {
    const middle = Math.floor((outside + inside) / 2);
    if (dayOf(middle, timeZone) >= first) inside = middle;
    else outside = middle;
  }
  return new Date(inside);
}

function keyValues(key: KeySpec, row: Row): readonly unknown[] {
  const value = valueAt(row, key.path);
  if (key.by === 'item') return (value ?? []) as unknown[];
  if (key.by === 'value' || value === null) return [value];
  return [beginning(key.unit, value as Date, key.timeZone)];
}

const SCALE = 20;

/** A decimal as a whole number of 10^-20. */
function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(SCALE, '0'));
}

function unscaled(number: bigint): string {
  const digits = String(number < 0n ? -number : number).padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${number < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction === '' ? '' : `.${fraction}`}`;
}

function points(text: string): number[] {
  return Array.from(text, (each) => each.codePointAt(0)!);
}

function compare(type: FieldType | 'count', a: unknown, b: unknown): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (type === 'decimal') return Number(scaled(a as string) - scaled(b as string));
  if (typeof a === 'string') {
    const [x, y] = [points(a), points(b as string)];
    const i = x.findIndex((each, at) => each !== y[at]);
    return i < 0 ? x.length - y.length : (x[i] ?? -1) - (y[i] ?? -1);
  }
  return Number(a) === Number(b) && typeof a === 'bigint' ? Number(a - (b as bigint)) : Number(a) - Number(b);
}

function exactSum(type: FieldType, values: readonly unknown[]): bigint {
  return values.reduce<bigint>(
    (sum, each) => sum + (type === 'decimal' ? scaled(each as string) : BigInt(each as number)),
    0n,
  );
}

function measured({ op, path }: MeasureSpec, rows: readonly Row[]): unknown {
  if (op === 'count') return rows.length;
  const type = PATHS[path]!;
  const values = rows.map((row) => valueAt(row, path)).filter((value) => value !== null);
  if (op === 'countDistinct')
    return new Set(values.map((value) => (value instanceof Date ? value.getTime() : value))).size;
  if (op === 'min' || op === 'max') {
    const sorted = values.sort((a, b) => compare(type, a, b));
    return (op === 'min' ? sorted[0] : sorted.at(-1)) ?? null;
  }
  const sum = exactSum(type, values);
  if (op === 'avg')
    return values.length === 0 ? null : Number(type === 'decimal' ? unscaled(sum) : sum) / values.length;
  if (type === 'decimal') return unscaled(sum);
  return type === 'bigint' ? sum : Number(sum);
}

export function typeOf(spec: GroupSpec, column: string): FieldType | 'count' {
  const measure = spec.measures[Number(/^m(\d)$/.exec(column)?.[1] ?? Number.NaN)];
  if (measure === undefined) {
    const type = PATHS[column]!;
    return type === 'texts' ? 'text' : type === 'integers' ? 'integer' : type;
  }
  if (measure.op === 'avg') return 'real';
  return measure.op === 'count' || measure.op === 'countDistinct' ? 'count' : PATHS[measure.path]!;
}

/** Every group, before `having`, order and page. */
export function groupsOf(spec: GroupSpec, rows: readonly Row[]): Row[] {
  const groups = new Map<string, { readonly key: readonly unknown[]; readonly rows: Row[] }>();
  const add = (key: readonly unknown[], row: Row | null) => {
    const mark = JSON.stringify(key.map((each) => (typeof each === 'bigint' ? `${each}n` : each)));
    if (!groups.has(mark)) groups.set(mark, { key, rows: [] });
    if (row !== null) groups.get(mark)!.rows.push(row);
  };
  if (spec.keys.length === 0) add([], null);
  for (const row of rows) {
    const [first = [], second = [null]] = spec.keys.map((key) => keyValues(key, row));
    if (spec.keys.length === 0) add([], row);
    else for (const one of first) for (const other of second) add(spec.keys.length === 1 ? [one] : [one, other], row);
  }
  const names = columnsOf(spec);
  return [...groups.values()].map(({ key, rows: own }) => {
    const told = [...key, ...spec.measures.map((measure) => measured(measure, own))];
    return Object.fromEntries(names.map((name, i) => [name, told[i]]));
  });
}

function holds(spec: GroupSpec, { op, measure }: HavingSpec, row: Row, low: unknown, high: unknown): boolean {
  const column = `m${measure}`;
  const value = row[column];
  const sign = (other: unknown) => compare(typeOf(spec, column), value, other);
  const equal = (other: unknown) => sign(other) === 0;
  switch (op) {
    case 'plain':
    case 'eq':
      return equal(low);
    case 'ne':
      return !equal(low);
    case 'anyOf':
      return equal(low) || equal(high);
    case 'noneOf':
      return !equal(low) && !equal(high);
    case 'between':
      return value !== null && sign(low) >= 0 && sign(high) <= 0;
    case 'gt':
      return value !== null && sign(low) > 0;
    case 'gte':
      return value !== null && sign(low) >= 0;
    case 'lt':
      return value !== null && sign(low) < 0;
    case 'lte':
      return value !== null && sign(low) <= 0;
  }
}

/** What the call gives. `having` is null where it is not asked for, else its operands. */
export function expected(
  spec: GroupSpec,
  groups: readonly Row[],
  having: readonly [low: unknown, high: unknown] | null,
): Row[] | typeof TOO_LARGE {
  const names = columnsOf(spec);
  const terms = spec.order
    .filter(([column]) => column < names.length)
    .map(([column, direction]) => [names[column]!, direction] as const);
  const last = terms.at(-1)?.[1] ?? 'asc';
  const rest = spec.keys.filter(({ path }) => !terms.some(([name]) => name === path));
  const order = [...terms, ...rest.map(({ path }) => [path, last] as const)];
  const kept = having === null ? [...groups] : groups.filter((row) => holds(spec, spec.having!, row, ...having));
  kept.sort((a, b) => {
    for (const [name, direction] of order) {
      const sign = compare(typeOf(spec, name), a[name], b[name]);
      if (sign !== 0) return direction === 'asc' ? sign : -sign;
    }
    return 0;
  });
  const page = kept.slice(spec.offset, spec.limit === null ? undefined : spec.offset + spec.limit);
  const sums = spec.measures.flatMap(({ op, path }, i) => (op === 'sum' && PATHS[path] === 'integer' ? [`m${i}`] : []));
  return page.some((row) => sums.some((name) => !Number.isSafeInteger(row[name]))) ? TOO_LARGE : page;
}
