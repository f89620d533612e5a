import { type AnyEntity, type Insert, type JsonSchema, type Row, toJsonSchema } from 'trivet';

type Properties = Readonly<Record<string, JsonSchema>>;

/**
 * What a client sees of a whole row. `computed` says what the functions of computed fields give, which an entity does not know of them.
 * Hidden fields are never in it.
 */
export function rowSchema(entity: AnyEntity, title: string, computed: Properties = {}): JsonSchema {
  const { properties, ...rest } = partsOf(entity, 'row');
  return { ...rest, title, properties: { ...properties, ...computed } };
}

/** Some fields of a row, and what a service adds to them. */
export function partOfRow<E extends AnyEntity>(
  entity: E,
  names: readonly (keyof Row<E> & string)[],
  added: Properties = {},
): JsonSchema {
  const { properties } = partsOf(entity, 'row');
  return objectOf({ ...picked(entity, properties, names), ...added });
}

/**
 * The body that makes a row: what a draft must bring is required. What is added is left to the client, unless `required` names it. A service takes from
 * a body what it knows, and no more: another property is no error, and goes nowhere.
 */
export function draftBody<E extends AnyEntity>(
  entity: E,
  names: readonly (keyof Insert<E> & string)[],
  added: Properties = {},
  required: readonly string[] = [],
): JsonSchema {
  const parts = partsOf(entity, 'insert');
  const properties = { ...picked(entity, parts.properties, names), ...added };
  return openObject(properties, [...parts.required.filter((name) => names.includes(name)), ...required]);
}

/** The body that changes a row: at least one of these fields. What a field has by default is no part of a change. */
export function changeBody<E extends AnyEntity>(
  entity: E,
  names: readonly (keyof Insert<E> & string)[],
  added: Properties = {},
): JsonSchema {
  const fields = picked(entity, partsOf(entity, 'insert').properties, names);
  const bare = Object.fromEntries(Object.entries(fields).map(([name, { default: _, ...field }]) => [name, field]));
  return { ...openObject({ ...bare, ...added }, []), minProperties: 1 };
}

/** An object of these and no other properties; all are required, unless `required` says which. */
export function objectOf(properties: Properties, required: readonly string[] = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

function openObject(properties: Properties, required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** A page, as `paginate` gives it. */
export function pageOf(rows: JsonSchema): JsonSchema {
  const count: JsonSchema = { type: 'integer', minimum: 0 };
  return objectOf({
    rows: listOf(rows),
    total: count,
    totalIsExact: { type: 'boolean' },
    page: { type: 'integer', minimum: 1 },
    pages: count,
    hasNext: { type: 'boolean' },
    hasPrevious: { type: 'boolean' },
  });
}

/** The same, or null. */
export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

interface Parts {
  readonly [keyword: string]: unknown;
  readonly properties: Properties;
  readonly required: readonly string[];
}

function partsOf(entity: AnyEntity, mode: 'row' | 'insert'): Parts {
  // The document says for all of its schemas which dialect they are in.
  const { $schema: _, ...parts } = toJsonSchema(entity, { mode });
  return parts as unknown as Parts;
}

function picked(entity: AnyEntity, properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(
    names.map((name) => {
      const property = properties[name];
      if (property === undefined) throw new TypeError(`A client is not shown \`${name}\` of \`${entity.name}\``);
      return [name, property];
    }),
  );
}
