import { planIncludes } from './include-plan.js';
import { type Context, type IncludePlan, type Started, start } from './prepare.js';
import { widened } from './projection.js';

/** A read whose rows may bring related ones along. */
export interface StartedRead extends Started {
  readonly include: IncludePlan | null;
}

/** What a read of rows begins with: the projection also has the fields that its relations go by. */
export function startRead(context: Context, known: ReadonlySet<string>, options: unknown): StartedRead {
  const { bag, parsing, projection } = start(context, known, options);
  const include = planIncludes(context, bag['include'], parsing.issues);
  if (include === null) return { bag, parsing, projection, include };
  return { bag, parsing, projection: widened(projection, context.model, include.needs), include };
}
