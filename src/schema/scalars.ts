import type { Condition } from '../query/condition.js';
import type { UpdateOperator } from '../query/update-operator.js';
import { isWellFormed } from '../util/text.js';
import { Builder, KeyBuilder, ScalarBuilder, specOf } from './builder.js';
import type { Anywhere, Defaulted, Field, KeyField, NullTest, OnMongo, PrimaryKey, ScalarField } from './field.js';

export {
  type BigintField,
  bigint,
  bigserial,
  type DecimalField,
  type DecimalInput,
  decimal,
  type IntegerField,
  integer,
  type RealField,
  real,
  serial,
} from './numbers.js';
export { type TextField, text } from './text.js';

/** A UUID in lower case; other cases are accepted and lowered. */
export interface UuidField extends KeyField<string> {
  readonly '~where': string | Condition<'equal' | 'order', string>;
  readonly '~patch': never;
  /** The field identifies the row: a time-ordered UUIDv7, unless the draft brings one. */
  primaryKey(): this & PrimaryKey & Defaulted;
}

/** A MongoDB ObjectId as its 24 hexadecimal digits. */
export interface ObjectIdField extends KeyField<string, OnMongo> {
  readonly '~where': string | Condition<'equal' | 'order', string>;
  readonly '~patch': never;
  /** The field identifies the row: a new ObjectId, unless the draft brings one. */
  primaryKey(): this & PrimaryKey & Defaulted;
}

/** One of a list of texts. */
export interface EnumField<T extends string> extends KeyField<T> {
  readonly '~where': T | Condition<'equal', T>;
  readonly '~patch': never;
}

/** True or false. */
export interface BooleanField extends ScalarField<boolean> {
  readonly '~where': boolean | Condition<'equal', boolean>;
  readonly '~patch': never;
}

/** A moment with milliseconds, UTC, of the years 1 to 9999, as a `Date`. */
export interface TimestampField extends KeyField<Date> {
  readonly '~where': Date | Condition<'equal' | 'order', Date>;
  readonly '~patch': UpdateOperator<'bound', Date>;
  readonly '~time': true;
  /** The earliest moment; the server keeps it too. */
  min(earliest: Date, message?: string): this;
  /** The latest moment; the server keeps it too. */
  max(latest: Date, message?: string): this;
}

/** A day of the calendar without time or zone, as `'YYYY-MM-DD'`. */
export interface DateField extends KeyField<string> {
  readonly '~where': string | Condition<'equal' | 'order', string>;
  readonly '~patch': UpdateOperator<'bound', string>;
}

/** Bytes. Filters only ask whether there are any. */
export interface BinaryField extends Field<Uint8Array, Anywhere> {
  readonly '~where': never;
  readonly '~null': NullTest;
  readonly '~patch': never;
}

class TimestampBuilder extends KeyBuilder {
  min(earliest: Date, message?: string): this {
    return this.#bound('min', earliest, message);
  }

  max(latest: Date, message?: string): this {
    return this.#bound('max', latest, message);
  }

  #bound(name: 'min' | 'max', bound: Date, message: string | undefined): this {
    if (!(bound instanceof Date) || Number.isNaN(bound.getTime()))
      return this.problem(`must have a valid Date as its \`${name}\``);
    const moment = bound.getTime();
    const test = (value: Date) => (name === 'min' ? value.getTime() >= moment : value.getTime() <= moment);
    return this.rule({ name, test, message: message ?? '' }, { [name]: new Date(moment) });
  }
}

/** A UUID. As a primary key it is made by the library (version 7) unless the draft brings one. */
export function uuid(): UuidField {
  return new KeyBuilder(specOf('uuid')) as unknown as UuidField;
}

/** A MongoDB ObjectId, as hexadecimal text. MongoDB and memory. */
export function objectId(): ObjectIdField {
  return new KeyBuilder(specOf('objectId')) as unknown as ObjectIdField;
}

/** One of the texts: `enumOf('draft', 'published')`. */
export function enumOf<const T extends string>(...values: T[]): EnumField<T> {
  const problems: string[] = [];
  if (values.length === 0) problems.push('must have at least one choice');
  if (values.some((each) => typeof each !== 'string' || each === '')) {
    problems.push('must have texts as its choices, none empty');
  } else if (!values.every(isWellFormed)) {
    problems.push('must have well-formed choices without NUL');
  }
  if (new Set(values).size < values.length) problems.push('must have different choices');
  return new KeyBuilder(specOf('enum', { values: Object.freeze([...values]), problems })) as unknown as EnumField<T>;
}

/** True or false. */
export function boolean(): BooleanField {
  return new ScalarBuilder(specOf('boolean')) as unknown as BooleanField;
}

/** A moment in time, as a `Date`. */
export function timestamp(): TimestampField {
  return new TimestampBuilder(specOf('timestamp')) as unknown as TimestampField;
}

/** A day of the calendar, as `'YYYY-MM-DD'`. */
export function date(): DateField {
  return new KeyBuilder(specOf('date')) as unknown as DateField;
}

/** Bytes, as a `Uint8Array`. */
export function binary(): BinaryField {
  return new Builder(specOf('binary')) as unknown as BinaryField;
}
