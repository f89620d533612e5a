import type { NearCommand } from '../query/command.js';
import { resultField } from '../query/result-field.js';
import type { FieldModel } from '../schema/model.js';
import type { BsonTypes, Document } from './client.js';
import { compileOrder, compileProjection } from './compile-read.js';
import { compileWhere } from './compile-where.js';
import { rowReader } from './documents.js';
import type { Names } from './names.js';
import type { NearPlan } from './plans.js';

/** No field of an entity has this name. */
const DISTANCE = '~distance';
/** What the server looks beyond the bounds, in metres: distances are rounded to the millimetre. */
const MARGIN = 0.001;
/** Half of the way around the earth, and a little more: a bound that is none. */
const FARTHEST = 20_100_000;

/** The server's distance as a field of the row. */
const distanceField: FieldModel = resultField('real', 'distance', { column: DISTANCE });

/** The plan of `near`. */
export function compileNear(command: NearCommand, names: Names, bson: BsonTypes): NearPlan {
  const { where, select, field, orderBy } = command;
  const projection = compileProjection(select, names);
  return {
    filter: compileWhere(where, names, bson),
    path: names.path(field),
    projection: projection === undefined ? undefined : { ...projection, [DISTANCE]: 1 },
    sort: { [DISTANCE]: 1, ...compileOrder(orderBy, names) },
    read: rowReader([...select, distanceField], names),
  };
}

/**
 * The server gives the rows by distance, one after another, so `take` ends its search, and only these few are sorted, for those that are equally
 * far. Without it `up` is the bound, and all that it leaves is sorted.
 */
export function nearPipeline(plan: NearPlan, command: NearCommand, up: number, take: number | null): Document[] {
  const { values, origin, minDistance, offset, limit } = command;
  const geoNear: Document = {
    near: { type: 'Point', coordinates: [...origin] },
    key: plan.path,
    distanceField: DISTANCE,
    spherical: true,
    query: plan.filter(values),
  };
  if (minDistance > MARGIN) geoNear['minDistance'] = minDistance - MARGIN;
  if (up < FARTHEST) geoNear['maxDistance'] = up + MARGIN;
  const rounded = { $divide: [{ $round: [{ $multiply: [`$${DISTANCE}`, 1000] }, 0] }, 1000] };
  const pipeline: Document[] = [
    { $geoNear: geoNear },
    { $set: { [DISTANCE]: rounded } },
    { $match: { [DISTANCE]: { $gte: minDistance, $lte: up } } },
  ];
  if (take !== null) pipeline.push({ $limit: take });
  pipeline.push({ $sort: plan.sort });
  if (offset > 0) pipeline.push({ $skip: offset });
  if (take === null) pipeline.push({ $limit: limit });
  if (plan.projection !== undefined) pipeline.push({ $project: plan.projection });
  return pipeline;
}
