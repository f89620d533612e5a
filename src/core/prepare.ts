import type { Command } from '../query/command.js';
import type { Cursors } from '../query/cursor.js';
import type { Parsing } from '../query/parsing.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import type { Clock } from '../util/clock.js';
import { type Bag, checkBag } from './check-options.js';
import type { StreamRunOptions } from './ports.js';
import type { Projection, Projector } from './projection.js';

/** What the verbs of one repository need to make their commands. */
export interface Context {
  readonly model: EntityModel;
  readonly projector: Projector;
  readonly clock: Clock;
  readonly cursors: Cursors;
}

/** A call after its input was checked: what to run, and how its rows become the caller's. */
export interface Prepared<C extends Command> {
  readonly command: C;
  readonly projection: Projection;
  readonly run: StreamRunOptions;
}

/** A call whose option names were checked, before its input is. */
export interface Started {
  readonly bag: Bag;
  readonly parsing: Parsing;
  readonly projection: Projection;
}

/** What every verb begins with. Names that may not be read are issues of the call, beside those of its input. */
export function start({ model, projector }: Context, known: ReadonlySet<string>, options: unknown): Started {
  const bag = checkBag(model.name, known, options);
  const parsing = begin(model);
  return { bag, parsing, projection: projector.of(bag, parsing.issues) };
}

/** Where a call collects what it finds. */
export function begin(entity: EntityModel): Parsing {
  return { entity, values: [], issues: [] };
}

/** A stored row as the caller sees it. */
export function finished(row: StoredRow, { finish }: Projection): StoredRow {
  return finish === null ? row : finish(row);
}

/** The second command of one call: it has the time that the first one left. */
export function rest<C extends Command>(prepared: Prepared<C>, startedAt: number): Prepared<C> {
  const { timeoutMs } = prepared.run;
  if (timeoutMs === undefined) return prepared;
  const left = Math.max(1, timeoutMs - (performance.now() - startedAt));
  return { ...prepared, run: { ...prepared.run, timeoutMs: left } };
}
