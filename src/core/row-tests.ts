import type { Clause } from '../query/clause.js';
import type { Assignment } from '../query/command.js';
import { anyOfClauses } from '../query/logic.js';
import { type Parsing, slotOf } from '../query/parsing.js';
import type { FieldModel } from '../schema/model.js';
import { isInt64 } from '../schema/numbers.js';

/** What a write by key asks of its row: the version that was read, the fencing token of a lock. Undefined where it does not ask. */
export interface Asked {
  readonly version?: unknown;
  readonly fence?: unknown;
}

/** An element of a write by keys that asks. */
export interface Asking extends Asked {
  readonly id: unknown;
}

/** What was asked, as parts of a command. */
export interface RowTests {
  readonly clauses: readonly Clause[];
  /** What the write stores because it asked. */
  readonly marks: readonly Assignment[];
}

/** The tests of what was asked; adds an issue for all that cannot be. */
export function rowTests(parsing: Parsing, { version, fence }: Asked): RowTests {
  const clauses = version === undefined ? [] : versionTest(parsing, version);
  const marks: Assignment[] = [];
  const guarded = fence === undefined ? null : fenceField(parsing, fence);
  if (guarded !== null) {
    const slot = slotOf(parsing, fence);
    clauses.push(notNewer(guarded, slot));
    marks.push({ field: guarded, op: 'set', slot });
  }
  return { clauses, marks };
}

function versionTest(parsing: Parsing, version: unknown): Clause[] {
  const { entity, issues } = parsing;
  const field = entity.version;
  if (field === null) {
    issues.push({ path: 'version', message: `is no option here: \`${entity.name}\` has no \`versioned()\`` });
    return [];
  }
  if (!Number.isSafeInteger(version)) {
    issues.push({ path: 'version', message: 'must be an integer: the version of the row that was read' });
    return [];
  }
  return [{ op: 'eq', field, slot: slotOf(parsing, version) }];
}

function fenceField({ entity, issues }: Parsing, fence: unknown): FieldModel | null {
  if (entity.fence === null) {
    issues.push({ path: 'fence', message: `is no option here: \`${entity.name}\` has no \`fenced()\`` });
  } else if (!isInt64(fence) || fence < 0n) {
    issues.push({ path: 'fence', message: 'must be a bigint from 0 to 2^63 - 1: the token that the lock gave' });
    return null;
  }
  return entity.fence;
}

/** A row from before the entity was fenced has no fence on the server: no token wrote it. */
function notNewer(field: FieldModel, slot: number): Clause {
  return anyOfClauses([
    { op: 'lte', field, slot },
    { op: 'isNull', field },
  ]);
}
