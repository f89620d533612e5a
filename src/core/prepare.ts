import type { Command, FindCommand, GroupCommand } from '../query/command.js';
import type { Cursors } from '../query/cursor.js';
import type { Parsing } from '../query/parsing.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';
import type { Clock } from '../util/clock.js';
import { type Bag, checkBag } from './check-options.js';
import type { Convert } from './key-match.js';
import type { StreamRunOptions } from './ports.js';
import type { Projection, Projector } from './projection.js';
import type { RelationKind } from './relation.js';
import { timeLeft } from './time-left.js';

/** What the verbs of one repository need to make their commands. */
export interface Context {
  readonly model: EntityModel;
  readonly projector: Projector;
  readonly clock: Clock;
  readonly cursors: Cursors;
  /** The options of the engine's own repository: for a set of `KNOWN`, a larger one. */
  readonly own: OwnOptions;
  /** Middleware may fill what a draft leaves out: whether all is there is looked at behind it. */
  readonly late: boolean;
}

/** For the options that a verb knows those that it knows in the repository of one engine. */
export type OwnOptions = ReadonlyMap<ReadonlySet<string>, ReadonlySet<string>>;

/** A call after its input was checked: what to run, and how its rows become the caller's. */
export interface Prepared<C extends Command> {
  readonly command: C;
  readonly projection: Projection;
  readonly run: StreamRunOptions;
  /** What to read along with the rows of a find. */
  readonly include?: IncludePlan | null;
}

/** A call whose option names were checked, before its input is. */
export interface Started {
  readonly bag: Bag;
  readonly parsing: Parsing;
  readonly projection: Projection;
}

/** What every verb begins with. Names that may not be read are issues of the call, beside those of its input. */
export function start({ model, projector, own }: Context, known: ReadonlySet<string>, options: unknown): Started {
  const bag = checkBag(model.name, own.get(known) ?? known, options);
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
  return { ...prepared, run: timeLeft(prepared.run, startedAt) };
}

/** The other repository: what makes its commands and runs them. */
export interface Peer {
  readonly context: Context;
  run<T>(prepared: Prepared<Command>): Promise<T>;
}

/** A look-up by keys: they take the place of the first value of the command, once per chunk. */
export interface LookUp<C extends FindCommand | GroupCommand> {
  readonly peer: Peer;
  readonly command: C;
  /** The field that holds the keys. */
  readonly field: FieldModel;
}

/** The rows of a many-to-many relation that stand between. */
export interface Between {
  readonly lookUp: LookUp<FindCommand>;
  readonly convert: Convert;
  readonly theirs: FieldModel;
}

/** A relation that was checked: which values of a row are looked up, and where. */
export interface PlannedRelation {
  readonly name: string;
  readonly kind: RelationKind;
  /** The field of the including row: a list for `belongsToMany`. */
  readonly from: FieldModel;
  /** From the values that name the related rows to those of the field that is looked up. */
  readonly convert: Convert;
  readonly between: Between | null;
  readonly lookUp: LookUp<FindCommand> | LookUp<GroupCommand>;
  readonly projection: Projection;
  readonly nested: IncludePlan | null;
  /** The related rows come in an order of their own, not in that of the row's list. */
  readonly ordered: boolean;
  readonly limit: number | null;
  readonly count: boolean;
}

/** The relations of an `include`, checked. */
export interface IncludePlan {
  readonly relations: readonly PlannedRelation[];
  /** Fields of the including rows that must be read, whatever `select` says. */
  readonly needs: readonly FieldModel[];
}
