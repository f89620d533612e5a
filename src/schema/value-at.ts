import type { FieldModel, StoredRow, Value } from './model.js';

/** The value of a row at the path of a field; null where it, or an object above it, has none. */
export function valueAt(row: StoredRow, { segments }: FieldModel): Value {
  let value: Value = row;
  for (const segment of segments) {
    if (value === null || value === undefined) return null;
    value = (value as StoredRow)[segment];
  }
  return value ?? null;
}
