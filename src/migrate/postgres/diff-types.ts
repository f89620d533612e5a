import type { FoundColumn, FoundConstraint, FoundIndex, FoundTable } from '../../postgres/catalog.js';
import type { Wanted } from '../../postgres/ddl.js';
import { quote } from '../../postgres/fields.js';
import { checkName } from '../../postgres/names.js';
import type { Warning } from '../diff/types.js';
import { alterTable, besides, definitionOf, type Findings, type Server, warning } from './diff-changes.js';
import { COPY, columnSql, GENERATED, readCopy, storageOfCopy, typeSql } from './diff-copy.js';
import { conversions, isIntegerType, typeWarnings } from './type-change.js';

/** One column on its way to another type: what goes with it in the same statement. */
interface Retyping {
  readonly from: FoundColumn;
  readonly to: FoundColumn;
  /** Checks of ours that are about it: made anew, unproved, since proving them would take as long as looking at every row. */
  readonly checks: readonly FoundConstraint[];
  readonly wantedChecks: readonly { readonly name: string; readonly sql: string }[];
  readonly dropDefault: boolean;
  /** Indexes of ours that the server cannot carry over; they are missing then, and made again. */
  readonly indexes: readonly FoundIndex[];
}

/** Changes of types, tried on the copy, which then is as the table will be. */
export async function compareTypes(
  server: Server,
  wanted: Wanted,
  made: FoundTable,
  renamed: FoundTable,
  findings: Findings,
): Promise<FoundTable> {
  let found = renamed;
  for (const column of wanted.columns) {
    const to = made.columns.find(({ name }) => name === column.name)!;
    const from = found.columns.find(({ name }) => name === column.name);
    if (from === undefined || !isRetyped(from, to, column.collation !== null)) continue;
    await clearSearch(server, wanted, found, from.name, findings);
    found = await readCopy(server, found);
    await retype(server, wanted, found, from, column.collation === null ? { ...to, collate: null } : to, findings);
    found = await readCopy(server, found);
  }
  return found;
}

export function isRetyped(from: FoundColumn, to: FoundColumn, collated: boolean): boolean {
  return from.type !== to.type || (collated && from.collation !== to.collation);
}

/** A column that searches read is made of others: while it is there, their types are fixed. */
async function clearSearch(
  server: Server,
  { table }: Wanted,
  found: FoundTable,
  column: string,
  findings: Findings,
): Promise<void> {
  if (await server.allows([alterTable(COPY, `drop column ${quote(column)}`)])) return;
  for (const search of found.columns.filter(
    ({ name, generated }) => name.startsWith('~search_') && generated !== null,
  )) {
    const indexes = found.indexes.filter(({ reads, constraint }) => reads.includes(search.name) && !constraint);
    findings.add('clear', {
      action: 'drop',
      what: `column ${table.entity.name}.${search.name}`,
      up: [alterTable(table.sql, `drop column ${quote(search.name)}`)],
      down: [
        alterTable(table.sql, `add column ${columnSql(search)}`),
        ...indexes.map(({ name, body }) => `create index ${quote(name)} on ${table.sql} ${body}`),
      ],
      transaction: true,
      warnings: [
        warning('breaks-readers', 'Searches of programs that run now fail: the column that they read is gone.'),
      ],
    });
    await server.run(alterTable(COPY, `drop column ${quote(search.name)}`));
  }
}

async function retype(
  server: Server,
  wanted: Wanted,
  found: FoundTable,
  from: FoundColumn,
  to: FoundColumn,
  findings: Findings,
): Promise<void> {
  const { table } = wanted;
  const where = `${table.entity.name}.${from.name}`;
  const own = new Set([...table.entity.fields, ...table.entity.paths.values()].map((field) => checkName(table, field)));
  const checks = found.constraints.filter(
    ({ kind, name, columns }) => kind === 'c' && own.has(name) && columns.includes(from.name),
  );
  const wantedChecks = wanted.checks.filter(({ name }) => checks.some((check) => check.name === name));
  const indexes = found.indexes.filter(
    ({ name, constraint, reads }) =>
      !constraint && reads.includes(from.name) && wanted.indexes.some((index) => index.name === name),
  );
  const tries: Retyping[] = [];
  for (const lost of [[], indexes]) {
    for (const dropDefault of [false, from.default !== null])
      tries.push({ from, to, checks, wantedChecks, dropDefault, indexes: lost });
  }
  const before = await storageOfCopy(server);
  for (const retyping of tries) {
    for (const using of conversions(from.name, from.type, to.type)) {
      const done = await server.attempt(
        forth(retyping, using, COPY, (name) => `pg_temp.${quote(name)}`),
        async () => {
          const after = await storageOfCopy(server);
          return { rewrites: written(before, after), back: await wayBack(server, retyping) };
        },
      );
      if (done === null) continue;
      findings.add('type', {
        action: 'alter',
        what: `column ${where}`,
        up: [...forth(retyping, using, table.sql, (name) => besides(table, name)), ...sequenceSql(from, to, to.type)],
        down:
          done.back === null
            ? null
            : [...sequenceSql(from, to, from.type), ...back(retyping, done.back.using, table.sql)],
        transaction: true,
        warnings: [
          ...typeWarnings(where, from, to, done.rewrites),
          ...(using === conversions(from.name, from.type, to.type).at(-1) && from.type !== to.type
            ? [THROUGH_TEXT]
            : []),
        ],
      });
      return;
    }
  }
  // Nobody can tell what it becomes then; the rest is compared as if it had been done.
  findings.add('type', {
    action: 'alter',
    what: `column ${where}`,
    up: [alterTable(table.sql, `alter column ${quote(from.name)} type ${typeSql(to)}`)],
    down: null,
    transaction: true,
    warnings: [
      warning(
        'may-fail',
        `The server knows no way from \`${from.type}\` to \`${to.type}\`, or something that is not ours stands on ${where}: write the statement by hand.`,
      ),
    ],
  });
}

