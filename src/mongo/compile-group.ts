import type { GroupCommand, GroupKey, GroupMeasure } from '../query/command.js';
import type { FieldModel, StoredRow, Value } from '../schema/model.js';
import * as bson from './bson.js';
import type { BsonTypes, Document } from './client.js';
import { compileOrder } from './compile-read.js';
import { compileWhere } from './compile-where.js';
import { type ReadRow, valueReader } from './documents.js';
import type { Names } from './names.js';
import type { GroupPlan } from './plans.js';

/** Columns are `c0`, `c1`... on the server: a name of the caller's may hold what a name there cannot. */
export function compileGroup(command: GroupCommand, names: Names, types: BsonTypes): GroupPlan {
  const { keys, measures, columns } = command;
  const places = new Map(columns.map((column, i) => [column, `c${i}`]));
  const groupNames = { path: (column: FieldModel) => places.get(column)! };
  const filter = compileWhere(command.where, names, types);
  const having = compileWhere(command.having, groupNames, types);
  const filtersGroups = !(command.having.op === 'and' && command.having.clauses.length === 0);
  const sort = compileOrder(command.orderBy, groupNames);
  const unwound = keys.filter((key) => key.by === 'item').map((key) => ({ $unwind: `$${names.path(key.field)}` }));
  const parts = measures.map((measure, i) => measureParts(measure, `c${keys.length + i}`, names));
  const totals = Object.assign({}, ...parts.map((part) => part.totals)) as Document;
  const projection: Document = { _id: 0 };
  for (const i of keys.keys()) projection[`c${i}`] = `$_id.c${i}`;
  for (const [i, { result }] of parts.entries()) projection[`c${keys.length + i}`] = result;
  return {
    pipeline: ({ values, limit, offset }) => {
      const stages: Document[] = [{ $match: filter(values) }, ...unwound];
      if (keys.length > 0) {
        const by: Document = {};
        for (const [i, key] of keys.entries()) by[`c${i}`] = keyOf(key, names, values);
        stages.push({ $group: { _id: by, ...totals } });
      } else stages.push(...onlyGroup(totals));
      stages.push({ $project: projection });
      if (filtersGroups) stages.push({ $match: having(values) });
      if (sort !== undefined) stages.push({ $sort: sort });
      if (offset > 0) stages.push({ $skip: offset });
      if (limit !== null) stages.push({ $limit: limit });
      return stages;
    },
    read: groupReader(command, names.entity.name),
  };
}

/** `$group` gives nothing for no documents, where there is one group all the same. */
function onlyGroup(totals: Document): Document[] {
  const nothing = Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, emptyOf(total as Document)]));
  const group = [{ $group: { _id: null, ...totals } }];
  return [
    { $facet: { group } },
    { $replaceRoot: { newRoot: { $mergeObjects: [{ $literal: nothing }, { $arrayElemAt: ['$group', 0] }] } } },
  ];
}

function emptyOf(total: Document): unknown {
  if ('$sum' in total) return 0;
  return '$addToSet' in total ? [] : null;
}

function keyOf(key: GroupKey, names: Names, values: readonly unknown[]): Document {
  const path = `$${names.path(key.field)}`;
  // A missing field and a null would be two groups.
  if (key.by !== 'bucket') return { $ifNull: [path, null] };
  const timezone = key.zoneSlot === null ? 'UTC' : values[key.zoneSlot];
  return { $dateTrunc: { date: path, unit: key.unit, timezone, startOfWeek: 'monday' } };
}

/** What the groups collect, and what is made of it. */
interface MeasureParts {
  readonly totals: Document;
  readonly result: unknown;
}

function measureParts(measure: GroupMeasure, name: string, names: Names): MeasureParts {
  if (measure.op === 'count') return { totals: { [name]: { $sum: 1 } }, result: `$${name}` };
  const { op, field } = measure;
  const path = `$${names.path(field)}`;
  // The server rounds a sum of longs that is no long itself.
  const addend = field.kind === 'bigint' ? { $toDecimal: path } : path;
  switch (op) {
    case 'sum':
      return { totals: { [name]: { $sum: addend } }, result: `$${name}` };
    case 'avg': {
      const count = `n${name}`;
      const present = { $cond: [{ $eq: [{ $ifNull: [path, null] }, null] }, 0, 1] };
      // `$avg` of the server divides decimals as decimals, where others divide as doubles.
      const quotient = { $divide: [{ $toDouble: `$${name}` }, `$${count}`] };
      return {
        totals: { [name]: { $sum: addend }, [count]: { $sum: present } },
        result: { $cond: [{ $eq: [`$${count}`, 0] }, null, quotient] },
      };
    }
    case 'countDistinct':
      return {
        totals: { [name]: { $addToSet: { $ifNull: [path, null] } } },
        result: { $size: { $setDifference: [`$${name}`, [null]] } },
      };
    default:
      return { totals: { [name]: { [`$${op}`]: path } }, result: `$${name}` };
  }
}

type ReadValue = (bytes: Buffer, type: number, at: number) => Value;

function groupReader({ keys, measures, columns }: GroupCommand, entity: string): ReadRow {
  const places = new Map<string, { readonly name: string; readonly read: ReadValue }>();
  const empty: StoredRow = {};
  columns.forEach((column, i) => {
    const op = measures[i - keys.length]?.op;
    const total = op === 'sum' || op === 'avg' || op === 'count' || op === 'countDistinct';
    places.set(`c${i}`, { name: column.name, read: total ? totalReader(column) : valueReader(column, entity) });
    empty[column.name] = null;
  });
  return (bytes, start) => {
    const row = { ...empty };
    bson.eachElement(bytes, start, (type, nameAt, nameTo, at) => {
      const place = places.get(bytes.toString('latin1', nameAt, nameTo));
      if (place !== undefined && !bson.isNullish(type)) row[place.name] = place.read(bytes, type, at);
    });
    return row;
  };
}

/** Reads a number of whatever width the server made, and gives it as the column's kind. */
function totalReader({ kind }: FieldModel): ReadValue {
  const exact: ReadValue = (bytes, type, at) => {
    if (type === bson.DECIMAL128) return bson.readDecimal(bytes, at);
    return type === bson.INT64 ? String(bytes.readBigInt64LE(at)) : String(bson.readAny(bytes, type, at));
  };
  if (kind === 'decimal') return exact;
  return kind === 'bigint'
    ? (bytes, type, at) => BigInt(exact(bytes, type, at) as string)
    : (bytes, type, at) => Number(exact(bytes, type, at));
}
