import type { Deadline } from '../core/deadline.js';
import type { SchemaReport } from '../query/command.js';
import type { FieldModel, Reference } from '../schema/model.js';
import { capital } from '../util/text.js';
import { atomically } from './atomically.js';
import { type FoundConstraint, type FoundTable, oidOf, readTable, rowsOf, sameSet } from './catalog.js';
import {
  addColumn,
  columnDefinition,
  createTable,
  type Wanted,
  type WantedColumn,
  type WantedIndex,
  wantedOf,
} from './ddl.js';
import type { WantedCheck } from './ddl-checks.js';
import { plain } from './exchange.js';
import { columnName, quote, type Table } from './fields.js';
import { foreignKeyName } from './names.js';
import type { Session } from './session.js';
import { undone } from './shadow.js';

/** Any number of ours alone, so that two processes that start together take turns. */
export const SCHEMA_LOCK: string = '7377263849102647';

/** Makes what is missing, in one transaction; what differs or cannot be made is told, and left alone. */
export async function ensureSchema(
  session: Session,
  tables: readonly Table[],
  deadline: Deadline,
): Promise<SchemaReport> {
  return atomically(session, deadline, async () => {
    await rowsOf(session, deadline, 'select pg_advisory_xact_lock($1::int8)', [SCHEMA_LOCK]);
    return new SchemaWork(session, deadline).run(tables);
  });
}

const ON_DELETE: Readonly<Record<Reference['onDelete'], string>> = { cascade: 'c', restrict: 'r', 'set null': 'n' };

class SchemaWork {
  readonly #session: Session;
  readonly #deadline: Deadline;
  readonly #created: string[] = [];
  readonly #drift: string[] = [];

  constructor(session: Session, deadline: Deadline) {
    this.#session = session;
    this.#deadline = deadline;
  }

  async run(tables: readonly Table[]): Promise<SchemaReport> {
    for (const table of tables) await this.#table(wantedOf(table));
    for (const table of tables) {
      for (const field of table.entity.fields)
        if (field.references !== null) await this.#reference(table, field, field.references, tables);
    }
    return { created: this.#created, drift: this.#drift };
  }

  async #run(sql: string): Promise<void> {
    await this.#session.run(plain(sql), this.#deadline);
  }

