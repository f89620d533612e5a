import type { FoundColumn, FoundTable } from '../../postgres/catalog.js';
import { createTable, type Wanted, wantedOf } from '../../postgres/ddl.js';
import { quote, type Table } from '../../postgres/fields.js';
import { undone } from '../../postgres/shadow.js';
import { definitionOf, type Server } from './diff-changes.js';

const WANTED = 'pg_temp.trivet_wanted';
export const COPY = 'pg_temp.trivet_copy';

/** The entity's table as the server spells it: made as a temporary one, read, and taken back. */
export async function readWanted(server: Server, table: Table): Promise<FoundTable> {
  const wanted: Wanted = wantedOf({ ...table, sql: WANTED });
  return undone(server.session, server.deadline, async () => {
    await server.run(createTable(wanted));
    for (const { sql } of wanted.indexes) await server.run(sql);
    return (await server.read(WANTED))!;
  });
}

/** A column as in a definition, with all that it has but its comment. */
export function columnSql(column: FoundColumn, notNull: boolean = column.notNull): string {
  const parts = [quote(column.name), typeSql(column)];
  if (column.generated !== null) parts.push(`generated always as (${column.generated}) stored`);
  if (column.identity !== '') parts.push(`generated ${GENERATED[column.identity]} as identity`);
  else if (column.default !== null) parts.push(`default ${column.default}`);
  if (notNull) parts.push('not null');
  return parts.join(' ');
}

export const GENERATED: Readonly<Record<'a' | 'd', string>> = { a: 'always', d: 'by default' };

export function typeSql({ type, collate }: FoundColumn): string {
  return collate === null ? type : `${type} collate ${collate}`;
}

/** The statements that make a table as it was found; without foreign keys, which need other tables. */
export function tableStatements(found: FoundTable, sql: string): string[] {
  // What is generated may read any other column.
  const columns = [...found.columns].sort((a, b) => Number(a.generated !== null) - Number(b.generated !== null));
  const parts = columns.map((column) => columnSql(column));
  for (const constraint of found.constraints) {
    if (constraint.kind !== 'f' && constraint.valid)
      parts.push(`constraint ${quote(constraint.name)} ${definitionOf(constraint)}`);
  }
  const statements = [`create table ${sql} (\n  ${parts.join(',\n  ')}\n)`];
  for (const constraint of found.constraints) {
    if (constraint.kind === 'f' || constraint.valid) continue;
    statements.push(
      `alter table ${sql} add constraint ${quote(constraint.name)} ${definitionOf(constraint)} not valid`,
    );
  }
  for (const { name, unique, valid, constraint, body } of found.indexes) {
    if (!constraint && valid)
      statements.push(`create ${unique ? 'unique ' : ''}index ${quote(name)} on ${sql} ${body}`);
  }
  for (const { name, comment } of found.columns) if (comment !== null) statements.push(commentSql(sql, name, comment));
  return statements;
}

export function commentSql(sql: string, column: string, comment: string): string {
  return `comment on column ${sql}.${quote(column)} is '${comment.replaceAll("'", "''")}'`;
}

/**
 * Works on an empty temporary copy of a table, where changes can be tried: how the server spells the rest afterwards, and whether it writes
 * the rows anew. The copy is gone when the work is done.
 */
export async function onCopy<T>(server: Server, found: FoundTable, work: () => Promise<T>): Promise<T> {
  return undone(server.session, server.deadline, async () => {
    for (const sql of tableStatements(found, COPY)) await server.run(sql);
    return work();
  });
}

/** What the copy has become; of what a copy cannot have, that of the table. */
export async function readCopy(server: Server, found: FoundTable): Promise<FoundTable> {
  const copy = (await server.read(COPY))!;
  const index = new Map(found.indexes.map((each) => [each.name, each]));
  return {
    ...found,
    columns: copy.columns,
    constraints: [...copy.constraints, ...found.constraints.filter(({ kind }) => kind === 'f')],
    indexes: [
      ...copy.indexes.map((each) => ({ ...each, building: index.get(each.name)?.building ?? false })),
      ...found.indexes.filter(({ valid }) => !valid),
    ],
  };
}

/** Where the copy and its indexes are stored: another place after a change means that they were written anew. */
export async function storageOfCopy(server: Server): Promise<{ readonly heap: string; readonly indexes: string }> {
  const result = await server.session.run(
    {
      text: `select pg_relation_filenode('${COPY}'::regclass)::text as heap,
        (select coalesce(string_agg(pg_relation_filenode(indexrelid)::text, ',' order by indexrelid), '') from pg_index
          where indrelid = '${COPY}'::regclass) as indexes`,
      name: null,
      values: [],
      columns: null,
    },
    server.deadline,
  );
  return result.rows[0] as unknown as { readonly heap: string; readonly indexes: string };
}
