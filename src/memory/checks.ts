import { ConstraintError } from '../errors/data.js';
import type { EntityModel, FieldModel, StoredRow, Value } from '../schema/model.js';
import { isInt64, MAX_DIGITS } from '../schema/numbers.js';
import { canonicalDecimal, decimalDigits } from '../util/decimal.js';
import { codePointLength } from '../util/text.js';
import { checkName } from './names.js';
import { comparator } from './order.js';
import { reader } from './values.js';

/** @throws ConstraintError when the row breaks a bound. */
export type Check = (row: StoredRow, position?: number) => void;

/**
 * What the engine keeps although every draft and patch was checked before: update operators can break a bound.
 * @param touched Paths that a patch changes; all when left out.
 */
export function compileChecks(entity: EntityModel, touched?: readonly FieldModel[]): Check {
  const fields = [...entity.paths.values()].filter(
    (field) => touched === undefined || touched.some((each) => overlaps(each, neededWith(entity, field) ?? field)),
  );
  const tests = fields.flatMap((field) => {
    const holds = compileBounds(field);
    const object = neededWith(entity, field);
    const above = object === null ? null : reader(object);
    return holds === null && above === null ? [] : [{ field, holds, read: reader(field), above }];
  });
  return (row, position) => {
    for (const { field, holds, read, above } of tests) {
      const value = read(row);
      if (value === null ? above !== null && above(row) !== null : holds !== null && !holds(value)) {
        throw new ConstraintError(entity.name, {
          fields: [field.path],
          constraint: checkName(entity, field),
          position,
        });
      }
    }
  };
}

/** The object that must hold the field when it is there at all; null where no patch can make it without the field. */
function neededWith(entity: EntityModel, field: FieldModel): FieldModel | null {
  if (field.optional || !field.nullable) return null;
  return entity.paths.get(field.segments.slice(0, -1).join('.'))!;
}

/** Whether one path is the other or lies below it. */
function overlaps(a: FieldModel, b: FieldModel): boolean {
  return a.path === b.path || a.path.startsWith(`${b.path}.`) || b.path.startsWith(`${a.path}.`);
}

function compileBounds(field: FieldModel): ((value: Value) => boolean) | null {
  const { precision, scale } = field.bounds;
  switch (field.kind) {
    case 'integer': {
      const within = compileRange(field);
      return (value) => Number.isSafeInteger(value) && within(value);
    }
    case 'real': {
      const within = compileRange(field);
      return (value) => Number.isFinite(value) && within(value);
    }
    case 'bigint': {
      const within = compileRange(field);
      return (value) => isInt64(value) && within(value);
    }
    case 'decimal': {
      const within = compileRange(field);
      const fractionDigits = scale ?? (precision === undefined ? MAX_DIGITS : 0);
      const wholeDigits = precision === undefined ? MAX_DIGITS : precision - fractionDigits;
      return (value) => {
        const digits = decimalDigits(value as string);
        if (digits.precision > MAX_DIGITS || digits.scale > fractionDigits) return false;
        return wholeLength(value as string) <= wholeDigits && within(value);
      };
    }
    case 'timestamp':
    case 'date':
      return bounded(field) ? compileRange(field) : null;
    case 'text':
      // Of a hidden text the length is a rule for what is given: a hook may store a hash of it.
      return bounded(field) && !field.hidden ? compileSize(field, (value) => codePointLength(value as string)) : null;
    case 'list':
      return bounded(field) ? compileSize(field, (value) => (value as Value[]).length) : null;
    default:
      return null;
  }
}

function bounded({ bounds }: FieldModel): boolean {
  return bounds.min !== undefined || bounds.max !== undefined;
}

/** Digits before the point; none for `0.5`. */
function wholeLength(decimal: string): number {
  return decimal.replace(/^-?0?/, '').replace(/\..*$/, '').length;
}

function compileRange({ kind, bounds }: FieldModel): (value: Value) => boolean {
  const compare = comparator(kind);
  const [min, max] = [bounds.min, bounds.max].map((bound) => (bound === undefined ? undefined : operand(kind, bound)));
  return (value) => (min === undefined || compare(value, min) >= 0) && (max === undefined || compare(value, max) <= 0);
}

/** A bound as a canonical value of its kind, however it was declared. */
function operand(kind: FieldModel['kind'], bound: NonNullable<FieldModel['bounds']['min']>): Value {
  if (kind === 'decimal') return canonicalDecimal(String(bound)) ?? bound;
  if (kind === 'bigint') return BigInt(bound as bigint);
  return bound;
}

function compileSize({ bounds }: FieldModel, size: (value: Value) => number): (value: Value) => boolean {
  const min = Number(bounds.min ?? 0);
  const max = Number(bounds.max ?? Number.POSITIVE_INFINITY);
  return (value) => {
    const count = size(value);
    return count >= min && count <= max;
  };
}
