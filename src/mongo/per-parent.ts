import type { CountByCommand, FindCommand, ParentCount } from '../query/command.js';
import type { StoredRow, Value } from '../schema/model.js';
import { eachElement, readAny, toBuffer } from './bson.js';
import type { Call } from './call.js';
import type { Document } from './client.js';
import { compileDistinct, type DistinctPlan, type FindPlan } from './compile-read.js';
import { valueReader } from './documents.js';
import type { Names } from './names.js';
import type { Target } from './target.js';

const WHOLE_BATCH = 10_000;
const PLACE = '~place';

/** The documents numbered within their parent, and the first of each. */
export function firstOfEachPipeline(plan: FindPlan, command: FindCommand, names: Names): Document[] {
  const { field, limit } = command.perParent!;
  // `$documentNumber` takes one field to order by, and a total order has more.
  const output = { [PLACE]: { $sum: 1, window: { documents: ['unbounded', 'current'] } } };
  const pipeline: Document[] = [
    { $match: plan.filter(command.values) },
    { $setWindowFields: { partitionBy: `$${names.path(field)}`, sortBy: plan.sort, output } },
    { $match: { [PLACE]: { $lte: limit } } },
    { $sort: plan.sort },
  ];
  if (plan.projection !== undefined) pipeline.push({ $project: plan.projection });
  return pipeline;
}

/** A value of a path, and how many documents have it. */
export function countByPipeline(plan: DistinctPlan, values: readonly unknown[]): Document[] {
  return [{ $match: plan.filter(values) }, { $group: { _id: `$${plan.path}`, n: { $sum: 1 } } }];
}

export async function findFirstOfEach(
  target: Target,
  plan: FindPlan,
  command: FindCommand,
  call: Call,
): Promise<StoredRow[]> {
  const documents = await aggregate(target, firstOfEachPipeline(plan, command, target.names), call);
  return documents.map((each) => plan.read(toBuffer(each), 0));
}

export async function countBy(target: Target, command: CountByCommand, call: Call): Promise<ParentCount[]> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileDistinct(command, names, opened.bson));
  const read = valueReader(plan.field, names.entity.name);
  const documents = await aggregate(target, countByPipeline(plan, command.values), call);
  return documents.map((each) => {
    const bytes = toBuffer(each);
    let value: Value = null;
    let count = 0;
    eachElement(bytes, 0, (type, nameAt, nameTo, at) => {
      if (bytes.toString('latin1', nameAt, nameTo) === '_id') value = read(bytes, type, at);
      else count = Number(readAny(bytes, type, at));
    });
    return { value, count };
  });
}

function aggregate(target: Target, pipeline: Document[], call: Call): Promise<unknown[]> {
  const maxTimeMS = call.left();
  call.sent = true;
  const options = { raw: true, batchSize: WHOLE_BATCH, allowDiskUse: true, maxTimeMS, signal: call.signal };
  return target.collection.aggregate(pipeline, options).toArray();
}
