import type { UpdateOperator } from '../query/update-operator.js';
import { Builder, type FieldSpec, isCount, specIn, specOf } from './builder.js';
import type { AnyField, Anywhere, Defaulted, Field, Fields, ListItem, NullTest, Optional, Parts } from './field.js';
import { isStandardSchema, type StandardSchema } from './standard.js';

/** The names of the fields that have a mark, such as `Optional`. */
export type With<F, M> = { [K in keyof F]: F[K] extends M ? K : never }[keyof F];
/** The names of the others. */
export type Without<F, M> = { [K in keyof F]: F[K] extends M ? never : K }[keyof F];
/** What rows hold for a field. */
export type ValueOf<X extends AnyField> = X extends Optional ? X['~value'] | null : X['~value'];
/** What drafts give for a field. */
export type InputOf<X extends AnyField> = X extends Optional ? X['~input'] | null : X['~input'];

/** A GeoJSON point on the sphere, in degrees. */
export interface GeoPoint {
  readonly type: 'Point';
  readonly coordinates: readonly [longitude: number, latitude: number];
}

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A point on the sphere. Found by `near()`; filters only ask whether there is one. */
export interface GeoPointField extends Field<GeoPoint> {
  readonly '~where': never;
  readonly '~null': NullTest;
  readonly '~patch': never;
  readonly '~geo': true;
}

/** A JSON value, stored and read whole; filters only ask whether there is one. */
export interface JsonField<T, In = T> extends Field<T, Anywhere, In> {
  readonly '~where': never;
  readonly '~null': NullTest;
  readonly '~patch': never;
}

/** A list of scalars or of objects, without nulls. A list of objects is stored and read whole. */
export interface ListField<X extends ListItem> extends Field<X['~value'][], X['~engines'], readonly X['~input'][]> {
  readonly '~where': X['~items'];
  readonly '~null': NullTest;
  readonly '~patch': UpdateOperator<'list', X['~input']>;
  /** At least so many items. */
  min(items: number, message?: string): this;
  /** At most so many items. */
  max(items: number, message?: string): this;
}

/** Fields within a field. Filters, orders and patches reach them by dotted paths. */
export interface ObjectField<F extends Fields>
  extends Field<
    { [K in keyof F]: ValueOf<F[K]> },
    F[keyof F]['~engines'],
    { [K in Without<F, Defaulted | Optional>]: InputOf<F[K]> } & {
      [K in With<F, Defaulted | Optional>]?: InputOf<F[K]>;
    }
  > {
  readonly '~where': never;
  readonly '~null': NullTest;
  readonly '~items': never;
  readonly '~patch': never;
  readonly '~fields': F;
}

/** A draft may leave out an object whose fields may all be left out: it is filled from them. */
type Implied<F> = [Without<F, Defaulted | Optional>] extends [never] ? Defaulted : unknown;

class ListBuilder extends Builder {
  min(items: number, message?: string): this {
    if (!isCount(items)) return this.problem('must have an integer from 0 as its `min`');
    const test = (value: readonly unknown[]) => value.length >= items;
    return this.rule({ name: 'min', test, message: message ?? `must have at least ${counted(items)}` }, { min: items });
  }

  max(items: number, message?: string): this {
    if (!isCount(items)) return this.problem('must have an integer from 0 as its `max`');
    const test = (value: readonly unknown[]) => value.length <= items;
    return this.rule({ name: 'max', test, message: message ?? `must have at most ${counted(items)}` }, { max: items });
  }
}

/** A GeoJSON point, `[longitude, latitude]` in degrees. */
export function geoPoint(): GeoPointField {
  return new Builder(specOf('geoPoint')) as unknown as GeoPointField;
}

/**
 * A JSON value. A Standard Schema (Zod, Valibot, ArkType...) checks drafts and patches, synchronously, and what it gives
 * is stored; rows are not checked again. Without one, any JSON value is taken.
 */
export function json<In, Out>(schema: StandardSchema<In, Out>): JsonField<Out, In>;
export function json<T = Json>(): JsonField<T>;
export function json(schema?: StandardSchema): JsonField<unknown> {
  const wrong = schema !== undefined && !isStandardSchema(schema);
  const own: Partial<FieldSpec> = wrong
    ? { problems: ['must have a Standard Schema in `json()`'] }
    : { schema: (schema ?? null) as FieldSpec['schema'] };
  return new Builder(specOf('json', own)) as unknown as JsonField<unknown>;
}

/** A list of scalars or objects: `list(text().max(40))`. Give it a `max` where drafts come from outside. */
export function list<X extends ListItem>(item: X): ListField<X> {
  const own = specIn(item);
  const problems = own === undefined ? ['must have a field in `list()`'] : [];
  return new ListBuilder(specOf('list', { item: own ?? specOf('text'), problems })) as unknown as ListField<X>;
}

/**
 * Fields within a field: `object({ city: text(), zip: text().optional() })`. At most three levels, counted from the entity.
 * A draft may leave it out when each of its fields has a default or is optional: it is filled with them, unless it is
 * itself optional (then it is null).
 */
export function object<F extends Parts>(fields: F): ObjectField<F> & Implied<F> {
  const own: Record<string, FieldSpec> = Object.create(null);
  const problems: string[] = [];
  if (typeof fields !== 'object' || fields === null) problems.push('must have fields in `object()`');
  else {
    for (const name of Object.keys(fields)) {
      const spec = specIn(fields[name]);
      if (spec === undefined) problems.push(`must have a field, such as \`text()\`, as \`${name}\``);
      else own[name] = spec;
    }
    if (Object.keys(fields).length === 0) problems.push('must have at least one field in `object()`');
  }
  return new Builder(specOf('object', { fields: Object.freeze(own), problems })) as unknown as ObjectField<F> &
    Implied<F>;
}

function counted(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}
