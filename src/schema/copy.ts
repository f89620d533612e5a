import type { FieldModel, StoredRow, Value } from './model.js';

/**
 * A deep copy of a value with every declared field of its objects, null where there is none, and no other:
 * what is stored and what is given out never share a mutable part.
 */
export function copyOf(field: FieldModel, value: Value): Value {
  if (value === null || value === undefined) return null;
  switch (field.kind) {
    case 'timestamp':
      return new Date(value as Date);
    case 'binary':
      return new Uint8Array(value as Uint8Array);
    case 'list':
      return (value as Value[]).map((each) => copyOf(field.item!, each));
    case 'object': {
      const copy: StoredRow = {};
      for (const each of field.fields!) copy[each.name] = copyOf(each, (value as StoredRow)[each.name]);
      return copy;
    }
    case 'json':
    case 'geoPoint':
      return copyOfJson(value);
    default:
      return value;
  }
}

function copyOfJson(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOfJson);
  const copy: StoredRow = {};
  for (const [key, each] of Object.entries(value)) {
    // JSON may hold this name as an ordinary key; an assignment would change the prototype instead.
    if (key === '__proto__') {
      Object.defineProperty(copy, key, {
        value: copyOfJson(each),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    } else copy[key] = copyOfJson(each);
  }
  return copy;
}

/** The selected fields of a row, each a deep copy: a row as a read gives it. */
export function copyRow(row: StoredRow, select: readonly FieldModel[]): StoredRow {
  const copy: StoredRow = {};
  for (const field of select) copy[field.name] = copyOf(field, row[field.name]);
  return copy;
}
