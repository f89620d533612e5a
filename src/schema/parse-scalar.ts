import type { Issue } from '../errors/data.js';
import { decimalDigits } from '../util/decimal.js';
import { isWellFormed } from '../util/text.js';
import type { FieldSpec } from './builder.js';
import { decimalOf, isInt64, MAX_DIGITS } from './numbers.js';
import { isThenable, runSchema } from './standard.js';

/** Checks a value that is neither null nor undefined; issues have paths from the value on. Gives the canonical value. */
export type Check = (value: unknown, issues: Issue[]) => unknown;

/** What one spec compiles to. */
export interface Checks {
  /** Type, canonical form and every rule. */
  readonly input: Check;
  /** Type and canonical form. */
  readonly operand: Check;
}

/** How a kind reads a value: the canonical form, or undefined when the type is wrong, and what to say then. */
interface Reading {
  readonly read: (value: unknown) => unknown;
  readonly expected: (value: unknown) => string;
}

/** 0001-01-01 and 9999-12-31T23:59:59.999Z: what both servers and ISO 8601 with four digits can say. */
const FIRST_MOMENT = -62_135_596_800_000;
const LAST_MOMENT = 253_402_300_799_999;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const OBJECT_ID = /^[\da-f]{24}$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const WHOLE_TEXT = 'must be well-formed text without NUL';

/** Compiles a scalar, geo point or binary field. */
export function scalarChecks(spec: FieldSpec): Checks {
  const { read, expected } = reading(spec);
  const operand: Check = (value, issues) => {
    const canonical = read(value);
    if (canonical === undefined) issues.push({ path: '', message: expected(value) });
    return canonical;
  };
  return { operand, input: withRules(spec, operand, expected(0)) };
}

/** Adds the rules of a spec behind the check of its type. An empty message stands for the whole expectation. */
export function withRules(spec: FieldSpec, operand: Check, expectation: string): Check {
  const { rules } = spec;
  if (rules.length === 0) return operand;
  return (value, issues) => {
    const before = issues.length;
    const canonical = operand(value, issues);
    // A schema may make null of a value.
    if (issues.length !== before || canonical === null) return canonical;
    for (const rule of rules) {
      if ('schema' in rule) {
        runSchema(rule.schema, canonical, issues, rule.message);
        continue;
      }
      const held = rule.test(canonical);
      if (held === true) continue;
      if (isThenable(held)) {
        held.then(undefined, () => {});
        issues.push({ path: '', message: 'must be checked by a synchronous function: this one gave a promise' });
      } else if (!held) {
        issues.push({ path: '', message: rule.message || expectation });
      }
    }
    return canonical;
  };
}

function always(message: string): () => string {
  return () => message;
}

function reading(spec: FieldSpec): Reading {
  switch (spec.kind) {
    case 'text':
      return readingText(spec.transforms);
    case 'uuid':
      return { read: (value) => lowered(UUID, value), expected: always('must be a UUID') };
    case 'objectId':
      return {
        read: (value) => lowered(OBJECT_ID, value),
        expected: always('must be an ObjectId: 24 hexadecimal digits'),
      };
    case 'enum':
      return readingEnum(spec.values ?? []);
    case 'boolean':
      return {
        read: (value) => (typeof value === 'boolean' ? value : undefined),
        expected: always('must be true or false'),
      };
    case 'integer':
      return readingInteger(`must be an integer${range(spec)}`);
    case 'real':
      return {
        read: (value) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined),
        expected: always(`must be a finite number${range(spec)}`),
      };
    case 'bigint':
      return {
        read: (value) => (isInt64(value) ? value : undefined),
        expected: always(`must be a bigint of 64 bits${range(spec)}`),
      };
    case 'decimal':
      return readingDecimal(spec);
    case 'timestamp':
      return {
        read: readMoment,
        expected: expectedMoment(spec),
      };
    case 'date':
      return { read: readDay, expected: always("must be a day of the calendar as 'YYYY-MM-DD'") };
    case 'binary':
      return { read: readBytes, expected: always('must be a Uint8Array') };
    default:
      return {
        read: readPoint,
        expected: always("must be a GeoJSON point: { type: 'Point', coordinates: [longitude, latitude] }, in degrees"),
      };
  }
}

