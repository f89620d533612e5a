import type { Condition } from '../query/condition.js';
import type { UpdateOperator } from '../query/update-operator.js';
import { canonicalDecimal, compareDecimal } from '../util/decimal.js';
import { KeyBuilder, type Rule, ScalarBuilder, specOf } from './builder.js';
import type { Anywhere, Defaulted, KeyField, OnPostgres, ScalarField } from './field.js';
import type { Bounds } from './model.js';

/** An integer that a JavaScript number holds exactly: up to 2^53 - 1 either way. Servers keep it as 64 bit. */
export interface IntegerField<N = Anywhere> extends KeyField<number, N> {
  readonly '~where': number | Condition<'equal' | 'order', number>;
  readonly '~patch': UpdateOperator<'bound' | 'increment', number>;
  readonly '~numeric': true;
  /** The least value; the server keeps it too, so that an `increment` cannot pass it. */
  min(least: number, message?: string): this;
  /** The greatest value; the server keeps it too. */
  max(most: number, message?: string): this;
}

/** A finite double. -0 becomes 0. Sums of reals are approximate: use `decimal()` for money. */
export interface RealField extends ScalarField<number> {
  readonly '~where': number | Condition<'equal' | 'order', number>;
  readonly '~patch': UpdateOperator<'bound' | 'increment', number>;
  readonly '~numeric': true;
  /** The least value; the server keeps it too. */
  min(least: number, message?: string): this;
  /** The greatest value; the server keeps it too. */
  max(most: number, message?: string): this;
}

/** A signed 64 bit integer, as a JavaScript bigint. */
export interface BigintField<N = Anywhere> extends KeyField<bigint, N> {
  readonly '~where': bigint | Condition<'equal' | 'order', bigint>;
  readonly '~patch': UpdateOperator<'bound' | 'increment', bigint>;
  readonly '~numeric': true;
  /** The least value; the server keeps it too. */
  min(least: bigint, message?: string): this;
  /** The greatest value; the server keeps it too. */
  max(most: bigint, message?: string): this;
}

/** What a draft may give for a decimal: plain text, an integer number or a bigint. */
export type DecimalInput = string | number | bigint;

/** An exact decimal of at most 34 digits. Rows hold its plain text without exponent or trailing zeros, such as `'12.5'`. */
export interface DecimalField extends KeyField<string, Anywhere, DecimalInput> {
  readonly '~where': DecimalInput | Condition<'equal' | 'order', DecimalInput>;
  readonly '~patch': UpdateOperator<'bound' | 'increment', DecimalInput>;
  readonly '~numeric': true;
  /** The least value; the server keeps it too. */
  min(least: DecimalInput, message?: string): this;
  /** The greatest value; the server keeps it too. */
  max(most: DecimalInput, message?: string): this;
}

/** The least signed integer of 64 bits. */
export const MIN_BIGINT: bigint = -(2n ** 63n);
/** The greatest signed integer of 64 bits. */
export const MAX_BIGINT: bigint = 2n ** 63n - 1n;
/** Digits that both servers keep exactly: MongoDB's Decimal128 has 34. */
export const MAX_DIGITS = 34;

class IntegerBuilder extends KeyBuilder {
  min(least: number, message?: string): this {
    if (!Number.isSafeInteger(least)) return this.problem('must have an integer as its `min`');
    return this.rule(lowest(least + 0, message), { min: least + 0 });
  }

  max(most: number, message?: string): this {
    if (!Number.isSafeInteger(most)) return this.problem('must have an integer as its `max`');
    return this.rule(highest(most + 0, message), { max: most + 0 });
  }
}

class RealBuilder extends ScalarBuilder {
  min(least: number, message?: string): this {
    if (!Number.isFinite(least)) return this.problem('must have a finite number as its `min`');
    return this.rule(lowest(least + 0, message), { min: least + 0 });
  }

  max(most: number, message?: string): this {
    if (!Number.isFinite(most)) return this.problem('must have a finite number as its `max`');
    return this.rule(highest(most + 0, message), { max: most + 0 });
  }
}

