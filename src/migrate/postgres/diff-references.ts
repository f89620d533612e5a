import { type FoundConstraint, oidOf, sameSet } from '../../postgres/catalog.js';
import { columnName, quote, type Table } from '../../postgres/fields.js';
import { foreignKeyName } from '../../postgres/names.js';
import type { FieldModel, Reference } from '../../schema/model.js';
import { alterTable, type Comparison, definitionOf, listed, type Server, warning } from './diff-changes.js';

export const ON_DELETE: Readonly<Record<Reference['onDelete'], string>> = {
  cascade: 'c',
  restrict: 'r',
  'set null': 'n',
};

/** What is known of the other tables of the call. */
export interface Neighbours {
  readonly tables: readonly Table[];
  /** By the entity's name: the oid of its table, under its old name too; null for one that is new. */
  readonly oids: ReadonlyMap<string, number | null>;
  /** By the oid: the columns that get another type. */
  readonly retyped: ReadonlyMap<number, ReadonlySet<string>>;
}

interface WantedReference {
  readonly name: string;
  readonly column: string;
  readonly oid: number | null;
  readonly onDelete: string;
  /** Null: the key of a table that no entity of the call describes. */
  readonly targetColumns: readonly string[] | null;
  /** `foreign key (…) references …` */
  readonly definition: string;
  readonly exists: boolean;
}

async function wantedReference(
  server: Server,
  table: Table,
  field: FieldModel,
  reference: Reference,
  { tables, oids }: Neighbours,
): Promise<WantedReference> {
  const known = tables.find((each) => each.entity.name === reference.entity);
  const target = known?.sql ?? reference.entity.split('.').map(quote).join('.');
  const oid = known === undefined ? await oidOf(server.session, server.deadline, target) : oids.get(reference.entity)!;
  const columns =
    reference.field === null
      ? (known?.entity.key.map((each) => known.column(each)) ?? null)
      : [referredColumn(table, known, reference.field)];
  const referred = reference.field === null ? '' : ` (${listed(columns!)})`;
  const column = table.column(field);
  return {
    name: foreignKeyName(table, field),
    column,
    oid,
    onDelete: ON_DELETE[reference.onDelete],
    targetColumns: columns,
    definition: `foreign key (${quote(column)}) references ${target}${referred} on delete ${reference.onDelete}`,
    exists: known !== undefined || oid !== null,
  };
}

/** The column of a field of another entity; of one that is not here only the name is known. */
function referredColumn(from: Table, known: Table | undefined, name: string): string {
  const field = known?.entity.fields.find((each) => each.name === name);
  return field === undefined ? columnName({ name, column: null } as FieldModel, from.naming) : known!.column(field);
}

/** Foreign keys of a table that is new: it has no rows that could take long. */
export async function newReferences(server: Server, each: Comparison, neighbours: Neighbours): Promise<void> {
  const { table } = each.wanted;
  for (const field of table.entity.fields) {
    if (field.references === null) continue;
    const wanted = await wantedReference(server, table, field, field.references, neighbours);
    each.findings.add('plainReference', {
      action: 'create',
      what: `foreign key ${wanted.name}`,
      up: [alterTable(table.sql, `add constraint ${quote(wanted.name)} ${wanted.definition}`)],
      down: [alterTable(table.sql, `drop constraint ${quote(wanted.name)}`)],
      transaction: true,
      warnings: missing(wanted, field.references),
    });
  }
}

export async function compareReferences(server: Server, each: Comparison, neighbours: Neighbours): Promise<void> {
  const { wanted, found } = each;
  const { table } = wanted;
  const used = new Set<FoundConstraint>();
  const keys = found.constraints.filter(({ kind }) => kind === 'f');
  for (const field of table.entity.fields) {
    if (field.references === null) continue;
    const reference = await wantedReference(server, table, field, field.references, neighbours);
    const there =
      keys.find((key) => key.target === reference.oid && sameSet(key.columns, [reference.column])) ??
      keys.find(({ name }) => name === reference.name);
    if (there !== undefined) used.add(there);
    compareReference(each, reference, there ?? null, neighbours, missing(reference, field.references));
  }
  for (const key of keys) if (!used.has(key)) strangeKey(each, key, isRetyped(each, key, neighbours));
}

