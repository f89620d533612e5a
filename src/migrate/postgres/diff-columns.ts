import type { FoundColumn, FoundConstraint } from '../../postgres/catalog.js';
import { addColumn, type WantedColumn } from '../../postgres/ddl.js';
import { quote } from '../../postgres/fields.js';
import { checkName } from '../../postgres/names.js';
import { identifier } from '../../schema/identifier.js';
import { alterTable, type Comparison, definitionOf, warning } from './diff-changes.js';
import { identity } from './diff-types.js';

/** Columns that are missing, what may be null, and who makes the values. */
export function compareColumns(each: Comparison): void {
  const { wanted, made, found } = each;
  for (const column of wanted.columns) {
    const there = found.columns.find(({ name }) => name === column.name);
    const { notNull } = made.columns.find(({ name }) => name === column.name)!;
    const isFilled = there === undefined && createColumn(each, column);
    if (notNull && there?.notNull !== true && !isFilled) refuseNull(each, column.name);
    if (there === undefined) continue;
    if (!notNull && there.notNull) allowNull(each, there);
    if (column.serial) serve(each, there);
  }
  for (const { name, definition } of wanted.generated) {
    if (!found.columns.some((column) => column.name === name)) addSearch(each, name, definition);
  }
}

/** Whether its rows have a value then. What must not be null and has none is made so when it has been filled. */
function createColumn({ wanted, findings }: Comparison, column: WantedColumn): boolean {
  const { table } = wanted;
  const { statements, filled } = addColumn(table, column, false);
  findings.add('column', {
    action: 'create',
    what: `column ${table.entity.name}.${column.name}`,
    up: statements,
    down: [alterTable(table.sql, `drop column ${quote(column.name)}`)],
    transaction: true,
    warnings: column.serial
      ? [
          warning(
            'blocks',
            'Every row is written anew to be given its number, and reads and writes of the table wait for it.',
          ),
        ]
      : [],
  });
  return filled;
}

function addSearch({ wanted, found, findings }: Comparison, name: string, definition: string): void {
  const { table } = wanted;
  findings.add('search', {
    action: 'create',
    what: `column ${table.entity.name}.${name}`,
    up: [alterTable(table.sql, `add column ${quote(name)} ${definition}`)],
    down: [alterTable(table.sql, `drop column ${quote(name)}`)],
    transaction: true,
    warnings: [
      warning(
        'blocks',
        `Every row is written anew to be given its words, and reads and writes of the table wait for it.${found.empty ? '' : ' There is no way around it: choose a quiet time.'}`,
      ),
    ],
  });
}

function temporaryName(each: Comparison, column: string): string {
  return identifier([each.wanted.table.entity.table, column], 'not_null');
}

/** The server takes a proved check for the proof that there is no null, so nobody waits while it looks at the rows. */
function refuseNull(each: Comparison, name: string): void {
  const { wanted, found, findings, online } = each;
  const { sql, entity } = wanted.table;
  const check = temporaryName(each, name);
  const left = found.constraints.some((constraint) => constraint.name === check);
  const column = quote(name);
  const steps = [
    alterTable(
      sql,
      ...(left ? [`drop constraint ${quote(check)}`] : []),
      `add constraint ${quote(check)} check (${column} is not null) not valid`,
    ),
    alterTable(sql, `validate constraint ${quote(check)}`),
    alterTable(sql, `alter column ${column} set not null`),
    alterTable(sql, `drop constraint ${quote(check)}`),
  ];
  findings.add('notNull', {
    action: 'alter',
    what: `column ${entity.name}.${name}`,
    up: online ? steps : [alterTable(sql, `alter column ${column} set not null`)],
    down: [alterTable(sql, `alter column ${column} drop not null`)],
    transaction: !online,
    warnings: [
      warning(
        'may-fail',
        `It fails while a row has no ${name}. Fill them before, in batches: \`update ${sql} set ${column} = … where ${column} is null and …\`.`,
      ),
    ],
  });
}

function allowNull({ wanted, found, findings }: Comparison, { name, identity: made }: FoundColumn): void {
  const { sql, entity } = wanted.table;
  const column = quote(name);
  const key = found.constraints.some(({ kind, columns }) => kind === 'p' && columns.includes(name));
  // An identity is never null: where null is allowed, a value is no longer made for every row.
  const drop = made === '' ? [] : [alterTable(sql, `alter column ${column} drop identity`)];
  findings.add(key ? 'loosen' : 'column', {
    action: 'alter',
    what: `column ${entity.name}.${name}`,
    up: [...drop, alterTable(sql, `alter column ${column} drop not null`)],
    down: [alterTable(sql, `alter column ${column} set not null`), ...(made === '' ? [] : identity(sql, name, made))],
    transaction: true,
    warnings: [],
  });
}

