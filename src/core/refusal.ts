import { NotFoundError, StaleFenceError, StaleVersionError } from '../errors/data.js';
import type { ExistsCommand } from '../query/command.js';
import { allOf, shapeOf } from '../query/logic.js';
import { slotOf } from '../query/parsing.js';
import { keyClause, scoped } from './build-command.js';
import { runOptions } from './check-options.js';
import type { Executor } from './executor.js';
import type { CallOptions } from './options.js';
import { begin } from './prepare.js';
import { prepareFindById } from './prepare-read.js';
import type { Asked, Asking } from './row-tests.js';

/** Why a write by key met no row that it may change: there is none, or it is not as the call asked. */
export async function refusalOf(
  calls: Executor,
  id: unknown,
  { version, fence, signal, timeout }: Asked & CallOptions = {},
): Promise<Error> {
  const { context } = calls;
  const run = { signal, timeout };
  const isAsking = version !== undefined || fence !== undefined;
  if (!isAsking || (await calls.first(prepareFindById(context, id, run))) === null)
    return new NotFoundError(context.model.name);
  return staleOf(calls, [{ id, version, fence }], run);
}

/** Why one of the elements, which ask for the same things, met no row. Who has lost a lock is told that first: with the version of today the write would be refused, too. */
export async function staleOf(calls: Executor, elements: readonly Asking[], run: CallOptions = {}): Promise<Error> {
  const { name } = calls.context.model;
  const [first] = elements;
  if (first?.fence === undefined) return new StaleVersionError(name);
  if (first.version === undefined) return new StaleFenceError(name);
  for (const { id, fence } of elements) if (await isNewer(calls, id, fence, run)) return new StaleFenceError(name);
  return new StaleVersionError(name);
}

/** Whether a newer token wrote the row. */
function isNewer(calls: Executor, id: unknown, fence: unknown, run: CallOptions): Promise<boolean> {
  const { model, projector } = calls.context;
  const parsing = begin(model);
  const key = scoped(parsing, keyClause(parsing, id), undefined);
  const where = allOf([key, { op: 'gt', field: model.fence!, slot: slotOf(parsing, fence) }]);
  const command: ExistsCommand = {
    kind: 'exists',
    entity: model,
    shape: shapeOf(where),
    where,
    values: parsing.values,
  };
  return calls.run({ command, projection: projector.whole, run: runOptions(model.name, { ...run }) });
}
