import type { UpsertCommand, UpsertResult } from '../query/command.js';
import { copyRow } from '../schema/copy.js';
import type { FieldModel } from '../schema/model.js';
import { toBuffer } from './bson.js';
import type { Call } from './call.js';
import type { Document } from './client.js';
import { compileUpsert, type UpsertPlan } from './compile-upsert.js';
import { forDriver } from './concerns.js';
import { duplicateKey, isDuplicate } from './errors.js';
import { updatedExisting } from './replies.js';
import { sent } from './sending.js';
import type { Target } from './target.js';
import { decoded } from './watch.js';
import { insertOne } from './writes.js';

/** Two that find nothing at once both insert, and one of them hits the other's row: it has only to look again. */
export const MAX_ATTEMPTS = 5;

/** Carries out an upsert: in one step where the server can, else in two. */
export async function upsert(target: Target, command: UpsertCommand, call: Call): Promise<UpsertResult> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileUpsert(command, names, opened.bson));
  const raced = concerns(target, command.on);
  const whole = plan.upsert(command);
  for (let attempt = 1; ; attempt++) {
    try {
      return whole === null
        ? await inTwoSteps(target, plan, command, call)
        : await inOneStep(target, plan, command, whole, call);
    } catch (error) {
      // In a transaction the server gave up all of it.
      if (call.session !== undefined || call.over || attempt === MAX_ATTEMPTS || !isDuplicate(error) || !raced(error))
        throw error;
    }
  }
}

/** Whether a duplicate concerns the unique set of the upsert; one of another set does not go away. */
export function concerns({ names }: Target, on: readonly FieldModel[]): (error: unknown) => boolean {
  const paths = on.map((field) => names.path(field)).join();
  return (error) => duplicateKey(error).join() === paths;
}

async function inOneStep(
  target: Target,
  plan: UpsertPlan,
  command: UpsertCommand,
  change: Document,
  call: Call,
): Promise<UpsertResult> {
  const reply = (await findAndUpdate(target, plan, command, change, true, call)) as Document;
  return {
    row: decoded(call.watch, () => plan.read(toBuffer(reply['value']), 0)),
    action: updatedExisting(reply) ? 'updated' : 'inserted',
  };
}

async function inTwoSteps(target: Target, plan: UpsertPlan, command: UpsertCommand, call: Call): Promise<UpsertResult> {
  const { row, values, select } = command;
  const reply = await findAndUpdate(target, plan, command, plan.change(values), false, call);
  const found = reply['value'];
  if (found !== null && found !== undefined)
    return { row: decoded(call.watch, () => plan.read(toBuffer(found), 0)), action: 'updated' };
  await insertOne(target, row, call);
  return { row: copyRow(row, select), action: 'inserted' };
}

async function findAndUpdate(
  { collection }: Target,
  plan: UpsertPlan,
  command: UpsertCommand,
  change: Document,
  upsert: boolean,
  call: Call,
): Promise<Document> {
  const reply = await collection.findOneAndUpdate(sent(call, plan.filter(command)), change, {
    ...(plan.projection !== undefined && { projection: plan.projection }),
    upsert,
    returnDocument: 'after',
    includeResultMetadata: true,
    raw: true,
    maxTimeMS: call.left(),
    signal: call.signal,
    session: call.session,
    ...forDriver(call.concerns.writeConcern),
  });
  call.watch?.answered();
  return reply as Document;
}
