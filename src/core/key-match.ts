import type { Issue } from '../errors/data.js';
import { isNumericKind } from '../schema/kinds.js';
import type { FieldModel, Kind, Value } from '../schema/model.js';
import { parserOf } from '../schema/parse.js';
import { canonicalDecimal } from '../util/decimal.js';

/** Makes a value of one field, never null, one of another field that it equals; undefined when that field can hold no such value. */
export type Convert = (value: Value) => Value | undefined;

/** What stands for a value, never null, in a Map: equal values of one field, equal identities. */
export type Identity = string | number | bigint | boolean;

const TEXTS: ReadonlySet<Kind> = new Set<Kind>(['text', 'uuid', 'objectId', 'enum']);
const ALONE: ReadonlySet<Kind> = new Set<Kind>(['boolean', 'timestamp', 'date']);

/**
 * How values of `from` are looked up in `to`: two databases may keep one key as `integer` and `bigint`, or as text and `uuid`.
 * Null when they cannot be equal.
 */
export function converter(from: FieldModel, to: FieldModel): Convert | null {
  if (from.kind === to.kind) {
    return TEXTS.has(to.kind) || isNumericKind(to.kind) || ALONE.has(to.kind) ? (value) => value : null;
  }
  if (TEXTS.has(from.kind) && TEXTS.has(to.kind)) return to.kind === 'text' ? (value) => value : accepted(to);
  if (!isNumericKind(from.kind) || !isNumericKind(to.kind)) return null;
  const accept = accepted(to);
  return (value) => {
    const number = asNumber(String(value), to.kind);
    return number === undefined ? undefined : accept(number);
  };
}

/** A value that the field does not take cannot be in it: nothing is asked for. */
function accepted(field: FieldModel): Convert {
  const { operand } = parserOf(field);
  return (value) => {
    const issues: Issue[] = [];
    const canonical = operand(value, field.path, issues);
    return issues.length === 0 ? canonical : undefined;
  };
}

function asNumber(text: string, kind: Kind): Value | undefined {
  const decimal = canonicalDecimal(text);
  if (decimal === null) return undefined;
  if (kind === 'decimal') return decimal;
  if (kind === 'bigint') return decimal.includes('.') ? undefined : BigInt(decimal);
  const number = Number(decimal);
  return canonicalDecimal(String(number)) === decimal ? number : undefined;
}

/** From the values of a field that can be a key to their identities. */
export function identityOf(field: FieldModel): (value: Value) => Identity {
  return field.kind === 'timestamp' ? (value) => (value as Date).getTime() : (value) => value as Identity;
}
