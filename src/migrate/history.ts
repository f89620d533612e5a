import type { HistoryProblem } from '../errors/migration.js';
import { compareVersions, versionKey } from './define.js';
import type { LedgerEntry } from './ports.js';
import type { MigrationState, MigrationStatus } from './results.js';

/** What matters of a migration here, whatever database it is for. */
export interface Recorded {
  readonly version: string;
  readonly name: string;
  readonly checksum: string;
  readonly down: object | null;
}

/** A version, as the files and the ledger have it; one of them is null at most. */
export interface Known<M extends Recorded = Recorded> {
  readonly version: string;
  readonly migration: M | null;
  readonly entry: LedgerEntry | null;
}

/** The files and the ledger, side by side. */
export interface History<M extends Recorded = Recorded> {
  /** In the order of their versions. */
  readonly known: readonly Known<M>[];
  readonly statuses: readonly MigrationStatus[];
  readonly problems: readonly HistoryProblem[];
}

export interface Reading {
  readonly outOfOrder: 'refuse' | 'allow';
  /** Whether somebody migrates just now: what is half done is not dirty then. */
  readonly busy: boolean;
}

/** Compares what was applied with what is there. */
export function readHistory<M extends Recorded>(
  migrations: readonly M[],
  entries: readonly LedgerEntry[],
  reading: Reading,
): History<M> {
  const known = sideBySide(migrations, entries);
  const newest = known.findLast(({ entry }) => entry !== null && isDone(entry))?.version ?? null;
  const newestFile = migrations.at(-1)?.version ?? null;
  const statuses = known.map((each) => statusOf(each, newest, reading.busy));
  const problems = statuses.flatMap((status, i) => problemsOf(status, known[i]!, newest, newestFile, reading));
  return { known, statuses, problems };
}

/** Whether it counts as being in the database. */
export function isDone({ state }: LedgerEntry): boolean {
  return state === 'applied' || state === 'baseline';
}

function sideBySide<M extends Recorded>(migrations: readonly M[], entries: readonly LedgerEntry[]): Known<M>[] {
  const byKey = new Map<string, Known<M>>();
  for (const migration of migrations)
    byKey.set(versionKey(migration.version), { version: migration.version, migration, entry: null });
  for (const entry of entries) {
    const key = versionKey(entry.version);
    const { version = entry.version, migration = null } = byKey.get(key) ?? {};
    byKey.set(key, { version, migration, entry });
  }
  return [...byKey.values()].sort((a, b) => compareVersions(a.version, b.version));
}

function statusOf({ version, migration, entry }: Known, newest: string | null, busy: boolean): MigrationStatus {
  const state = stateOf(migration, entry, busy);
  return {
    version,
    name: migration?.name ?? entry?.name ?? '',
    state,
    edited: isEdited(migration, entry),
    outOfOrder: state === 'pending' && newest !== null && compareVersions(version, newest) < 0,
    reversible: migration === null ? null : migration.down !== null,
    at: entry?.at ?? null,
    durationMs: entry?.durationMs ?? null,
    by: entry?.by ?? null,
  };
}

function stateOf(migration: Recorded | null, entry: LedgerEntry | null, busy: boolean): MigrationState {
  if (entry === null) return 'pending';
  if (!isDone(entry)) return busy ? 'running' : 'dirty';
  if (migration === null) return 'missing';
  return entry.state === 'baseline' ? 'baseline' : 'applied';
}

/** What is half done is another thing to be decided first. */
function isEdited(migration: Recorded | null, entry: LedgerEntry | null): boolean {
  if (migration === null || entry === null || entry.checksum === null) return false;
  return isDone(entry) && entry.checksum !== migration.checksum;
}

function problemsOf(
  status: MigrationStatus,
  { entry }: Known,
  newest: string | null,
  newestFile: string | null,
  { outOfOrder }: Reading,
): HistoryProblem[] {
  const { version, name } = status;
  const what = `Migration ${version} (${name})`;
  if (status.state === 'dirty') return [{ kind: 'dirty', version, message: dirtyMessage(what, version, entry!) }];
  if (status.state === 'missing') {
    const later = isLater(version, newestFile);
    const why = later
      ? 'it seems to be of a later release. Nothing is wrong as long as nothing has to be undone'
      : `bring its file back, or take its line out by \`repair --forget ${version}\``;
    return [{ kind: 'missing', version, message: `${what} is applied, but is not among the migrations: ${why}.` }];
  }
  if (status.edited) {
    const message = `${what} was edited after it was applied: undo the edit and write another migration, or accept it by \`repair --checksums\`.`;
    return [{ kind: 'edited', version, message }];
  }
  if (status.outOfOrder && outOfOrder === 'refuse') {
    const message = `${what} is not applied, but ${newest} is: give it a later version, or allow it by \`outOfOrder: 'allow'\`.`;
    return [{ kind: 'out-of-order', version, message }];
  }
  return [];
}

/** Whether a version is later than every migration that is there. */
export function isLater(version: string, newestFile: string | null): boolean {
  return newestFile !== null && compareVersions(version, newestFile) > 0;
}

function dirtyMessage(what: string, version: string, { state, statements }: LedgerEntry): string {
  const way = state === 'applying' ? 'applied' : 'undone';
  const done =
    statements === null
      ? 'it is not known how far it came'
      : `${statements} of its statements ${statements === 1 ? 'is' : 'are'} known to be done`;
  const [all, none] = [`repair --applied ${version}`, `repair --forget ${version}`];
  return `${what} was left half-way while it was ${way}; ${done}. Look at the database, then \`${all}\` if all of it is there, or \`${none}\` if nothing is.`;
}