const THROUGH_TEXT: Warning = warning(
  'may-fail',
  'The server knows no conversion, so values go through their text: say a better way behind `using`.',
);

type Storage = { readonly heap: string; readonly indexes: string };

function written(before: Storage, after: Storage): 'rows' | 'indexes' | 'nothing' {
  if (before.heap !== after.heap) return 'rows';
  return before.indexes === after.indexes ? 'nothing' : 'indexes';
}

/** The conversion that leads back; it is tried, and the copy stays as it is. */
async function wayBack(server: Server, retyping: Retyping): Promise<{ readonly using: string | null } | null> {
  for (const using of conversions(retyping.from.name, retyping.to.type, retyping.from.type)) {
    if (await server.allows(back(retyping, using, COPY))) return { using };
  }
  return null;
}

function forth(
  { from, to, checks, wantedChecks, dropDefault, indexes }: Retyping,
  using: string | null,
  sql: string,
  named: (name: string) => string,
): string[] {
  const column = quote(from.name);
  const parts = checks.map(({ name }) => `drop constraint ${quote(name)}`);
  if (dropDefault) parts.push(`alter column ${column} drop default`);
  parts.push(`alter column ${column} type ${typeSql(to)}${using === null ? '' : ` using ${using}`}`);
  for (const check of wantedChecks) parts.push(`add constraint ${quote(check.name)} check (${check.sql}) not valid`);
  const before = indexes.map(({ name }) => `drop index ${named(name)}`);
  if (from.identity !== '' && !isIntegerType(to.type))
    before.push(alterTable(sql, `alter column ${column} drop identity`));
  return [...before, alterTable(sql, ...parts)];
}

function back(
  { from, to, checks, wantedChecks, dropDefault, indexes }: Retyping,
  using: string | null,
  sql: string,
): string[] {
  const column = quote(from.name);
  const parts = wantedChecks.map(({ name }) => `drop constraint ${quote(name)}`);
  parts.push(
    `alter column ${column} type ${from.collate === null && to.collate !== null && isCollated(from) ? `${from.type} collate "default"` : typeSql(from)}${using === null ? '' : ` using ${using}`}`,
  );
  if (dropDefault) parts.push(`alter column ${column} set default ${from.default}`);
  for (const check of checks) {
    const state = check.valid ? '' : ' not valid';
    parts.push(`add constraint ${quote(check.name)} ${definitionOf(check)}${state}`);
  }
  const statements = [alterTable(sql, ...parts)];
  if (from.identity !== '' && !isIntegerType(to.type)) statements.push(...identity(sql, from.name, from.identity));
  for (const { name, unique, body } of indexes)
    statements.push(`create ${unique ? 'unique ' : ''}index ${quote(name)} on ${sql} ${body}`);
  return statements;
}

/** The sequence of a `serial` column ends where its own type does. That of an identity goes with its column. */
function sequenceSql(from: FoundColumn, to: FoundColumn, type: string): string[] {
  const sequence = /^nextval\('(.+)'::regclass\)$/.exec(from.default ?? '')?.[1]?.replaceAll("''", "'");
  return sequence !== undefined && from.type !== to.type && isIntegerType(from.type) && isIntegerType(to.type)
    ? [`alter sequence ${sequence} as ${type}`]
    : [];
}

function isCollated({ collation }: FoundColumn): boolean {
  return collation !== null;
}

/** The server makes the values from now on, past those that are there. */
export function identity(sql: string, name: string, when: 'a' | 'd'): string[] {
  const column = quote(name);
  const sequence = `pg_get_serial_sequence('${sql.replaceAll("'", "''")}', '${name.replaceAll("'", "''")}')`;
  return [
    alterTable(sql, `alter column ${column} add generated ${GENERATED[when]} as identity`),
    `select setval(${sequence}, coalesce(max(${column}), 0) + 1, false) from ${sql}`,
  ];
}
