import { isDeepStrictEqual } from 'node:util';
import type { Assignment, UpsertCommand } from '../query/command.js';
import type { FieldModel, StoredRow, Value } from '../schema/model.js';
import { valueAt } from '../schema/value-at.js';
import type { BsonTypes, Document } from './client.js';
import { compileProjection } from './compile-read.js';
import { compileWhere } from './compile-where.js';
import { compileAssignments } from './compile-write.js';
import { type ReadRow, rowReader } from './documents.js';
import { type Encode, encoderOf } from './fields.js';
import type { Names } from './names.js';
import type { ChangeOf } from './plans.js';

const NOTHING = { '~': '' } as const;

/** What is kept of a compiled upsert. */
export interface UpsertPlan {
  /** Exactly the unique values, no deletion, and the guard: anything more would race into duplicates. */
  readonly filter: (command: UpsertCommand) => Document;
  /** What changes a row that is there. */
  readonly change: ChangeOf;
  /**
   * What also inserts where there is no row; null when the changes would show in the inserted row, or parts of a guard's filter would,
   * which then needs a step of its own.
   */
  readonly upsert: (command: UpsertCommand) => Document | null;
  readonly projection: Document | undefined;
  readonly read: ReadRow;
}

/** The plan of an upsert. */
export function compileUpsert(command: UpsertCommand, names: Names, bson: BsonTypes): UpsertPlan {
  const { entity, on, assignments, guard } = command;
  const changes = compileAssignments(assignments, names, bson);
  const change = (values: readonly unknown[]): Document => {
    const document = changes(values);
    // The server would put an update without operators in the place of the document. This one does nothing where it finds one.
    return Object.keys(document).length === 0 ? { $setOnInsert: NOTHING } : document;
  };
  const fits = guard === undefined ? null : compileWhere(guard, names, bson);
  const deletedAt = entity.deletedAt === null ? null : names.path(entity.deletedAt);
  const keys = on.map((field) => ({
    path: names.path(field),
    read: readerOf(field),
    encode: encoderOf(field, bson),
  }));
  const agrees = assignments.map(compileAgreement);
  const whole = compileInsertion(command, names, bson);
  return {
    filter({ row, values }) {
      const filter: Document = {};
      for (const { path, read, encode } of keys) {
        const value = encode(read(row));
        filter[path] = path === '_id' ? value : { $eq: value };
      }
      if (deletedAt !== null) filter[deletedAt] = { $eq: null };
      return fits === null ? filter : { $and: [filter, fits(values)] };
    },
    change,
    upsert({ row, values }) {
      if (fits !== null || !agrees.every((agree) => agree(row, values))) return null;
      const insertion = whole(row);
      if (insertion === null) return null;
      const update: Document = { ...changes(values), $setOnInsert: insertion };
      // The filter's `deletedAt: null` would be stored.
      if (deletedAt !== null) update['$unset'] = { ...(update['$unset'] as Document | undefined), [deletedAt]: '' };
      return update;
    },
    projection: compileProjection(command.select, names),
    read: rowReader(command.select, names),
  };
}

function readerOf(field: FieldModel): (row: StoredRow) => Value {
  return (row) => valueAt(row, field);
}

/** Whether a change that starts from nothing gives what the new row holds anyway. */
function compileAgreement({ field, op, slot }: Assignment): (row: StoredRow, values: readonly unknown[]) => boolean {
  const read = readerOf(field);
  switch (op) {
    case 'clear':
      return (row) => read(row) === null;
    case 'set':
    case 'increment':
    case 'minimum':
    case 'maximum':
      return (row, values) => isDeepStrictEqual(read(row), values[slot]);
    default:
      return () => false;
  }
}

interface Part {
  readonly path: string;
  readonly read: (row: StoredRow) => Value;
  readonly encode: Encode;
}

/**
 * What `$setOnInsert` stores: all of the row but what the filter and the changes store, because two operators must not
 * name one path, nor a path and its parent. An object with such a path in it is taken apart.
 */
function compileInsertion(
  { entity, on, assignments }: UpsertCommand,
  names: Names,
  bson: BsonTypes,
): (row: StoredRow) => Document | null {
  const taken = [...on, ...assignments.map((each) => each.field)].map((field) => field.path);
  if (entity.deletedAt !== null) taken.push(entity.deletedAt.path);
  const parts: Part[] = [];
  const opened: ((row: StoredRow) => Value)[] = [];
  const collect = (fields: readonly FieldModel[]): void => {
    for (const field of fields) {
      if (taken.includes(field.path)) continue;
      if (taken.some((each) => each.startsWith(`${field.path}.`))) {
        opened.push(readerOf(field));
        collect(field.fields!);
      } else parts.push({ path: names.path(field), read: readerOf(field), encode: encoderOf(field, bson) });
    }
  };
  collect(entity.fields);
  return (row) => {
    for (const read of opened) {
      const value = read(row);
      // An object without any value is stored as `{}`, which no path below it can bring about.
      if (value !== null && Object.values(value as object).every((each) => each === null || each === undefined))
        return null;
    }
    const insertion: Document = {};
    for (const { path, read, encode } of parts) {
      const value = read(row);
      if (value !== null) insertion[path] = encode(value);
    }
    return insertion;
  };
}
