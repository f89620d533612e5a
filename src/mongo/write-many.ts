import type {
  Assignment,
  UpdateEachCommand,
  UpsertCommand,
  UpsertCounts,
  UpsertManyCommand,
} from '../query/command.js';
import type { StoredRow } from '../schema/model.js';
import type { Call } from './call.js';
import type { Document, MongoSessionLike } from './client.js';
import { compileUpsert } from './compile-upsert.js';
import { compileUpdateEach } from './compile-write.js';
import { isDuplicate } from './errors.js';
import { writtenCount } from './replies.js';
import type { Target } from './target.js';
import { concerns, MAX_ATTEMPTS } from './upsert.js';
import { inChunks, manyWrites, send } from './writes.js';

/** Carries out many updates that differ in their values, and gives the number of rows matched. */
export async function updateEach(target: Target, command: UpdateEachCommand, call: Call): Promise<number> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileUpdateEach(command, names, opened.bson));
  return manyWrites(target, call, async (session) => {
    let matched = 0;
    const update = (values: readonly unknown[]): Document => ({ q: plan.filter(values), u: plan.change(values) });
    await inChunks(command.each, update, async (updates, base) => {
      matched += writtenCount(await send(target, { update: names.collection, updates }, call, session), base);
    });
    return matched;
  });
}

/** Carries out many upserts, again where another call came between. */
export async function upsertMany(target: Target, command: UpsertManyCommand, call: Call): Promise<UpsertCounts> {
  const raced = concerns(target, command.on);
  for (let attempt = 1; ; attempt++) {
    try {
      return await manyWrites(target, call, (session) => upsertAll(target, command, call, session));
    } catch (error) {
      const undone = call.session === undefined && target.opened.transactions;
      if (!undone || call.over || attempt === MAX_ATTEMPTS || !isDuplicate(error) || !raced(error)) throw error;
    }
  }
}

async function upsertAll(
  target: Target,
  command: UpsertManyCommand,
  call: Call,
  session: MongoSessionLike | undefined,
): Promise<UpsertCounts> {
  const { collection } = target.names;
  let inserted = 0;
  let updated = 0;
  const upserting: Document[] = [];
  const stepwise: { readonly row: StoredRow; readonly update: Document }[] = [];
  for (const row of command.rows) {
    const { filter, change, whole } = upsertOf(target, command, row);
    if (whole === null) stepwise.push({ row, update: { q: filter, u: change } });
    else upserting.push({ q: filter, u: whole, upsert: true });
  }
  await inChunks(
    upserting,
    (each) => each,
    async (updates) => {
      const reply = await send(target, { update: collection, updates }, call, session);
      const written = writtenCount(reply);
      const fresh = ((reply['upserted'] ?? []) as readonly unknown[]).length;
      inserted += fresh;
      updated += written - fresh;
    },
  );
  for (const { row, update } of stepwise) {
    if (writtenCount(await send(target, { update: collection, updates: [update] }, call, session)) === 1) updated++;
    else {
      const documents = [target.encode(row)];
      writtenCount(await send(target, { insert: collection, documents }, call, session));
      inserted++;
    }
  }
  return { inserted, updated };
}

/** One of many upserts, as the one that `upsert` would be. What the row clears is part of its shape there. */
function upsertOf(
  target: Target,
  command: UpsertManyCommand,
  row: StoredRow,
): { readonly filter: Document; readonly change: Document; readonly whole: Document | null } {
  const { entity, on, taken, guard } = command;
  const values = [...command.values];
  const changes = taken.map((field): Assignment => {
    const value = row[field.name] ?? null;
    return value === null ? { field, op: 'clear', slot: -1 } : { field, op: 'set', slot: values.push(value) - 1 };
  });
  const assignments = [...changes, ...command.assignments];
  const shape = `many|${command.shape}|${changes.map(({ op }) => op).join()}`;
  const one: UpsertCommand = { kind: 'upsert', entity, shape, row, on, assignments, guard, values, select: [] };
  const plan = target.plan(one, () => compileUpsert(one, target.names, target.opened.bson));
  return { filter: plan.filter(one), change: plan.change(values), whole: plan.upsert(one) };
}