/** Times that came as JSON are texts, and look right. */
function expectedMoment(spec: FieldSpec): Reading['expected'] {
  const what = range(spec) === '' ? 'must be a valid Date of the years 1 to 9999' : `must be a Date${range(spec)}`;
  return (value) => (typeof value === 'string' ? `${what}, not text` : what);
}

/** ` from 0`, ` up to 9`, ` from 0 to 9` */
function range({ bounds: { min, max } }: FieldSpec): string {
  const say = (bound: unknown) => (bound instanceof Date ? bound.toISOString() : String(bound));
  if (min === undefined) return max === undefined ? '' : ` up to ${say(max)}`;
  return max === undefined ? ` from ${say(min)}` : ` from ${say(min)} to ${say(max)}`;
}

function readingText(transforms: FieldSpec['transforms']): Reading {
  const expected = (value: unknown) => (typeof value === 'string' ? WHOLE_TEXT : 'must be text');
  if (transforms.length === 0) {
    return { read: (value) => (typeof value === 'string' && isWellFormed(value) ? value : undefined), expected };
  }
  const read = (value: unknown) => {
    if (typeof value !== 'string' || !isWellFormed(value)) return undefined;
    let text = value;
    for (const transform of transforms) text = transform(text);
    return text;
  };
  return { read, expected };
}

function lowered(pattern: RegExp, value: unknown): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value.toLowerCase() : undefined;
}

function readingEnum(values: readonly string[]): Reading {
  const choices: ReadonlySet<unknown> = new Set(values);
  const expected = always(`must be one of ${values.map((each) => `'${each}'`).join(', ')}`);
  return { read: (value) => (choices.has(value) ? value : undefined), expected };
}

function readingInteger(expectation: string): Reading {
  return {
    read: (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : undefined),
    expected: (value) =>
      Number.isInteger(value) && !Number.isSafeInteger(value)
        ? `${expectation}, at most 2^53 - 1 either way`
        : expectation,
  };
}

function readingDecimal(spec: FieldSpec): Reading {
  const { precision, scale } = spec.bounds;
  const whole = precision === undefined || scale === undefined ? undefined : precision - scale;
  const digits = precision === undefined ? MAX_DIGITS : precision;
  const behind = scale === undefined ? '' : `, ${scale} of them behind the point`;
  const read = (value: unknown) => {
    const canonical = decimalOf(value);
    if (canonical === null) return undefined;
    const has = decimalDigits(canonical);
    if (has.precision > digits || (scale !== undefined && has.scale > scale)) return undefined;
    return whole !== undefined && has.precision - has.scale > whole ? undefined : canonical;
  };
  const expectation = `must be a decimal of at most ${digits} digits${behind}, as text, bigint or an integer${range(spec)}`;
  return { read, expected: always(expectation) };
}

const getTime = Date.prototype.getTime;

/** The time of a Date of any realm; NaN for everything else. */
function timeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return Number.NaN;
  try {
    return getTime.call(value);
  } catch {
    return Number.NaN;
  }
}

function readMoment(value: unknown): Date | undefined {
  const time = timeOf(value);
  return time >= FIRST_MOMENT && time <= LAST_MOMENT ? new Date(time) : undefined;
}

function readDay(value: unknown): string | undefined {
  const match = typeof value === 'string' ? DATE.exec(value) : null;
  if (match === null || match[1] === '0000') return undefined;
  // A day that the month does not have comes back as another one.
  const day = new Date(`${match[0]}T00:00:00.000Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(match[0]) ? match[0] : undefined;
}

function readBytes(value: unknown): Uint8Array | undefined {
  const isBytes = ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
  return isBytes ? new Uint8Array(value as Uint8Array) : undefined;
}

function readPoint(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, coordinates } = value as { readonly type?: unknown; readonly coordinates?: unknown };
  if (type !== 'Point' || !Array.isArray(coordinates) || coordinates.length !== 2) return undefined;
  if (Object.keys(value).length !== 2) return undefined;
  const [longitude, latitude] = coordinates as readonly unknown[];
  if (!isDegrees(longitude, 180) || !isDegrees(latitude, 90)) return undefined;
  return { type: 'Point', coordinates: [longitude + 0, latitude + 0] };
}

function isDegrees(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= -most && value <= most;
}
