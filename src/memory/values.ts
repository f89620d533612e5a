import type { FieldModel, StoredRow, Value } from '../schema/model.js';

/** What stands for a value where it is compared or used as a key of a map: equal values, equal identities. */
export type Identity = string | number | bigint | boolean;

/** Reads a path; null where it, or an object above it, has no value. */
export function reader(field: FieldModel): (row: StoredRow) => Value {
  const { segments } = field;
  if (segments.length === 1) {
    const [name] = segments as [string];
    return (row) => row[name] ?? null;
  }
  return (row) => {
    let value: Value = row;
    for (const segment of segments) {
      value = (value as StoredRow)[segment] ?? null;
      if (value === null) return null;
    }
    return value;
  };
}

/** A function from the values of a field, never null, to their identities. */
export function identifier(field: FieldModel): (value: Value) => Identity {
  switch (field.kind) {
    case 'timestamp':
      return (value) => (value as Date).getTime();
    case 'binary':
      return (value) => Buffer.from(value as Uint8Array).toString('hex');
    case 'list': {
      const identify = identifier(field.item!);
      return (value) => joinIdentities((value as Value[]).map(identify));
    }
    case 'object':
    case 'json':
    case 'geoPoint':
      return (value) => JSON.stringify(settle(field, value), sortKeys);
    default:
      return (value) => value as Identity;
  }
}

/** The identity of several values together, such as a composite key; null when one of them is null. */
export function rowIdentifier(fields: readonly FieldModel[]): (row: StoredRow) => Identity | null {
  const reads = fields.map(reader);
  const identifiers = fields.map(identifier);
  if (fields.length === 1) {
    const [read] = reads as [(row: StoredRow) => Value];
    const [identify] = identifiers as [(value: Value) => Identity];
    return (row) => {
      const value = read(row);
      return value === null ? null : identify(value);
    };
  }
  return (row) => {
    const parts: Identity[] = [];
    for (let i = 0; i < reads.length; i++) {
      const value = reads[i]!(row);
      if (value === null) return null;
      parts.push(identifiers[i]!(value));
    }
    return joinIdentities(parts);
  };
}

/** Each position always has one type, so text and numbers need no tag to stay apart. */
export function joinIdentities(parts: readonly Identity[]): string {
  return JSON.stringify(parts, (_, part) => (typeof part === 'bigint' ? String(part) : part));
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A deep copy of a value with every declared field of its objects, null where there is none, and no other:
 * what is stored and what is given out never share a mutable part.
 */
export function settle(field: FieldModel, value: Value): Value {
  if (value === null || value === undefined) return null;
  switch (field.kind) {
    case 'timestamp':
      return new Date(value as Date);
    case 'binary':
      return new Uint8Array(value as Uint8Array);
    case 'list':
      return (value as Value[]).map((each) => settle(field.item!, each));
    case 'object': {
      const copy: StoredRow = {};
      for (const each of field.fields!) copy[each.name] = settle(each, (value as StoredRow)[each.name]);
      return copy;
    }
    case 'json':
    case 'geoPoint':
      return copyJson(value);
    default:
      return value;
  }
}

function copyJson(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson);
  const copy: StoredRow = {};
  for (const [key, each] of Object.entries(value)) {
    // JSON may hold this name as an ordinary key; an assignment would change the prototype instead.
    if (key === '__proto__') {
      Object.defineProperty(copy, key, { value: copyJson(each), enumerable: true, writable: true, configurable: true });
    } else copy[key] = copyJson(each);
  }
  return copy;
}

/** A deep copy of the selected fields of a row. */
export function project(row: StoredRow, select: readonly FieldModel[]): StoredRow {
  const copy: StoredRow = {};
  for (const field of select) copy[field.name] = settle(field, row[field.name]);
  return copy;
}
