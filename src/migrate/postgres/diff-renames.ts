import { expected } from '../../core/engine-options.js';
import type { FoundTable } from '../../postgres/catalog.js';
import { wantedOf } from '../../postgres/ddl.js';
import { quote, type Table } from '../../postgres/fields.js';
import { checkName, foreignKeyName, uniqueName } from '../../postgres/names.js';
import type { FieldModel } from '../../schema/model.js';
import { alterTable, besides, type Findings, type Server, warning } from './diff-changes.js';
import { COPY } from './diff-copy.js';

/** What a table was called, and its columns: new name -> old name. */
export interface Renames {
  /** As in `options.renames`: `users`, `blog.posts`. Null: it keeps its name. */
  readonly from: { readonly schema: string | null; readonly table: string } | null;
  readonly columns: ReadonlyMap<string, string>;
}

/** The renames of each entity, by its name. @throws TypeError for one that is about no table and no column of the entities */
export function parseRenames(
  renames: Readonly<Record<string, string>>,
  tables: readonly Table[],
): ReadonlyMap<string, Renames> {
  // What has the same name on both sides is an answer too: it is none.
  const entries = Object.entries(renames).filter(([from, to]) => from !== to);
  const result = new Map<string, Renames>();
  const used = new Set<string>();
  for (const table of tables) {
    const { name } = table.entity;
    const own = entries.find(([, to]) => to === name)?.[0];
    if (own !== undefined) used.add(own);
    const columns = new Map<string, string>();
    for (const [from, to] of entries) {
      const column = table.entity.fields.map((field) => table.column(field)).find((each) => to === `${name}.${each}`);
      const prefix = [name, own].find((each) => each !== undefined && from.startsWith(`${each}.`));
      if (column === undefined || prefix === undefined) continue;
      columns.set(column, from.slice(prefix.length + 1));
      used.add(from);
    }
    const dot = own?.indexOf('.') ?? -1;
    const from = own === undefined ? null : { schema: dot < 0 ? null : own.slice(0, dot), table: own.slice(dot + 1) };
    result.set(name, { from, columns });
  }
  const [wrong] = entries.find(([from]) => !used.has(from)) ?? [];
  if (wrong !== undefined)
    throw expected(
      `renames['${wrong}']`,
      'a table or a column of an entity of the call, such as `users.full_name`',
      renames[wrong],
    );
  return result;
}

export function tableSql(schema: string | null, table: string): string {
  return schema === null ? quote(table) : `${quote(schema)}.${quote(table)}`;
}

const BREAKS =
  'Programs that run now use the old name: stop them, or let both names work for a time (a view, a second column).';

/** The table takes its new name, where it has the old one. */
export function renameTable({ sql, entity }: Table, from: NonNullable<Renames['from']>, findings: Findings): void {
  const up: string[] = [];
  const down: string[] = [];
  const moved = tableSql(entity.schema, from.table);
  if (from.schema !== entity.schema) {
    up.push(alterTable(tableSql(from.schema, from.table), `set schema ${quote(entity.schema ?? 'public')}`));
    down.push(alterTable(moved, `set schema ${quote(from.schema ?? 'public')}`));
  }
  if (from.table !== entity.table) {
    up.push(alterTable(moved, `rename to ${quote(entity.table)}`));
    down.unshift(alterTable(sql, `rename to ${quote(from.table)}`));
  }
  findings.add('rename', {
    action: 'rename',
    what: `table ${from.schema === null ? '' : `${from.schema}.`}${from.table} to ${entity.name}`,
    up,
    down,
    transaction: true,
    warnings: [warning('breaks-readers', BREAKS)],
  });
}

