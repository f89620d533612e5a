import type { StoredRow } from '../../../src/schema/model.js';
import { valueFault } from './faults.js';
import { type Defect, defect, type Fault, textOf } from './planted.js';

/** Gives equal rows as one object, however often they are read. */
function aliased(): Fault {
  const rows = new Map<string, StoredRow>();
  return {
    row: (row, entity) => {
      const text = `${entity.id}${textOf(row)}`;
      if (!rows.has(text)) rows.set(text, row);
      return rows.get(text)!;
    },
  };
}

/** Gives parts of equal rows as one object. */
function sharedParts(): Fault {
  const parts = new Map<string, unknown>();
  return valueFault((value, field) => {
    if (!(value instanceof Date)) return value;
    const key = `${field.path}${value.getTime()}`;
    if (!parts.has(key)) parts.set(key, value);
    return parts.get(key);
  });
}

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each) => each ?? undefined);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function mapTop(row: StoredRow, change: (value: unknown) => unknown): StoredRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, change(value)]));
}

export const valueDefects: readonly Defect[] = [
  defect('rows are shared between callers', aliased()),
  defect('timestamps of rows are shared between callers', sharedParts()),
  defect(
    'timestamps lose their milliseconds',
    valueFault((value, { kind }) => (kind === 'timestamp' ? new Date(Math.floor(value / 1000) * 1000) : value)),
  ),
  defect(
    'timestamps are texts',
    valueFault((value, { kind }) => (kind === 'timestamp' ? value.toISOString() : value)),
  ),
  defect(
    'timestamps inside objects are texts',
    valueFault((value, { kind, segments }) =>
      kind === 'timestamp' && segments.length > 1 ? value.toISOString() : value,
    ),
  ),
  defect(
    'timestamps in lists are texts',
    valueFault((value, { kind, name }) => (kind === 'timestamp' && name === '[]' ? value.toISOString() : value)),
  ),
  defect(
    'dates are timestamps',
    valueFault((value, { kind }) => (kind === 'date' ? new Date(value) : value)),
  ),
  defect(
    'decimals pass through floating point',
    valueFault((value, { kind }) => (kind === 'decimal' ? String(Number(value)) : value)),
  ),
  defect(
    'decimals inside objects pass through floating point',
    valueFault((value, { kind, segments }) =>
      kind === 'decimal' && segments.length > 1 ? String(Number(value)) : value,
    ),
  ),
  defect(
    'decimals are numbers',
    valueFault((value, { kind }) => (kind === 'decimal' ? Number(value) : value)),
  ),
  defect(
    'decimals keep trailing zeros',
    valueFault((value, { kind }) => (kind === 'decimal' ? `${value}${value.includes('.') ? '0' : '.0'}` : value)),
  ),
  defect(
    'bigints pass through numbers',
    valueFault((value, { kind }) => (kind === 'bigint' ? BigInt(Number(value)) : value)),
  ),
  defect(
    'bigints are numbers',
    valueFault((value, { kind }) => (kind === 'bigint' ? Number(value) : value)),
  ),
  defect(
    'integers have 32 bits',
    valueFault((value, { kind }) => (kind === 'integer' ? value | 0 : value)),
  ),
  defect(
    'integers are texts',
    valueFault((value, { kind }) => (kind === 'integer' ? String(value) : value)),
  ),
  defect(
    'reals have 32 bits',
    valueFault((value, { kind }) => (kind === 'real' ? Math.fround(value) : value)),
  ),
  defect(
    'the ids of rows are in upper case',
    valueFault((value, { kind }) => (kind === 'uuid' ? value.toUpperCase() : value)),
  ),
  defect(
    'binary values are texts',
    valueFault((value, { kind }) => (kind === 'binary' ? Buffer.from(value).toString('base64') : value)),
  ),
  defect(
    'binary values end at a zero',
    valueFault((value, { kind }) =>
      kind === 'binary' && value.includes(0) ? value.slice(0, value.indexOf(0)) : value,
    ),
  ),
  defect(
    'texts are trimmed',
    valueFault((value, { kind }) => (kind === 'text' ? value.trim() : value)),
  ),
  defect(
    'texts are normalised',
    valueFault((value, { kind }) => (kind === 'text' ? value.normalize() : value)),
  ),
  defect(
    'an empty text is null',
    valueFault((value, { kind }) => (kind === 'text' && value === '' ? null : value)),
  ),
  defect(
    'booleans are numbers',
    valueFault((value, { kind }) => (kind === 'boolean' ? Number(value) : value)),
  ),
  defect(
    'JSON loses its nulls',
    valueFault((value, { kind }) => (kind === 'json' ? withoutNulls(value) : value)),
  ),
  defect(
    'JSON is a text',
    valueFault((value, { kind }) => (kind === 'json' ? JSON.stringify(value) : value)),
  ),
  defect(
    'points are given as latitude, longitude',
    valueFault((value, { kind }) =>
      kind === 'geoPoint' ? { ...value, coordinates: [...value.coordinates].reverse() } : value,
    ),
  ),
  defect('an empty list is null', {
    row: (row) => mapTop(row, (value) => (Array.isArray(value) && value.length === 0 ? null : value)),
  }),
  defect('a null is undefined', { row: (row) => mapTop(row, (value) => value ?? undefined) }),
  defect('a field without a value is left out', {
    row: (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  }),
  defect('a field of an object without a value is left out', {
    row: (row) =>
      mapTop(row, (value) =>
        isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null)) : value,
      ),
  }),
  defect('rows have a field of the engine', { row: (row) => ({ ...row, _id: 1 }) }),
];
