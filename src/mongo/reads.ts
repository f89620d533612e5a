import type { CountCommand, DistinctCommand, ExistsCommand, FindCommand, GroupCommand } from '../query/command.js';
import type { StoredRow, Value } from '../schema/model.js';
import { isNullish, readDocument, toBuffer } from './bson.js';
import type { Call } from './call.js';
import type { Document } from './client.js';
import { compileGroup } from './compile-group.js';
import {
  compileDistinct,
  compileFilter,
  compileFind,
  countCommand,
  distinctPipeline,
  existsCommand,
  findCommand,
} from './compile-read.js';
import { ask, openCursor } from './cursor.js';
import { valueReader } from './documents.js';
import { findFirstOfEach } from './per-parent.js';
import { runPipeline, WHOLE_BATCH } from './pipeline.js';
import type { FindPlan } from './plans.js';
import { readBatch, readFirst } from './replies.js';
import { sentLimit } from './sending.js';
import type { Target } from './target.js';
import { decoded } from './watch.js';

/** The plan of a find, compiled once for its shape. */
export function findPlan(target: Target, command: FindCommand): FindPlan {
  const { names, opened } = target;
  return target.plan(command, () => compileFind(command, names, opened.bson));
}

/** Carries out a find. */
export async function find(target: Target, command: FindCommand, call: Call): Promise<StoredRow[]> {
  const plan = findPlan(target, command);
  if (command.perParent !== undefined) return findFirstOfEach(target, plan, command, call);
  const { collection } = target.names;
  return rowsOf(target, plan, (batch) => findCommand(plan, collection, command, batch), command.limit !== null, call);
}

/** The rows of a `find` command, which `make` makes with a batch size for a cursor or without one. */
export async function rowsOf(
  target: Target,
  plan: FindPlan,
  make: (batch?: number) => Document,
  isLimited: boolean,
  call: Call,
): Promise<StoredRow[]> {
  if (isLimited) {
    const reply = await ask(target.opened, limited(make(), call), call);
    const { rows, id } = decoded(call.watch, () => readBatch(reply, plan.read));
    if (id === 0n) return rows;
    // More than one reply holds, which is rare: it is read again, by a cursor. The server drops the idle one by itself.
    if (call.session === undefined) {
      const { collection } = target.names;
      target.opened.db.command({ killCursors: collection, cursors: [id] }).catch(() => {});
    }
  }
  const cursor = openCursor(target, plan, { ...make(WHOLE_BATCH), maxTimeMS: call.left() }, call);
  try {
    let all: StoredRow[] = [];
    for (let rows = await cursor.next(call, call.signal); rows !== null; rows = await cursor.next(call, call.signal)) {
      if (call.over) break;
      all = all.length === 0 ? (rows as StoredRow[]) : all.concat(rows);
    }
    return all;
  } finally {
    void cursor.close();
  }
}

function limited(command: Document, call: Call): Document {
  command['maxTimeMS'] = sentLimit(call);
  return command;
}

/** Carries out a count, or an estimate. */
export async function count(target: Target, command: CountCommand, call: Call): Promise<number> {
  const { names, opened } = target;
  // A transaction sees its own rows, of which the metadata know nothing: the server refuses the command there.
  if (command.estimate === true && call.session === undefined) {
    // Without a filter the server answers from the collection's metadata.
    const reply = await ask(opened, limited({ count: names.collection }, call), call);
    return Number(reply['n']);
  }
  const plan = target.plan(command, () => compileFilter(command, names, opened.bson));
  const { values, limit } = command;
  const reply = await ask(opened, limited(countCommand(plan, names.collection, values, limit), call), call);
  const [counted] = readBatch(reply, readDocument).rows;
  return counted === undefined ? 0 : Number(counted['n']);
}

/** Whether a document fits. */
export async function exists(target: Target, command: ExistsCommand, call: Call): Promise<boolean> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileFilter(command, names, opened.bson));
  const reply = await ask(opened, limited(existsCommand(plan, names.collection, command.values), call), call);
  return readBatch(reply, () => true).rows.length > 0;
}

/** The distinct values of a field, in ascending order. */
export async function distinct(target: Target, command: DistinctCommand, call: Call): Promise<Value[]> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileDistinct(command, names, opened.bson));
  const read = valueReader(plan.field, names.entity.name);
  const groups = await runPipeline(target, distinctPipeline(plan, command.values), call);
  return decoded(call.watch, () =>
    groups.map((each) => readFirst(each, (bytes, type, at) => (isNullish(type) ? null : read(bytes, type, at)))),
  );
}

/** The groups of a `groupBy`. */
export async function group(target: Target, command: GroupCommand, call: Call): Promise<StoredRow[]> {
  const { names, opened } = target;
  const plan = target.plan(command, () => compileGroup(command, names, opened.bson));
  const groups = await runPipeline(target, plan.pipeline(command), call);
  return decoded(call.watch, () => groups.map((each) => plan.read(toBuffer(each), 0)));
}