/** The columns, and whatever of ours is named after table and columns, take their new names: on the copy too. */
export async function renameParts(
  server: Server,
  table: Table,
  { from, columns }: Renames,
  found: FoundTable,
  findings: Findings,
): Promise<void> {
  const label = table.entity.name;
  for (const [to, old] of columns) {
    if (found.columns.every(({ name }) => name !== old) || found.columns.some(({ name }) => name === to)) continue;
    findings.add('rename', {
      action: 'rename',
      what: `column ${label}.${old} to ${to}`,
      up: [alterTable(table.sql, `rename column ${quote(old)} to ${quote(to)}`)],
      down: [alterTable(table.sql, `rename column ${quote(to)} to ${quote(old)}`)],
      transaction: true,
      warnings: [warning('breaks-readers', BREAKS)],
    });
    await server.run(alterTable(COPY, `rename column ${quote(old)} to ${quote(to)}`));
  }
  for (const { kind, old, to } of derivedNames(table, from, columns)) {
    const constraint = found.constraints.some(({ name }) => name === old);
    const there = constraint || found.indexes.some(({ name }) => name === old);
    const column = found.columns.some(({ name }) => name === old);
    const taken = [...found.constraints, ...found.indexes].some(({ name }) => name === to);
    if (kind === 'column' ? !column : !there || taken) continue;
    const [up, down] =
      kind === 'column'
        ? [`rename column ${quote(old)} to ${quote(to)}`, `rename column ${quote(to)} to ${quote(old)}`]
        : [`rename constraint ${quote(old)} to ${quote(to)}`, `rename constraint ${quote(to)} to ${quote(old)}`];
    const index = kind !== 'column' && !constraint;
    findings.add('rename', {
      action: 'rename',
      what: `${kind} ${old} to ${to}`,
      up: [index ? `alter index ${besides(table, old)} rename to ${quote(to)}` : alterTable(table.sql, up!)],
      down: [index ? `alter index ${besides(table, to)} rename to ${quote(old)}` : alterTable(table.sql, down!)],
      transaction: true,
      warnings: [],
    });
    // A copy has no foreign keys.
    if (kind !== 'foreign key')
      await server.run(index ? `alter index pg_temp.${quote(old)} rename to ${quote(to)}` : alterTable(COPY, up!));
  }
}

interface DerivedName {
  readonly kind: 'column' | 'check' | 'key' | 'index' | 'foreign key';
  readonly old: string;
  readonly to: string;
}

/** Names that follow from those of the table and its columns, where they change. */
export function derivedNames(
  table: Table,
  from: Renames['from'],
  columns: ReadonlyMap<string, string>,
): readonly DerivedName[] {
  const entity = from === null ? table.entity : { ...table.entity, ...from };
  const before: Table = {
    ...table,
    entity,
    column: (field) => columns.get(table.column(field)) ?? table.column(field),
  };
  const [was, is] = [wantedOf(before), wantedOf(table)];
  const pairs = (kind: DerivedName['kind'], old: readonly Named[], now: readonly Named[]): DerivedName[] =>
    now.map(({ name }, i) => ({ kind, old: old[i]!.name, to: name }));
  // What a field asked for once has its name, too, though it asks for it no more.
  const named = (
    kind: DerivedName['kind'],
    fields: readonly FieldModel[],
    name: (of: Table, field: FieldModel) => string,
  ): DerivedName[] => fields.map((field) => ({ kind, old: name(before, field), to: name(table, field) }));
  const { fields, paths } = table.entity;
  const all = [
    ...pairs('column', was.generated, is.generated),
    ...named('check', [...new Set([...fields, ...paths.values()])], checkName),
    ...(is.key === null ? [] : pairs('key', [was.key!], [is.key])),
    ...pairs('index', was.indexes, is.indexes),
    ...named('index', fields, (of, field) => uniqueName(of, [field])),
    ...named('foreign key', fields, foreignKeyName),
  ];
  const changed = all.filter(({ old, to }) => old !== to);
  return [...new Map(changed.map((each) => [`${each.kind} ${each.old}`, each])).values()];
}

interface Named {
  readonly name: string;
}
