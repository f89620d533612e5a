import { describeValue } from '../util/describe.js';
import { type FieldSpec, specIn } from './builder.js';
import { modelOf } from './entity.js';
import { isPlain } from './parse-json.js';
import type { AnyEntity } from './types.js';

/** A JSON Schema, as plain JSON. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Options of `toJsonSchema`. */
export interface JsonSchemaOptions {
  /** `'row'`: what reads give, as `JSON.stringify` writes it; `'insert'`: what a draft in JSON must look like. @default 'row' */
  readonly mode?: 'row' | 'insert' | undefined;
}

/** What JSON has no type for is described as the text that stands for it. */
const INTEGER_TEXT = '^-?(0|[1-9][0-9]*)$';
const DECIMAL_TEXT = '^-?[0-9]+(\\.[0-9]+)?$';

/**
 * Describes an entity in JSON Schema 2020-12, for OpenAPI and forms. Hidden fields are left out of `'row'`. Own checks and
 * the schema of `json()` are not in it. bigint and decimal are texts, timestamps ISO 8601, bytes base64. Computed fields are in
 * `'row'` as anything: only the compiler knows their types.
 *
 * @throws ValidationError for what is no entity, TypeError for another mode
 * @example
 * ```ts
 * import { entity, text, toJsonSchema, uuid } from 'trivet';
 *
 * const Tag = entity('tags', { id: uuid().primaryKey(), name: text().max(40) });
 * console.log(toJsonSchema(Tag, { mode: 'insert' }).required); // ['name']
 * ```
 */
export function toJsonSchema(entity: AnyEntity, options: JsonSchemaOptions = {}): JsonSchema {
  const mode: unknown = options.mode ?? 'row';
  if (mode !== 'row' && mode !== 'insert')
    throw new TypeError(`Expected \`mode\` to be 'row' or 'insert', got ${describeValue(mode)}`);
  const specs: Record<string, FieldSpec> = Object.create(null);
  for (const field of modelOf(entity).fields) {
    if (mode === 'row' && field.hidden) continue;
    specs[field.name] = specIn(entity.fields[field.name])!;
  }
  const described = objectSchema(specs, mode);
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: entity.name, ...described };
  const computed = Object.keys(entity['~computed']);
  if (mode === 'insert' || computed.length === 0) return schema;
  const properties = {
    ...(described['properties'] as object),
    ...Object.fromEntries(computed.map((name) => [name, {}])),
  };
  return { ...schema, properties, required: [...(described['required'] as string[]), ...computed] };
}

type Mode = 'row' | 'insert';

function objectSchema(specs: Readonly<Record<string, FieldSpec>>, mode: Mode): JsonSchema {
  const names = Object.keys(specs);
  const required = mode === 'row' ? names : names.filter((name) => isRequired(specs[name]!));
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, fieldSchema(specs[name]!, mode)])),
    required,
    additionalProperties: false,
  };
}

/** Whether a draft must hold the field. */
function isRequired(spec: FieldSpec): boolean {
  if (spec.optional || spec.fallback !== null || spec.generated || spec.serial) return false;
  if (spec.key && (spec.kind === 'uuid' || spec.kind === 'objectId') && spec.references === null) return false;
  return spec.kind !== 'object' || Object.values(spec.fields!).some(isRequired);
}

function fieldSchema(spec: FieldSpec, mode: Mode): JsonSchema {
  const schema: Record<string, unknown> = kindSchema(spec, mode);
  // What is hidden is shown to nobody, its default neither.
  if (mode === 'insert' && !spec.hidden && spec.fallback?.kind === 'value' && isJson(spec.fallback.value)) {
    schema['default'] = spec.fallback.value;
  }
  if (!spec.optional || spec.kind === 'json') return schema;
  return 'type' in schema && !('enum' in schema)
    ? { ...schema, type: [schema['type'], 'null'] }
    : { anyOf: [schema, { type: 'null' }] };
}

function kindSchema(spec: FieldSpec, mode: Mode): Record<string, unknown> {
  const { min, max } = spec.bounds;
  switch (spec.kind) {
    case 'text':
      // Transforms come before the rules: a draft's text that breaks them as it stands may be right.
      if (mode === 'insert' && spec.transforms.length > 0) return { type: 'string' };
      return { type: 'string', ...defined({ minLength: min, maxLength: max }), ...keywords(spec) };
    case 'uuid':
      return { type: 'string', format: 'uuid' };
    case 'objectId':
      return { type: 'string', pattern: '^[0-9a-fA-F]{24}$' };
    case 'enum':
      return { type: 'string', enum: spec.values };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return {
        type: 'integer',
        minimum: min ?? Number.MIN_SAFE_INTEGER,
        maximum: max ?? Number.MAX_SAFE_INTEGER,
      };
    case 'real':
      return { type: 'number', ...defined({ minimum: min, maximum: max }) };
    case 'bigint':
      return { type: 'string', pattern: INTEGER_TEXT };
    case 'decimal':
      return { type: 'string', pattern: DECIMAL_TEXT };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'binary':
      return { type: 'string', contentEncoding: 'base64' };
    case 'geoPoint':
      return pointSchema();
    case 'json':
      return {};
    case 'list':
      return { type: 'array', items: fieldSchema(spec.item!, mode), ...defined({ minItems: min, maxItems: max }) };
    case 'object':
      return { ...objectSchema(spec.fields!, mode) };
  }
}

function pointSchema(): Record<string, unknown> {
  const degrees = (most: number) => ({ type: 'number', minimum: -most, maximum: most });
  return {
    type: 'object',
    properties: {
      type: { const: 'Point' },
      coordinates: { type: 'array', prefixItems: [degrees(180), degrees(90)], items: false, minItems: 2 },
    },
    required: ['type', 'coordinates'],
    additionalProperties: false,
  };
}

/** What rules say of themselves; a second pattern needs an `allOf`. */
function keywords(spec: FieldSpec): Record<string, unknown> {
  const known = spec.rules.flatMap((rule) => ('keyword' in rule && rule.keyword !== undefined ? [rule.keyword] : []));
  const patterns = known.filter((each) => 'pattern' in each);
  const rest: Record<string, unknown> = Object.assign({}, ...known);
  return patterns.length > 1 ? { ...rest, allOf: patterns } : rest;
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isJson(value: unknown): boolean {
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null) return true;
  return Array.isArray(value) ? value.every(isJson) : isPlain(value) && Object.values(value).every(isJson);
}
