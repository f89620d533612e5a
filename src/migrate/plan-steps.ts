import { expected } from '../core/engine-options.js';
import { type HistoryProblem, IrreversibleMigrationError, MigrationHistoryError } from '../errors/migration.js';
import { compareVersions } from './define.js';
import { type History, isDone, isLater, type Known, type Recorded } from './history.js';
import type { Migration, MigrationDatabase } from './migration.js';
import type { Step } from './ports.js';
import type { PlanOptions } from './verbs.js';

/** What a verb is asked to do. `to` of `down` stays applied. */
export type Goal =
  | { readonly verb: 'up'; readonly to?: string | undefined; readonly steps?: number | undefined }
  | { readonly verb: 'down'; readonly to?: string | undefined; readonly steps?: number | undefined }
  | { readonly verb: 'to'; readonly to: string }
  | { readonly verb: 'redo'; readonly steps: number };

/** What a plan is about. @throws TypeError */
export function planGoal({ verb, to, steps }: Omit<PlanOptions, 'signal'>): Goal {
  if (verb === undefined && to !== undefined) return { verb: 'to', to };
  if (verb === 'redo') {
    if (to !== undefined) throw new TypeError('Expected `to` to be left out: `redo` ends where it began');
    return { verb, steps: steps ?? 1 };
  }
  if (verb !== undefined && verb !== 'up' && verb !== 'down') throw expected('verb', "'up', 'down' or 'redo'", verb);
  return { verb: verb ?? 'up', to, steps };
}

/** What is to be done, and what speaks against it. */
export interface Chosen<D extends MigrationDatabase> {
  readonly steps: readonly Step<D>[];
  /** Why nothing of it may be done. */
  readonly refused: readonly HistoryProblem[];
  /** The first that has no way back. */
  readonly irreversible: Migration<D> | null;
}

type Of<D extends MigrationDatabase> = History<Migration<D>>;

/** Chooses the steps for a goal, in their order. @throws TypeError for a version that there is not */
export function chooseSteps<D extends MigrationDatabase>(history: Of<D>, goal: Goal): Chosen<D> {
  const { known } = history;
  if (goal.verb === 'up') return upOnly(history, pending(known, goal.to).slice(0, goal.steps));
  if (goal.verb === 'down') {
    const undone = goal.to === undefined ? applied(known).slice(0, goal.steps ?? 1) : above(known, goal.to);
    return downFirst(history, undone, []);
  }
  if (goal.verb === 'to') {
    const undone = above(known, goal.to);
    const done = isBeforeAll(goal.to) ? [] : pending(known, goal.to);
    return undone.length === 0 ? upOnly(history, done) : downFirst(history, undone, done);
  }
  const undone = applied(known).slice(0, goal.steps);
  return downFirst(history, undone, [...undone].reverse());
}

/** @throws MigrationHistoryError, IrreversibleMigrationError when it may not be done */
export function checkChosen<D extends MigrationDatabase>(chosen: Chosen<D>, resource: string): void {
  if (chosen.refused.length > 0) throw new MigrationHistoryError(chosen.refused, { resource });
  if (chosen.irreversible !== null)
    throw new IrreversibleMigrationError(chosen.irreversible.version, chosen.irreversible.name);
}

function upOnly<D extends MigrationDatabase>(history: Of<D>, done: readonly Known<Migration<D>>[]): Chosen<D> {
  const newestFile = history.known.findLast(({ migration }) => migration !== null)?.version ?? null;
  const reached = new Set(done.map(({ version }) => version));
  const refused = history.problems.filter(({ kind, version }) => {
    // A later release has applied it, and an earlier one starts beside it.
    if (kind === 'missing') return !isLater(version!, newestFile);
    return kind !== 'out-of-order' || reached.has(version!);
  });
  return { steps: done.map(up), refused, irreversible: null };
}

/** What is undone must be what was done; of the others nothing is touched. */
function downFirst<D extends MigrationDatabase>(
  { known, problems }: Of<D>,
  undone: readonly Known<Migration<D>>[],
  done: readonly Known<Migration<D>>[],
): Chosen<D> {
  const reached = new Set([...undone, ...done].map(({ version }) => version));
  const left = new Set(undone.map(({ version }) => version));
  const stay = known.findLast(({ version, entry }) => entry !== null && isDone(entry) && !left.has(version));
  const refused = problems.filter(({ kind, version }) => {
    if (kind === 'dirty') return true;
    if (!reached.has(version!)) return false;
    // Its order is that of what stays.
    return kind !== 'out-of-order' || (stay !== undefined && compareVersions(version!, stay.version) < 0);
  });
  const irreversible = undone.find(({ migration }) => migration?.down === null)?.migration ?? null;
  const there = undone.filter(({ migration }) => migration !== null && migration.down !== null);
  return {
    steps: [...there.map(down), ...done.filter(({ migration }) => migration !== null).map(up)],
    refused,
    irreversible,
  };
}

const up = <D extends MigrationDatabase>({ migration }: Known<Migration<D>>): Step<D> => ({
  migration: migration!,
  direction: 'up',
});
const down = <D extends MigrationDatabase>({ migration }: Known<Migration<D>>): Step<D> => ({
  migration: migration!,
  direction: 'down',
});

function isBeforeAll(version: string): boolean {
  return /^0+$/.test(version);
}

/** Those to be applied, up to a version. */
function pending<M extends Recorded>(known: readonly Known<M>[], to: string | undefined): Known<M>[] {
  if (to !== undefined) checkThere(known, to);
  return known.filter(
    ({ version, entry }) => entry === null && (to === undefined || compareVersions(version, to) <= 0),
  );
}

/** Those that are applied, the latest first. */
function applied<M extends Recorded>(known: readonly Known<M>[]): Known<M>[] {
  return known.filter(({ entry }) => entry !== null && isDone(entry)).reverse();
}

function above<M extends Recorded>(known: readonly Known<M>[], to: string): Known<M>[] {
  if (!isBeforeAll(to)) checkThere(known, to);
  return applied(known).filter(({ version }) => compareVersions(version, to) > 0);
}

/** @throws TypeError for a version that neither the migrations nor the ledger have */
export function checkThere(known: readonly Known[], version: string, option = 'to'): void {
  if (known.some((each) => compareVersions(each.version, version) === 0)) return;
  const versions = known.map((each) => each.version);
  const there = versions.length === 0 ? 'there are none' : `such as ${versions.slice(-3).join(', ')}`;
  throw expected(option, `the version of a migration that is there (${there})`, version);
}