function missing({ exists }: WantedReference, { entity }: Reference) {
  if (exists) return [];
  return [
    warning(
      'may-fail',
      `It fails while there is no table ${entity}: name its entity in the same call, or make it before.`,
    ),
  ];
}

function compareReference(
  each: Comparison,
  reference: WantedReference,
  there: FoundConstraint | null,
  neighbours: Neighbours,
  warnings: readonly ReturnType<typeof warning>[],
): void {
  const { findings, wanted } = each;
  const { sql } = wanted.table;
  const columns = reference.targetColumns;
  const moved =
    there !== null && columns !== null && there.target === reference.oid && !sameSet(there.targetColumns, columns);
  const stale = there !== null && (moved || isRetyped(each, there, neighbours));
  const what = `foreign key ${reference.name}`;
  if (there !== null && stale) {
    // Both sides change together: it makes way for them.
    findings.add('clear', {
      action: 'drop',
      what,
      up: [alterTable(sql, `drop constraint ${quote(there.name)}`)],
      down: [alterTable(sql, `add constraint ${quote(there.name)} ${definitionOf(there)}`)],
      transaction: true,
      warnings: [],
    });
    add(each, what, reference, null, warnings);
  } else if (there === null || there.onDelete !== reference.onDelete || there.target !== reference.oid) {
    add(each, what, reference, there, warnings);
  } else if (!there.valid) {
    const drop = `drop constraint ${quote(there.name)}`;
    findings.add('reference', {
      action: 'alter',
      what,
      up: [alterTable(sql, `validate constraint ${quote(there.name)}`)],
      down: [alterTable(sql, drop, `add constraint ${quote(there.name)} ${definitionOf(there)} not valid`)],
      transaction: !each.online,
      warnings: [FITS],
    });
  }
}

const FITS = warning('may-fail', 'It fails where a row refers to one that does not exist: look for them before.');

function add(
  { wanted, findings, online }: Comparison,
  what: string,
  { name, definition }: WantedReference,
  there: FoundConstraint | null,
  warnings: readonly ReturnType<typeof warning>[],
): void {
  const { sql } = wanted.table;
  const steps = (gone: string | null, made: string, as: string, proved: boolean): string[] => {
    const parts = gone === null ? [] : [`drop constraint ${quote(gone)}`];
    if (!online && proved) return [alterTable(sql, ...parts, `add constraint ${quote(made)} ${as}`)];
    const first = alterTable(sql, ...parts, `add constraint ${quote(made)} ${as} not valid`);
    return proved ? [first, alterTable(sql, `validate constraint ${quote(made)}`)] : [first];
  };
  findings.add('reference', {
    action: there === null ? 'create' : 'alter',
    what,
    up: steps(there?.name ?? null, name, definition, true),
    down:
      there === null
        ? [alterTable(sql, `drop constraint ${quote(name)}`)]
        : steps(name, there.name, definitionOf(there), there.valid),
    transaction: !online,
    warnings: [FITS, ...warnings],
  });
}

/** Whether a column on one of its sides gets another type: while it is there, both must have the same. */
function isRetyped({ found }: Comparison, key: FoundConstraint, { retyped }: Neighbours): boolean {
  const changes = (oid: number, columns: readonly string[]) =>
    columns.some((column) => retyped.get(oid)?.has(column) === true);
  return changes(found.oid, key.columns) || changes(key.target, key.targetColumns);
}

/** One that bears the name of a field's, though the field refers to nothing any more, was ours, and would refuse what the entity allows. */
function strangeKey({ wanted, findings }: Comparison, key: FoundConstraint, early: boolean): void {
  const { table } = wanted;
  const known = new Set(wanted.columns.map(({ name }) => name));
  if (key.columns.some((column) => !known.has(column))) return;
  if (!table.entity.fields.some((field) => foreignKeyName(table, field) === key.name)) {
    findings.foreign.push(`Foreign key ${key.name} of ${table.entity.name} belongs to no entity, and is kept.`);
    return;
  }
  findings.add(early ? 'clear' : 'drop', {
    action: 'drop',
    what: `foreign key ${key.name}`,
    up: [alterTable(table.sql, `drop constraint ${quote(key.name)}`)],
    down: [
      alterTable(table.sql, `add constraint ${quote(key.name)} ${definitionOf(key)}${key.valid ? '' : ' not valid'}`),
    ],
    transaction: true,
    warnings: [],
  });
}
