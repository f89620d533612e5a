import type { Deadline } from '../core/deadline.js';
import type { InsertCommand } from '../query/command.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';
import { valueAt } from '../schema/value-at.js';
import { atomically } from './atomically.js';
import { columnParameter } from './compile-write.js';
import { plain } from './exchange.js';
import { pathSql, quote, type Table } from './fields.js';
import { Parameters, type Plan } from './plans.js';
import type { Row } from './rows.js';
import type { Session } from './session.js';
import { type Encoder, encoderOf } from './values.js';

/** Rows sent at a time. Parameters are one per column, so only the size of a message grows with it. */
export const CHUNK = 5_000;

/** Inserts the rows, in one statement or, when they are many, in one transaction of several, unless one is open; gives them in the order of the drafts. */
export async function insertRows(
  session: Session,
  command: InsertCommand,
  plan: Plan<InsertCommand>,
  name: string | null,
  deadline: Deadline,
): Promise<Row[]> {
  const { rows } = command;
  const { text, columns } = plan;
  if (rows.length <= CHUNK) {
    const result = await session.run({ text, name, values: plan.bind(command), columns }, deadline);
    return rows.length === 1 ? result.rows : inOrder(command, result.rows);
  }
  return atomically(session, deadline, async () => {
    const stored: Row[] = [];
    for (let from = 0; from < rows.length; from += CHUNK) {
      const chunk = { ...command, rows: rows.slice(from, from + CHUNK) };
      const result = await session.run({ text, name: null, values: plan.bind(chunk), columns }, deadline);
      for (const row of inOrder(chunk, result.rows)) stored.push(row);
    }
    return stored;
  });
}

/** The server gives rows as it stored them, which is the order they came in; by the keys, where they are known, this is made sure. */
function inOrder(command: InsertCommand, stored: Row[]): Row[] {
  const { entity, rows, select } = command;
  const names = entity.key.map((field) => field.name);
  const known = entity.key.every(
    (field) => select.includes(field) && rows[0] !== undefined && Object.hasOwn(rows[0], field.name),
  );
  if (!known || names.length === 0) return stored;
  const keyOf = fingerprint(entity.key);
  if (stored.every((row, i) => sameKey(names, row, rows[i]!) || keyOf(row) === keyOf(rows[i]!))) return stored;
  const byKey = new Map(stored.map((row) => [keyOf(row), row]));
  return rows.map((row) => byKey.get(keyOf(row))!);
}

function sameKey(names: readonly string[], a: StoredRow, b: StoredRow): boolean {
  for (const name of names) if (a[name] !== b[name]) return false;
  return true;
}

/** A text that is equal for rows with equal values in the fields; null when one of them is null. */
function fingerprint(fields: readonly FieldModel[]): (row: StoredRow) => string | null {
  const parts: { readonly field: FieldModel; readonly encode: Encoder }[] = fields.map((field) => ({
    field,
    encode: encoderOf(field),
  }));
  return (row) => {
    const values: string[] = [];
    for (const { field, encode } of parts) {
      const encoded = encode(valueAt(row, field));
      if (encoded === null) return null;
      values.push(typeof encoded === 'string' ? encoded : Buffer.from(encoded).toString('hex'));
    }
    return JSON.stringify(values);
  };
}

/** The unique set, or the key, that consists of these paths. */
function setOf(entity: EntityModel, paths: readonly string[]): readonly FieldModel[] | undefined {
  return [entity.key, ...entity.unique].find(
    (set) => set.length === paths.length && set.every((field, i) => field.path === paths[i]),
  );
}

/**
 * Which draft of a refused insert was the first in the way: the first that repeats another draft, or whose values the table has.
 * Undefined when neither explains it, such as when the other row is gone by now.
 */
export async function duplicatePosition(
  session: Session,
  command: InsertCommand,
  table: Table,
  paths: readonly string[],
  deadline: Deadline,
): Promise<number | undefined> {
  const { entity, rows } = command;
  const set = setOf(entity, paths);
  if (set === undefined || set.length === 0 || set.some((field) => field.serial)) return undefined;
  const isKey = set === entity.key;
  const alive = isKey || entity.deletedAt === null ? null : entity.deletedAt;
  const keyOf = fingerprint(set);
  const seen = new Set<string>();
  const candidates: number[] = [];
  let repeated: number | undefined;
  for (let i = 0; i < rows.length && repeated === undefined; i++) {
    const row = rows[i]!;
    const key = alive !== null && row[alive.name] !== null ? null : keyOf(row);
    if (key === null) continue;
    if (seen.has(key)) repeated = i;
    else {
      seen.add(key);
      candidates.push(i);
    }
  }
  const parameters = new Parameters<readonly StoredRow[]>();
  const arrays = set.map((field, i) => columnParameter({ ...field, name: String(i) }, parameters, (each) => each));
  const equal = set.map((field, i) => `${pathSql(table, field, 'typed', 't.')} = u.c${i}`);
  if (alive !== null) equal.push(`t.${quote(table.column(alive))} is null`);
  const plan = parameters.plan(
    `select u.n from unnest(${arrays.join(', ')}) with ordinality as u(${set.map((_, i) => `c${i}`).join(', ')}, n) ` +
      `where exists (select from ${table.sql} as t where ${equal.join(' and ')}) order by u.n limit 1`,
    [],
  );
  const values = plan.bind(
    candidates.map((i) => Object.fromEntries(set.map((field, at) => [at, valueAt(rows[i]!, field)]))),
  );
  const found = await session.run(plain(plan.text, values), deadline);
  const n = found.rows[0]?.['n'];
  return typeof n === 'number' ? candidates[n - 1] : repeated;
}