  async #make(what: string, sql: string): Promise<void> {
    await this.#run(sql);
    this.#created.push(what);
  }

  /** Makes it unless the rows that are there forbid it. */
  async #try(what: string, sql: string): Promise<void> {
    await this.#run('savepoint trivet');
    try {
      await this.#make(what, sql);
      await this.#run('release savepoint trivet');
    } catch (error) {
      const { code } = error as { readonly code?: string };
      // Not null, foreign key, unique, check: rows. The others: a column of another type, or another thing of that name.
      if (
        !['23502', '23503', '23505', '23514', '42804', '42883', '42830', '42P07', '42710', '42704'].includes(code ?? '')
      )
        throw error;
      await this.#run('rollback to savepoint trivet');
      const why = code!.startsWith('23')
        ? 'rows that are there break it'
        : 'the tables do not fit it, or something else has its name';
      this.#drift.push(`${capital(what)} could not be made: ${why} (${code}).`);
    }
  }

  async #table(wanted: Wanted): Promise<void> {
    const { table } = wanted;
    const { schema, name } = table.entity;
    if (schema !== null) {
      const [row] = await rowsOf<{ found: boolean }>(
        this.#session,
        this.#deadline,
        'select exists(select 1 from pg_namespace where nspname = $1::text) as found',
        [schema],
      );
      if (!row!.found) await this.#make(`schema ${schema}`, `create schema ${quote(schema)}`);
    }
    const found = await readTable(this.#session, this.#deadline, table.sql);
    if (found === null) {
      await this.#make(`table ${name}`, createTable(wanted));
      for (const index of wanted.indexes) await this.#make(`index ${index.name}`, index.sql);
      return;
    }
    const fitting = new Set<string>();
    for (const column of wanted.columns) if (await this.#column(wanted, column, found)) fitting.add(column.name);
    for (const { name: column, definition } of wanted.generated) {
      if (found.columns.some((each) => each.name === column)) continue;
      await this.#try(`column ${name}.${column}`, `alter table ${table.sql} add column ${quote(column)} ${definition}`);
    }
    this.#strangers(wanted, found);
    await this.#key(wanted, found);
    await this.#checks(wanted, found, fitting);
    for (const index of wanted.indexes) if (!hasIndex(found, index)) await this.#try(`index ${index.name}`, index.sql);
  }

  /** Whether the column is there with the wanted type. */
  async #column({ table }: Wanted, column: WantedColumn, found: FoundTable): Promise<boolean> {
    const where = `${table.entity.name}.${column.name}`;
    const there = found.columns.find((each) => each.name === column.name);
    if (there === undefined) {
      const { statements, filled } = addColumn(table, column, found.empty);
      for (const sql of statements) await this.#run(sql);
      this.#created.push(`column ${where}`);
      if (column.notNull && !filled) this.#drift.push(nullSentence(where));
      return true;
    }
    if (there.type !== column.type)
      this.#drift.push(`Column ${where} is \`${there.type}\`, the entity wants \`${column.type}\`.`);
    else if (column.collation !== null && there.collation !== column.collation) {
      this.#drift.push(
        `Column ${where} does not have \`collate "C"\`: give the entity \`collation: 'column'\`, or order and startsWith() may differ.`,
      );
    }
    if (column.notNull && !there.notNull) this.#drift.push(nullSentence(where));
    if (!column.notNull && there.notNull) this.#drift.push(`Column ${where} refuses null, the entity allows it.`);
    if (column.serial && !there.hasDefault)
      this.#drift.push(`Column ${where} has no default, the entity leaves its value to the server.`);
    return there.type === column.type;
  }

  /** Columns that no field fills, though they must be filled. */
  #strangers({ table, columns }: Wanted, found: FoundTable): void {
    const own = new Set(columns.map((column) => column.name));
    for (const { name, notNull, hasDefault } of found.columns) {
      if (own.has(name) || !notNull || hasDefault) continue;
      this.#drift.push(
        `Column ${table.entity.name}.${name} refuses null and has no default, and the entity has no such field: inserts will fail.`,
      );
    }
  }

  async #key({ table, key }: Wanted, found: FoundTable): Promise<void> {
    if (key === null) return;
    const there = found.constraints.find((each) => each.kind === 'p');
    if (there === undefined) {
      await this.#try(
        `key ${key.name}`,
        `alter table ${table.sql} add constraint ${quote(key.name)} primary key (${key.columns.map(quote).join(', ')})`,
      );
    } else if (!sameSet(there.columns, key.columns)) {
      this.#drift.push(
        `The primary key of ${table.entity.name} is (${there.columns.join(', ')}), the entity wants (${key.columns.join(', ')}).`,
      );
    }
  }

  async #checks(wanted: Wanted, found: FoundTable, fitting: ReadonlySet<string>): Promise<void> {
    const present: [WantedCheck, FoundConstraint][] = [];
    for (const check of wanted.checks) {
      if (!fitting.has(check.column)) continue;
      const there = found.constraints.find((each) => each.name === check.name);
      if (there !== undefined) present.push([check, there]);
      else {
        const sql = `alter table ${wanted.table.sql} add constraint ${quote(check.name)} check (${check.sql})`;
        await this.#try(`check ${check.name}`, sql);
      }
    }
    if (present.length > 0) await this.#compare(wanted, present);
  }

  /** The server stores a check in a spelling of its own: only another check that it has read can be compared with it. */
  async #compare({ table, columns }: Wanted, present: readonly [WantedCheck, FoundConstraint][]): Promise<void> {
    const parts = columns.map((column) => columnDefinition({ ...column, serial: false }, false));
    for (const [check] of present) parts.push(`constraint ${quote(check.name)} check (${check.sql})`);
    let made: FoundTable;
    try {
      made = await undone(this.#session, this.#deadline, async () => {
        await this.#run(`create temporary table trivet_wanted (${parts.join(', ')})`);
        return (await readTable(this.#session, this.#deadline, 'pg_temp.trivet_wanted'))!;
      });
    } catch (error) {
      // A user who may not make temporary tables goes without the comparison.
      if ((error as { readonly code?: string }).code === '42501') return;
      throw error;
    }
    for (const [check, there] of present) {
      const { definition } = made.constraints.find((each) => each.name === check.name)!;
      if (there.definition !== definition) {
        this.#drift.push(
          `Check ${check.name} of ${table.entity.name} is \`${there.definition}\`, the entity wants \`${definition}\`.`,
        );
      }
    }
  }

  async #reference(table: Table, field: FieldModel, reference: Reference, tables: readonly Table[]): Promise<void> {
    const name = foreignKeyName(table, field);
    const known = tables.find((each) => each.entity.name === reference.entity);
    const target = known?.sql ?? reference.entity.split('.').map(quote).join('.');
    const oid = await oidOf(this.#session, this.#deadline, target);
    if (oid === null) {
      this.#drift.push(
        `Foreign key ${name} was not made: the table ${reference.entity} does not exist. Make its entity in the same call, or before.`,
      );
      return;
    }
    const column = table.column(field);
    const found = await readTable(this.#session, this.#deadline, table.sql);
    const there = found!.constraints.find(
      (each) => each.kind === 'f' && each.target === oid && sameSet(each.columns, [column]),
    );
    if (there !== undefined) {
      if (there.onDelete !== ON_DELETE[reference.onDelete]) {
        this.#drift.push(
          `Foreign key ${there.name} of ${table.entity.name} does something else on delete than \`${reference.onDelete}\`.`,
        );
      }
      return;
    }
    const referred = reference.field === null ? '' : ` (${quote(referredColumn(table, known, reference.field))})`;
    await this.#try(
      `foreign key ${name}`,
      `alter table ${table.sql} add constraint ${quote(name)} foreign key (${quote(column)}) references ${target}${referred} on delete ${reference.onDelete}`,
    );
  }
}

/** The column of a field of another entity; of one that is not here only the name is known. */
function referredColumn(from: Table, known: Table | undefined, name: string): string {
  const field = known?.entity.fields.find((each) => each.name === name);
  return field === undefined ? columnName({ name, column: null } as FieldModel, from.naming) : known!.column(field);
}

function hasIndex(found: FoundTable, index: WantedIndex): boolean {
  return found.indexes.some(
    (each) =>
      each.valid &&
      (each.name === index.name ||
        (index.columns !== null &&
          each.unique &&
          each.partial === index.partial &&
          each.columns.every((column) => column !== null) &&
          sameSet(each.columns as readonly string[], index.columns))),
  );
}

function nullSentence(where: string): string {
  return `Column ${where} allows null, the entity does not: fill it, then \`alter table … alter column … set not null\`.`;
}
