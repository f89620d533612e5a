import type { Identity } from '../core/key-match.js';
import { copyOf } from '../schema/copy.js';
import type { FieldModel, StoredRow, Value } from '../schema/model.js';

export type { Identity };

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
export function identityOf(field: FieldModel): (value: Value) => Identity {
  switch (field.kind) {
    case 'timestamp':
      return (value) => (value as Date).getTime();
    case 'binary':
      return (value) => Buffer.from(value as Uint8Array).toString('hex');
    case 'list': {
      const identify = identityOf(field.item!);
      return (value) => joinIdentities((value as Value[]).map(identify));
    }
    case 'object':
    case 'json':
    case 'geoPoint':
      return (value) => JSON.stringify(copyOf(field, value), sortKeys);
    default:
      return (value) => value as Identity;
  }
}

/** The identity of several values together, such as a composite key; null when one of them is null. */
export function rowIdentifier(fields: readonly FieldModel[]): (row: StoredRow) => Identity | null {
  const reads = fields.map(reader);
  const identifiers = fields.map(identityOf);
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
