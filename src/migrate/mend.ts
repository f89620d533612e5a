import { expected } from '../core/engine-options.js';
import { type HistoryProblem, MigrationHistoryError } from '../errors/migration.js';
import { compareVersions, versionKey } from './define.js';
import { type History, isDone, type Known } from './history.js';
import { checkThere } from './plan-steps.js';
import type { EntryState, LedgerEntry } from './ports.js';
import type { RepairReport } from './results.js';

/** A line to be written. */
export type Line = Omit<LedgerEntry, 'at' | 'by'>;

function lineOf({ version, migration, entry }: Known, state: EntryState): Line {
  return {
    version: entry?.version ?? version,
    name: migration?.name ?? entry?.name ?? '',
    checksum: migration?.checksum ?? entry?.checksum ?? null,
    state,
    durationMs: entry?.durationMs ?? null,
    statements: entry?.statements ?? null,
  };
}

/** The lines of a baseline. @throws MigrationHistoryError when something half done or later is in the ledger */
export function baselineEntries({ known, problems }: History, version: string, resource: string): readonly Line[] {
  checkThere(known, version, 'version');
  const targets = known.filter((each) => each.entry === null && compareVersions(each.version, version) <= 0);
  const newest = known.findLast(({ entry }) => entry !== null && isDone(entry));
  const against: HistoryProblem[] = problems.filter(({ kind }) => kind === 'dirty');
  for (const target of targets) {
    if (newest === undefined || compareVersions(target.version, newest.version) > 0) continue;
    const what = `Migration ${target.version} (${target.migration?.name})`;
    const message = `${what} cannot be taken for applied by \`baseline\`, because ${newest.version} is applied: use \`repair --applied ${target.version}\` if it is in the database.`;
    against.push({ kind: 'out-of-order', version: target.version, message });
  }
  if (against.length > 0) throw new MigrationHistoryError(against, { resource });
  return targets.map((target) => lineOf(target, 'baseline'));
}

export interface Repair {
  readonly write: readonly Line[];
  /** As the ledger spells them. */
  readonly forget: readonly string[];
  readonly report: Omit<RepairReport, 'problems'>;
}

/** What a repair changes. @throws TypeError for versions that are nowhere, or that are asked for twice */
export function repairEntries(
  { known }: History,
  wanted: { readonly applied: readonly string[]; readonly forget: readonly string[]; readonly checksums: boolean },
): Repair {
  const byKey = new Map(known.map((each) => [versionKey(each.version), each]));
  const forget = wanted.forget.map((version) => {
    const found = byKey.get(versionKey(version));
    if (found === undefined || found.entry === null) throw expected('forget', 'versions that the ledger has', version);
    return found;
  });
  const applied = wanted.applied.map((version) => {
    const found = byKey.get(versionKey(version));
    if (found === undefined) throw expected('applied', 'versions that the migrations or the ledger have', version);
    if (forget.includes(found))
      throw new TypeError(`Expected \`applied\` and \`forget\` to differ, got ${version} in both`);
    return found;
  });
  const decided = new Set([...forget, ...applied]);
  const edited = wanted.checksums ? known.filter((each) => !decided.has(each) && hasOtherChecksum(each)) : [];
  return {
    write: [
      ...applied.map((each) => lineOf(each, 'applied')),
      ...edited.map((each) => lineOf(each, each.entry!.state)),
    ],
    forget: forget.map(({ entry }) => entry!.version),
    report: {
      applied: applied.map(({ version }) => version),
      forgotten: forget.map(({ version }) => version),
      checksums: edited.map(({ version }) => version),
    },
  };
}

function hasOtherChecksum({ migration, entry }: Known): boolean {
  return migration !== null && entry !== null && isDone(entry) && entry.checksum !== migration.checksum;
}
