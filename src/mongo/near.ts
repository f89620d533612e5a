import { SchemaError } from '../errors/runtime.js';
import type { NearCommand } from '../query/command.js';
import type { StoredRow } from '../schema/model.js';
import { toBuffer } from './bson.js';
import type { Call } from './call.js';
import type { Document } from './client.js';
import { compileNear, nearPipeline } from './compile-near.js';
import { runPipeline } from './pipeline.js';
import type { NearPlan } from './plans.js';
import type { Target } from './target.js';
import { decoded } from './watch.js';

/** What the server says where the index is not there. */
const NO_INDEX: ReadonlySet<unknown> = new Set([2, 27, 291]);

/** The nearest rows, each with its distance. @throws SchemaError where the index is not there */
export async function near(target: Target, command: NearCommand, call: Call): Promise<StoredRow[]> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileNear(command, names, opened.bson));
  const { limit, offset, maxDistance } = command;
  const rows = await run(target, plan, nearPipeline(plan, command, maxDistance, offset + limit + 1), command, call);
  if (rows.length <= limit) return rows;
  const next = rows.pop()!;
  const last = rows.at(-1)!['distance'] as number;
  if (next['distance'] !== last) return rows;
  // Of rows that are equally far some may be left outside, and the key says which: all of them are looked at.
  return run(target, plan, nearPipeline(plan, command, last, null), command, call);
}

async function run(
  target: Target,
  plan: NearPlan,
  pipeline: Document[],
  { field }: NearCommand,
  call: Call,
): Promise<StoredRow[]> {
  try {
    const documents = await runPipeline(target, pipeline, call);
    return decoded(call.watch, () => documents.map((each) => plan.read(toBuffer(each), 0)));
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    if (!NO_INDEX.has(code) || !String(message).includes('$geoNear')) throw error;
    throw new SchemaError(
      `\`near\` needs the index that \`index.geo('${field.path}')\` of \`${target.names.entity.name}\` declares: run \`ensureSchema()\``,
      { cause: error, outcome: 'not-executed' },
    );
  }
}
