import type { FieldModel, Kind } from '../schema/model.js';
import { parserOf } from '../schema/parse.js';
import { codePointLength, isWellFormed } from '../util/text.js';
import { MAX_PATTERN } from './parse-where.js';
import type { Parsing } from './parsing.js';

const INTEGER = /^-?\d{1,16}$/;
const BIGINT = /^-?\d{1,19}$/;
const REAL = /^-?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?$/;
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

interface Reading {
  readonly read: (text: string) => unknown;
  readonly expected: string;
}

/** How a text of a query becomes a value; kinds that are not here take the text itself. */
const READINGS: Readonly<Partial<Record<Kind, Reading>>> = {
  integer: {
    read: (text) => (INTEGER.test(text) ? Number(text) : undefined),
    expected: 'must be an integer in digits',
  },
  bigint: { read: (text) => (BIGINT.test(text) ? BigInt(text) : undefined), expected: 'must be an integer in digits' },
  real: { read: (text) => (REAL.test(text) ? Number(text) : undefined), expected: 'must be a number' },
  boolean: {
    read: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
    expected: 'must be `true` or `false`',
  },
  timestamp: {
    read: readMoment,
    expected:
      'must be a moment as `2024-05-31T18:30:00Z`, to the millisecond and with its zone (`+` is `%2B` in a query), or a day as `2024-05-31`',
  },
};

/** A day alone is its beginning, UTC. */
function readMoment(text: string): Date | undefined {
  const match = MOMENT.exec(text);
  if (match === null) return undefined;
  // A day that the month does not have comes back as another one.
  const day = new Date(`${match[1]}T00:00:00.000Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(match[1]!)) return undefined;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/** The value of the field that a text of a query stands for; adds an issue for the parameter otherwise. */
export function readValue({ issues }: Parsing, field: FieldModel, text: string, parameter: string): unknown {
  const reading = READINGS[field.kind];
  if (reading === undefined) return parserOf(field).operand(text, parameter, issues);
  const value = reading.read(text);
  if (value !== undefined) return parserOf(field).operand(value, parameter, issues);
  issues.push({ path: parameter, message: reading.expected });
  return undefined;
}

/** Adds an issue for a text that no field takes, or that is longer than a filter takes for a pattern. */
export function checkText({ issues }: Parsing, text: string, parameter: string): boolean {
  // By units first: counting the characters of a long text is work that nobody asked for.
  const fits = text.length <= 2 * MAX_PATTERN && codePointLength(text) <= MAX_PATTERN && isWellFormed(text);
  if (!fits) {
    issues.push({
      path: parameter,
      message: `must be well-formed text without NUL of at most ${MAX_PATTERN} characters`,
    });
  }
  return fits;
}