class BigintBuilder extends KeyBuilder {
  min(least: bigint, message?: string): this {
    if (!isInt64(least)) return this.problem('must have a signed 64 bit bigint as its `min`');
    return this.rule(lowest(least, message), { min: least });
  }

  max(most: bigint, message?: string): this {
    if (!isInt64(most)) return this.problem('must have a signed 64 bit bigint as its `max`');
    return this.rule(highest(most, message), { max: most });
  }
}

class DecimalBuilder extends KeyBuilder {
  min(least: DecimalInput, message?: string): this {
    const bound = decimalOf(least);
    if (bound === null) return this.problem('must have a decimal as its `min`');
    const test = (value: string) => compareDecimal(value, bound) >= 0;
    return this.rule({ name: 'min', test, message: message ?? '' }, { min: bound });
  }

  max(most: DecimalInput, message?: string): this {
    const bound = decimalOf(most);
    if (bound === null) return this.problem('must have a decimal as its `max`');
    const test = (value: string) => compareDecimal(value, bound) <= 0;
    return this.rule({ name: 'max', test, message: message ?? '' }, { max: bound });
  }
}

/** An integer up to 2^53 - 1 either way. */
export function integer(): IntegerField {
  return new IntegerBuilder(specOf('integer')) as unknown as IntegerField;
}

/** A finite double. */
export function real(): RealField {
  return new RealBuilder(specOf('real')) as unknown as RealField;
}

/** A signed 64 bit integer, as a bigint. */
export function bigint(): BigintField {
  return new BigintBuilder(specOf('bigint')) as unknown as BigintField;
}

/**
 * An exact decimal. `decimal(10, 2)` has at most ten digits, two of them behind the point; more are refused, never rounded.
 * Without a precision, at most 34 digits.
 */
export function decimal(precision?: number, scale?: number): DecimalField {
  const problems: string[] = [];
  if (precision !== undefined && !isDigits(precision, 1)) problems.push('must have a precision from 1 to 34');
  else if (scale !== undefined && (precision === undefined || !isDigits(scale, 0) || scale > precision)) {
    problems.push('must have a scale from 0 to its precision');
  }
  const bounds: Bounds = problems.length > 0 || precision === undefined ? {} : { precision, scale: scale ?? 0 };
  return new DecimalBuilder(specOf('decimal', { bounds, problems })) as unknown as DecimalField;
}

/** An integer that the database counts up, for drafts that leave it out. PostgreSQL and memory. */
export function serial(): IntegerField<OnPostgres> & Defaulted {
  return new IntegerBuilder(specOf('integer', { serial: true })) as unknown as IntegerField<OnPostgres> & Defaulted;
}

/** A bigint that the database counts up, for drafts that leave it out. PostgreSQL and memory. */
export function bigserial(): BigintField<OnPostgres> & Defaulted {
  return new BigintBuilder(specOf('bigint', { serial: true })) as unknown as BigintField<OnPostgres> & Defaulted;
}

/** Whether a value is a bigint that 64 bits hold. */
export function isInt64(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= MIN_BIGINT && value <= MAX_BIGINT;
}

/** The canonical text of what a draft may give for a decimal, or null. */
export function decimalOf(value: unknown): string | null {
  // Longer texts cannot have 34 digits in any form that is worth reading.
  if (typeof value === 'string') return value.length > 100 ? null : canonicalDecimal(value);
  if (typeof value === 'bigint') return String(value).length > 100 ? null : String(value);
  return Number.isSafeInteger(value) ? String((value as number) + 0) : null;
}

function isDigits(value: unknown, least: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= MAX_DIGITS;
}

// An empty message stands for the whole expectation, such as `must be an integer from 0 to 9`: the parser knows it.
function lowest(bound: number | bigint, message: string | undefined): Rule {
  return { name: 'min', test: (value: number | bigint) => value >= bound, message: message ?? '' };
}

function highest(bound: number | bigint, message: string | undefined): Rule {
  return { name: 'max', test: (value: number | bigint) => value <= bound, message: message ?? '' };
}
