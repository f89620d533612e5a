import { SchemaError } from '../errors/runtime.js';
import type { FieldModel } from '../schema/model.js';
import { canonicalDecimal } from '../util/decimal.js';
import { isArray } from './fields.js';
import type { Column } from './plans.js';
import {
  fromHex,
  itemTypeOf,
  OID,
  readArray,
  readBoolean,
  readBytea,
  readExactTimestamp,
  readerOfType,
  readJson,
  readTimestamp,
  type TextReader,
} from './types.js';

/** A row of a result by the names of its columns. */
export type Row = Record<string, unknown>;

/** Makes a row of the texts of a server's row. */
export type RowReader = (texts: readonly (string | null)[]) => Row;

/** What the server says about a column of a result. */
export interface ResultColumn {
  readonly name: string;
  readonly dataTypeID: number;
}

/** The reader of a result: by the plan's fields, or by the types alone when `columns` is null. */
export function rowReader(result: readonly ResultColumn[], columns: readonly Column[] | null): RowReader {
  const names = result.map((each, i) => columns?.[i]?.name ?? each.name);
  const readers = result.map(({ dataTypeID }, i) => {
    const field = columns?.[i]?.field ?? null;
    if (field === null) return readerOfType(dataTypeID);
    const reader = readerOfField(field, dataTypeID);
    return columns?.[i]?.exact === true && reader === readTimestamp ? readExactTimestamp : reader;
  });
  const template: Row = {};
  for (const name of names) if (name !== '__proto__') template[name] = null;
  const kept = names.map((name) => name !== '__proto__');
  return (texts) => {
    // A copy of one template keeps all rows in one shape, which no loop of new keys would.
    const row = { ...template };
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i];
      if (text === null || text === undefined || !kept[i]) continue;
      const reader = readers[i]!;
      row[names[i]!] = reader === null ? text : reader(text);
    }
    return row;
  };
}

/** How the text of a column becomes the field's canonical value; null: it is that text. The column's type matters only where a table was not made for the entity. */
function readerOfField(field: FieldModel, oid: number): TextReader | null {
  switch (field.kind) {
    case 'boolean':
      return oid === OID.bool || oid === 25
        ? readBoolean
        : (text) => readBoolean(text) || Number(text) > 0 || text === 'true';
    case 'integer':
    case 'real':
      return Number;
    case 'bigint':
      return (text) => readBigint(text, field);
    case 'decimal':
      return readDecimal;
    case 'timestamp':
      return oid === OID.timestamptz || oid === OID.timestamp ? readTimestamp : (text) => new Date(text);
    case 'date':
      return oid === OID.date ? null : (text) => text.slice(0, 10);
    case 'binary':
      return oid === OID.bytea ? readBytea : fromHex;
    case 'geoPoint':
    case 'json':
      return readJson;
    case 'list': {
      const itemType = itemTypeOf(oid);
      if (!isArray(field) || itemType === null) break;
      const item = readerOfField(field.item!, itemType);
      return (text) => readArray(text, item);
    }
    case 'object':
      break;
    default:
      return null;
  }
  const decode = jsonDecoder(field);
  return (text) => decode(readJson(text));
}

function readBigint(text: string, field: FieldModel): bigint {
  try {
    return BigInt(text.includes('.') || text.includes('e') ? canonicalDecimal(text)! : text);
  } catch {
    // What the language says holds the value.
    return unreadable(field);
  }
}

function unreadable({ path, kind }: FieldModel): never {
  throw new SchemaError(
    `\`${path}\` holds in a stored row what is no ${kind}: correct the row, or declare the field as what it is`,
  );
}

function readDecimal(text: string): string {
  return canonicalDecimal(text) ?? text;
}

type JsonDecoder = (json: unknown) => unknown;

/** How a value inside `jsonb` becomes the field's canonical value. */
function jsonDecoder(field: FieldModel): JsonDecoder {
  const decode = plainJsonDecoder(field);
  return (json) => (json === null || json === undefined ? null : decode(json));
}

function plainJsonDecoder(field: FieldModel): JsonDecoder {
  switch (field.kind) {
    case 'integer':
    case 'real':
      return (json) => (typeof json === 'number' ? json : Number(scalarOf(json, field)));
    case 'bigint':
      return (json) => readBigint(String(scalarOf(json, field)), field);
    case 'decimal':
      return (json) => readDecimal(String(scalarOf(json, field)));
    case 'timestamp':
      return (json) => new Date(scalarOf(json, field) as string);
    case 'binary':
      return (json) => (typeof json === 'string' ? fromHex(json) : unreadable(field));
    case 'list': {
      const item = jsonDecoder(field.item!);
      return (json) => (Array.isArray(json) ? json.map(item) : null);
    }
    case 'object':
      return objectDecoder(field.fields!);
    default:
      return (json) => json;
  }
}

/** Of lists and objects neither a number nor a text is made: they may be deeper than the stack, and say of themselves how. */
function scalarOf(json: unknown, field: FieldModel): unknown {
  return typeof json === 'object' ? unreadable(field) : json;
}

/** Only the declared fields, each of them: what is missing is null, what is not declared is dropped. */
function objectDecoder(fields: readonly FieldModel[]): JsonDecoder {
  const names = fields.map((each) => each.name);
  const decoders = fields.map(jsonDecoder);
  return (json) => {
    if (typeof json !== 'object' || Array.isArray(json)) return null;
    const stored = json as Record<string, unknown>;
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      object[name] = Object.hasOwn(stored, name) ? decoders[i]!(stored[name]) : null;
    }
    return object;
  };
}
