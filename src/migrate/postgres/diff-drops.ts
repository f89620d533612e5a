import type { FoundColumn, FoundConstraint, FoundTable } from '../../postgres/catalog.js';
import type { Wanted } from '../../postgres/ddl.js';
import { quote } from '../../postgres/fields.js';
import { foreignKeyName } from '../../postgres/names.js';
import { alterTable, type Comparison, definitionOf, type Findings, type Server, warning } from './diff-changes.js';
import { columnSql, commentSql, tableStatements } from './diff-copy.js';
import { tableSql } from './diff-renames.js';

/** Columns that no field has. */
export function compareStrangers(each: Comparison): void {
  const { wanted, found, findings, drop } = each;
  const label = wanted.table.entity.name;
  const own = new Set([...wanted.columns, ...wanted.generated].map(({ name }) => name));
  const strange = found.columns.filter(({ name }) => !own.has(name));
  if (drop && strange.length > 0) {
    dropColumns(each, strange);
    return;
  }
  for (const { name, notNull, hasDefault, generated } of strange) {
    const fails = notNull && !hasDefault ? ', refuses null and has no default: inserts will fail' : '';
    const what = generated !== null && name.startsWith('~search_') ? 'is what an earlier search read' : 'is no field';
    findings.foreign.push(`Column ${label}.${name} ${what}${fails}; \`drop\` takes it away.`);
  }
}

/** Names of ours: what bears one is as wanted when the columns go. */
function wantedNames({ table, key, checks, indexes }: Wanted): ReadonlySet<string> {
  const references = table.entity.fields.filter((field) => field.references !== null);
  return new Set([
    ...(key === null ? [] : [key.name]),
    ...checks.map(({ name }) => name),
    ...indexes.map(({ name }) => name),
    ...references.map((field) => foreignKeyName(table, field)),
  ]);
}

function dropColumns({ wanted, found, findings }: Comparison, columns: readonly FoundColumn[]): void {
  const { sql, entity } = wanted.table;
  const gone = new Set(columns.map(({ name }) => name));
  // What is generated goes first, and comes back last: it may read the others.
  const order = [...columns].sort((a, b) => Number(b.generated !== null) - Number(a.generated !== null));
  const names = wantedNames(wanted);
  const constraints = found.constraints.filter(
    ({ name, kind, columns: on }) =>
      !names.has(name) && !(kind === 'p' && wanted.key !== null) && on.some((column) => gone.has(column)),
  );
  const indexes = found.indexes.filter(
    ({ name, reads, constraint, valid }) =>
      !names.has(name) && !constraint && valid && reads.some((column) => gone.has(column)),
  );
  const back = [...order].reverse().map((column) => `add column ${columnSql(column, keepsNotNull(column))}`);
  const first = constraints.filter(({ kind }) => kind !== 'f');
  const warnings = columns.some(({ generated }) => generated === null)
    ? [
        warning(
          'destroys',
          `The values are gone for good: the way back makes the column${columns.length > 1 ? 's' : ''} empty.`,
        ),
      ]
    : [];
  const emptied = columns.filter((column) => column.notNull && !keepsNotNull(column)).map(({ name }) => name);
  if (emptied.length > 0)
    warnings.push(
      warning(
        'destroys',
        `The way back lets ${emptied.join(', ')} be null, because there are no values: fill and then \`set not null\` by hand.`,
      ),
    );
  warnings.push(
    warning('breaks-readers', 'Programs that run now may name them: let them go only when nobody does any more.'),
  );
  findings.add('drop', {
    action: 'drop',
    what: `column${columns.length > 1 ? 's' : ''} ${columns.map(({ name }) => `${entity.name}.${name}`).join(', ')}`,
    up: [alterTable(sql, ...order.map(({ name }) => `drop column ${quote(name)}`))],
    down: [
      alterTable(sql, ...back),
      ...columns.flatMap(({ name, comment }) => (comment === null ? [] : [commentSql(sql, name, comment)])),
      ...[...first, ...constraints.filter(({ kind }) => kind === 'f')].map((each) => constraintSql(sql, each)),
      ...indexes.map(
        ({ name, unique, body }) => `create ${unique ? 'unique ' : ''}index ${quote(name)} on ${sql} ${body}`,
      ),
    ],
    transaction: true,
    warnings,
  });
}

/** Whether every row has a value when the column comes back. */
function keepsNotNull({ notNull, hasDefault, generated }: FoundColumn): boolean {
  return notNull && (hasDefault || generated !== null);
}

function constraintSql(sql: string, constraint: FoundConstraint): string {
  const state = constraint.valid ? '' : ' not valid';
  return alterTable(sql, `add constraint ${quote(constraint.name)} ${definitionOf(constraint)}${state}`);
}

/** Tables that are to go, by name; one that is not there does not matter. */
export async function dropTables(server: Server, names: readonly string[], findings: Findings): Promise<void> {
  for (const name of names) {
    const dot = name.indexOf('.');
    const sql = tableSql(dot < 0 ? null : name.slice(0, dot), name.slice(dot + 1));
    const found = await server.read(sql);
    if (found === null) continue;
    findings.add('dropTable', {
      action: 'drop',
      what: `table ${name}`,
      up: [`drop table ${sql}`],
      down: [...tableStatements(found, sql), ...references(found).map((each) => constraintSql(sql, each))],
      transaction: true,
      warnings: [
        warning('destroys', 'The rows are gone for good: the way back makes the table empty.'),
        warning('breaks-readers', 'Programs that run now may use it: let it go only when nobody does any more.'),
      ],
    });
  }
}

function references({ constraints }: FoundTable): readonly FoundConstraint[] {
  return constraints.filter(({ kind }) => kind === 'f');
}
