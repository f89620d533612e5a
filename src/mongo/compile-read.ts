import type { CountCommand, DistinctCommand, ExistsCommand, FindCommand, OrderTerm } from '../query/command.js';
import type { FieldModel } from '../schema/model.js';
import type { BsonTypes, Document } from './client.js';
import { compileWhere, type Paths } from './compile-where.js';
import { rowReader } from './documents.js';
import type { Names } from './names.js';
import type { DistinctPlan, FilterPlan, FindPlan } from './plans.js';

/** The plan of a find. */
export function compileFind(command: FindCommand, names: Names, bson: BsonTypes): FindPlan {
  return {
    filter: compileWhere(command.where, names, bson),
    projection: compileProjection(command.select, names),
    sort: compileOrder(command.orderBy, names),
    read: rowReader(command.select, names),
  };
}

/** What of a document is read; undefined for all of it. */
export function compileProjection(select: readonly FieldModel[], names: Names): Document | undefined {
  if (select.length === names.entity.fields.length) return undefined;
  const projection: Document = {};
  for (const field of select) projection[names.top(field)] = 1;
  // The server adds `_id` to what is named, unless told not to.
  if (select.length === 0) projection['_id'] = 1;
  else projection['_id'] ??= 0;
  return projection;
}

/** The server's own order is ours: nulls first ascending and last descending, text by code point. */
export function compileOrder(terms: readonly OrderTerm[], names: Paths): Document | undefined {
  if (terms.length === 0) return undefined;
  const sort: Document = {};
  for (const { field, direction } of terms) sort[names.path(field)] = direction === 'asc' ? 1 : -1;
  return sort;
}

/** The `find` command; `batch` is for a cursor, without it the server answers in one reply, if the rows fit into one. */
export function findCommand(plan: FindPlan, collection: string, command: FindCommand, batch?: number): Document {
  const { values, limit, offset } = command;
  const find: Document = { find: collection, filter: plan.filter(values) };
  if (plan.projection !== undefined) find['projection'] = plan.projection;
  if (plan.sort !== undefined) find['sort'] = plan.sort;
  if (offset > 0) find['skip'] = offset;
  if (limit !== null) find['limit'] = limit;
  if (batch !== undefined) find['batchSize'] = batch;
  else if (limit === 1) find['singleBatch'] = true;
  // With a batch of exactly the limit the server keeps the cursor open; a single batch would cut rows off at 16 MiB.
  else if (limit !== null) find['batchSize'] = limit + 1;
  return find;
}

/** The plan of a count or of `exists`. */
export function compileFilter(command: CountCommand | ExistsCommand, names: Names, bson: BsonTypes): FilterPlan {
  return { filter: compileWhere(command.where, names, bson) };
}

/** Counts documents, where the `count` command without a filter would read a figure that a crash can leave wrong. */
export function countCommand(
  plan: FilterPlan,
  collection: string,
  values: readonly unknown[],
  limit?: number,
): Document {
  const pipeline: Document[] = [{ $match: plan.filter(values) }];
  if (limit !== undefined) pipeline.push({ $limit: limit });
  pipeline.push({ $group: { _id: null, n: { $sum: 1 } } });
  return { aggregate: collection, pipeline, cursor: {} };
}

/** The command that asks for one document. */
export function existsCommand(plan: FilterPlan, collection: string, values: readonly unknown[]): Document {
  return { find: collection, filter: plan.filter(values), projection: { _id: 1 }, limit: 1, singleBatch: true };
}

/** The plan of the distinct values of a field. */
export function compileDistinct(command: DistinctCommand, names: Names, bson: BsonTypes): DistinctPlan {
  return {
    filter: compileWhere(command.where, names, bson),
    field: command.field,
    path: names.path(command.field),
  };
}

/** The `distinct` command would leave absent fields out, and its reply must fit into one document. */
export function distinctPipeline(plan: DistinctPlan, values: readonly unknown[]): Document[] {
  return [
    { $match: plan.filter(values) },
    { $group: { _id: { $ifNull: [`$${plan.path}`, null] } } },
    { $sort: { _id: 1 } },
  ];
}
