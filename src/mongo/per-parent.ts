import type { FindCommand } from '../query/command.js';
import type { StoredRow } from '../schema/model.js';
import { toBuffer } from './bson.js';
import type { Call } from './call.js';
import type { Document } from './client.js';
import type { Names } from './names.js';
import { runPipeline } from './pipeline.js';
import type { FindPlan } from './plans.js';
import type { Target } from './target.js';
import { decoded } from './watch.js';

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

/** Carries out a find that gives the first rows of each parent. */
export async function findFirstOfEach(
  target: Target,
  plan: FindPlan,
  command: FindCommand,
  call: Call,
): Promise<StoredRow[]> {
  const pipeline = firstOfEachPipeline(plan, command, target.names);
  const documents = await runPipeline(target, pipeline, call);
  return decoded(call.watch, () => documents.map((each) => plan.read(toBuffer(each), 0)));
}
