// The largest scalar, a decimal, has 16 bytes; with its type and the NUL of its name.
const SCALAR = 18;
const FRAME = 5;

/** An upper bound of a document's bytes, without serializing it. */
export function approximateSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      // A UTF-16 unit takes at most three bytes in UTF-8.
      return value.length * 3 + FRAME;
    case 'object':
      break;
    default:
      return SCALAR;
  }
  if (value === null || value instanceof Date) return SCALAR;
  if (value instanceof Map) return sizeOf(value.entries());
  if (Array.isArray(value)) return sizeOf(value.entries());
  const { _bsontype, buffer } = value as { readonly _bsontype?: unknown; readonly buffer?: Uint8Array };
  if (_bsontype === undefined) return sizeOf(Object.entries(value));
  return buffer === undefined ? SCALAR : buffer.byteLength + SCALAR;
}

function sizeOf(entries: Iterable<readonly [string | number, unknown]>): number {
  let size = FRAME;
  for (const [key, value] of entries)
    size += (typeof key === 'string' ? key.length * 3 : 8) + 2 + approximateSize(value);
  return size;
}