function serve({ wanted, findings }: Comparison, { name, identity: made, hasDefault }: FoundColumn): void {
  const { sql, entity } = wanted.table;
  const column = quote(name);
  if (hasDefault && made !== 'a') return;
  findings.add('identity', {
    action: 'alter',
    what: `column ${entity.name}.${name}`,
    up: made === 'a' ? [alterTable(sql, `alter column ${column} set generated by default`)] : identity(sql, name, 'd'),
    down: [alterTable(sql, `alter column ${column} ${made === 'a' ? 'set generated always' : 'drop identity'}`)],
    transaction: true,
    warnings: [],
  });
}

/** Checks by their names, compared as the server spells them. */
export function compareChecks(each: Comparison): void {
  const { wanted, made, found } = each;
  for (const check of wanted.checks) {
    const spelled = made.constraints.find(({ name }) => name === check.name)!;
    const there = found.constraints.find(({ name }) => name === check.name);
    if (there !== undefined && definitionOf(there) === definitionOf(spelled)) {
      if (!there.valid) proveCheck(each, there);
    } else {
      setCheck(each, check.name, `check (${check.sql})`, there ?? null);
    }
  }
  for (const there of found.constraints) if (there.kind === 'c') strangeCheck(each, there);
}

function proveCheck({ wanted, findings, online }: Comparison, there: FoundConstraint): void {
  const { sql } = wanted.table;
  const name = quote(there.name);
  findings.add('check', {
    action: 'alter',
    what: `check ${there.name}`,
    up: [alterTable(sql, `validate constraint ${name}`)],
    down: [alterTable(sql, `drop constraint ${name}`, `add constraint ${name} ${definitionOf(there)} not valid`)],
    transaction: !online,
    warnings: [FITS],
  });
}

const FITS = warning('may-fail', 'It fails where rows that are there break the rule: look for them before.');

function setCheck(
  { wanted, findings, online }: Comparison,
  name: string,
  definition: string,
  there: FoundConstraint | null,
): void {
  const { sql } = wanted.table;
  const drop = `drop constraint ${quote(name)}`;
  const steps = (parts: readonly string[], add: string, proved: boolean): string[] =>
    online || !proved
      ? [
          alterTable(sql, ...parts, `add constraint ${quote(name)} ${add} not valid`),
          ...(proved ? [alterTable(sql, `validate constraint ${quote(name)}`)] : []),
        ]
      : [alterTable(sql, ...parts, `add constraint ${quote(name)} ${add}`)];
  findings.add('check', {
    action: there === null ? 'create' : 'alter',
    what: `check ${name}`,
    up: steps(there === null ? [] : [drop], definition, true),
    down: there === null ? [alterTable(sql, drop)] : steps([drop], definitionOf(there), there.valid),
    transaction: !online,
    warnings: [FITS],
  });
}

/** A check that bears the name of a field's, though the field has no rule any more, was ours, and would refuse what the entity allows. */
function strangeCheck(each: Comparison, there: FoundConstraint): void {
  const { wanted, findings } = each;
  const { table } = wanted;
  if (wanted.checks.some(({ name }) => name === there.name)) return;
  const fields = [...new Set([...table.entity.fields, ...table.entity.paths.values()])];
  const known = new Set(wanted.columns.map(({ name }) => name));
  // It goes with its columns, or stays with them: they are told.
  if (there.columns.some((column) => !known.has(column))) return;
  const ours =
    fields.some((field) => checkName(table, field) === there.name) ||
    wanted.columns.some(({ name }) => temporaryName(each, name) === there.name);
  if (!ours) {
    findings.foreign.push(`Check ${there.name} of ${table.entity.name} belongs to no entity, and is kept.`);
    return;
  }
  // One that is left from making a column `not null` is used up by that.
  if (wanted.columns.some(({ name }) => temporaryName(each, name) === there.name && willRefuse(each, name))) return;
  findings.add('drop', {
    action: 'drop',
    what: `check ${there.name}`,
    up: [alterTable(table.sql, `drop constraint ${quote(there.name)}`)],
    down: [
      alterTable(
        table.sql,
        `add constraint ${quote(there.name)} ${definitionOf(there)}${there.valid ? '' : ' not valid'}`,
      ),
    ],
    transaction: true,
    warnings: [],
  });
}

function willRefuse({ made, found }: Comparison, name: string): boolean {
  const of = (columns: readonly FoundColumn[]) => columns.find((column) => column.name === name)?.notNull === true;
  return of(made.columns) && !of(found.columns);
}
