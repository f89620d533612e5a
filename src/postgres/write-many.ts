import type { Deadline } from '../core/deadline.js';
import { DuplicateKeyError } from '../errors/data.js';
import type { UpdateEachCommand, UpsertCounts, UpsertManyCommand } from '../query/command.js';
import { atomically } from './atomically.js';
import { COUNTS } from './compile-many.js';
import type { Result } from './exchange.js';
import { CHUNK } from './insert.js';
import type { Plan } from './plans.js';
import type { Session } from './session.js';

/** Runs a plan over parts of a command, in one transaction when there are several, and hands on each result with the size of its part. */
async function inParts<C>(
  session: Session,
  deadline: Deadline,
  plan: Plan<C>,
  name: string | null,
  parts: readonly C[],
  take: (result: Result, part: C) => void,
): Promise<void> {
  const { text, columns } = plan;
  const runAll = async () => {
    for (const part of parts) take(await session.run({ text, name, values: plan.bind(part), columns }, deadline), part);
  };
  await (parts.length > 1 ? atomically(session, deadline, runAll) : runAll());
}

function chunks<T>(list: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < list.length; from += CHUNK) parts.push(list.slice(from, from + CHUNK));
  return parts;
}

/** Carries out many updates that differ in their values, in chunks, and gives the number of rows matched. */
export async function updateEach(
  session: Session,
  command: UpdateEachCommand,
  plan: Plan<UpdateEachCommand>,
  name: string | null,
  deadline: Deadline,
): Promise<number> {
  let matched = 0;
  const parts = chunks(command.each).map((each) => ({ ...command, each }));
  await inParts(session, deadline, plan, name, parts, ({ count }) => {
    matched += count;
  });
  return matched;
}

/** Carries out many upserts in chunks. */
export async function upsertMany(
  session: Session,
  command: UpsertManyCommand,
  plan: Plan<UpsertManyCommand>,
  name: string | null,
  deadline: Deadline,
): Promise<UpsertCounts> {
  let inserted = 0;
  let updated = 0;
  const runAll = async () => {
    await inParts(
      session,
      deadline,
      plan,
      name,
      chunks(command.rows).map((rows) => ({ ...command, rows })),
      ({ rows }, part) => {
        const fresh = rows[0]![COUNTS.inserted] as number;
        const written = rows[0]![COUNTS.written] as number;
        // The key is that of a deleted row, or a row does not fit the guard.
        if (written < part.rows.length)
          throw new DuplicateKeyError(command.entity.name, { fields: command.on.map((field) => field.path) });
        inserted += fresh;
        updated += written - fresh;
      },
    );
  };
  // What was written before a key of a deleted row, or a row that does not fit, is found must be undone.
  await (command.entity.deletedAt === null && command.guard === undefined
    ? runAll()
    : atomically(session, deadline, runAll));
  return { inserted, updated };
}
