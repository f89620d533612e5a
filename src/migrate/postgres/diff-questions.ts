import { type FoundTable, rowsOf } from '../../postgres/catalog.js';
import type { Table } from '../../postgres/fields.js';
import type { RenameQuestion } from '../diff/types.js';
import type { Comparison, Server } from './diff-changes.js';

/** Columns that no field has, and missing ones of the same type: they may be the same under another name. */
export function columnQuestions({ wanted, made, found }: Comparison, answered: ReadonlySet<string>): RenameQuestion[] {
  const label = wanted.table.entity.name;
  const own = new Set(wanted.columns.map(({ name }) => name));
  const missing = made.columns.filter(
    ({ name, generated }) => generated === null && !found.columns.some((column) => column.name === name),
  );
  return found.columns
    .filter(({ name, generated }) => !own.has(name) && generated === null)
    .map(({ name, type }) => ({
      from: `${label}.${name}`,
      to: missing.filter((column) => column.type === type).map((column) => `${label}.${column.name}`),
    }))
    .filter(({ from, to }) => to.length > 0 && !answered.has(from));
}

const TABLES = `
select c.relname::text as name, array(select a.attname::text from pg_attribute a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname = coalesce($1::text, current_schema()::text) order by c.relname`;

/** Tables of the same schema that no entity has, and that are mostly made of the same columns as one that is missing. */
export async function tableQuestions(
  server: Server,
  fresh: readonly { readonly table: Table; readonly made: FoundTable }[],
  tables: readonly Table[],
  known: ReadonlySet<string>,
): Promise<RenameQuestion[]> {
  const questions = new Map<string, string[]>();
  for (const { table, made } of fresh) {
    const { schema } = table.entity;
    const there = await rowsOf<{ name: string; columns: string[] }>(server.session, server.deadline, TABLES, [schema]);
    for (const { name, columns } of there) {
      const label = schema === null ? name : `${schema}.${name}`;
      if (known.has(label) || tables.some(({ entity }) => entity.table === name && entity.schema === schema)) continue;
      const common = columns.filter((column) => made.columns.some((each) => each.name === column)).length;
      if (common * 2 <= Math.max(columns.length, made.columns.length)) continue;
      questions.set(label, [...(questions.get(label) ?? []), table.entity.name]);
    }
  }
  return [...questions].map(([from, to]) => ({ from, to }));
}
