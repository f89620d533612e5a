import { atomically } from '../../postgres/atomically.js';
import { type FoundTable, rowsOf } from '../../postgres/catalog.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import { createTable, type Wanted, wantedOf } from '../../postgres/ddl.js';
import { quote, type Table } from '../../postgres/fields.js';
import { undone } from '../../postgres/shadow.js';
import type { EntityModel } from '../../schema/model.js';
import type { DiffOptions, RenameQuestion, SchemaDiff } from '../diff/types.js';
import { type Comparison, Findings, Server } from './diff-changes.js';
import { compareChecks, compareColumns } from './diff-columns.js';
import { onCopy, readCopy, readWanted } from './diff-copy.js';
import { compareStrangers, dropTables } from './diff-drops.js';
import { compareIndexes, compareKey } from './diff-indexes.js';
import { columnQuestions, tableQuestions } from './diff-questions.js';
import { compareReferences, newReferences } from './diff-references.js';
import { derivedNames, parseRenames, type Renames, renameParts, renameTable, tableSql } from './diff-renames.js';
import { compareTypes, isRetyped } from './diff-types.js';

export interface PostgresDiffOptions extends DiffOptions {
  /** Whether the changes let others work meanwhile, in several steps where it must be; else each is one step, in a transaction. */
  readonly online: boolean;
}

/** What differs between the entities and the database. It only reads: what it tries, it tries on empty temporary tables. */
export async function diffPostgres(
  database: PostgresDatabase,
  models: readonly EntityModel[],
  options: PostgresDiffOptions,
): Promise<SchemaDiff<string>> {
  return database['~onTables'](
    models,
    (session, tables, deadline) =>
      atomically(session, deadline, () => diffTables(new Server(session, deadline), tables, options)),
    {},
  );
}

/** In a transaction that is open. */
export function diffTables(
  server: Server,
  tables: readonly Table[],
  options: PostgresDiffOptions,
): Promise<SchemaDiff<string>> {
  return undone(server.session, server.deadline, () => new PostgresDiff(server, tables, options).run());
}

const NAME = '(?:"(?:[^"]|"")+"|[^\\s"(),.]+)';
const REFERENCE = new RegExp(`^FOREIGN KEY \\([^)]*\\) REFERENCES ((?:${NAME}\\.)?${NAME})\\([^)]*\\)`);

/** A table of an entity, as it was found; null: it is not there. */
interface Subject {
  readonly table: Table;
  readonly wanted: Wanted;
  readonly made: FoundTable;
  readonly found: FoundTable | null;
  readonly renames: Renames;
}

class PostgresDiff {
  readonly #server: Server;
  readonly #tables: readonly Table[];
  readonly #options: PostgresDiffOptions;
  readonly #findings = new Findings();

  constructor(server: Server, tables: readonly Table[], options: PostgresDiffOptions) {
    this.#server = server;
    this.#tables = tables;
    this.#options = options;
  }

  async run(): Promise<SchemaDiff<string>> {
    const renames = parseRenames(this.#options.renames ?? {}, this.#tables);
    await this.#schemas();
    const subjects: Subject[] = [];
    for (const table of this.#tables) subjects.push(await this.#find(table, renames.get(table.entity.name)!));
    const comparisons: { readonly comparison: Comparison; readonly fresh: boolean }[] = [];
    for (const subject of subjects) {
      const found = subject.found === null ? null : await this.#settled(subject, subject.found, subjects);
      comparisons.push({ comparison: this.#comparison(subject, found), fresh: found === null });
    }
    const neighbours = {
      tables: this.#tables,
      oids: new Map(subjects.map(({ table, found }) => [table.entity.name, found?.oid ?? null])),
      retyped: new Map(
        subjects.flatMap(({ found, ...rest }) => (found === null ? [] : [[found.oid, retyped({ found, ...rest })]])),
      ),
    };
    const answered = new Set(Object.keys(this.#options.renames ?? {}));
    const questions: RenameQuestion[] = [];
    for (const { comparison, fresh } of comparisons) {
      if (fresh) {
        this.#create(comparison);
        await newReferences(this.#server, comparison, neighbours);
      } else {
        compareColumns(comparison);
        compareChecks(comparison);
        compareKey(comparison);
        compareIndexes(comparison);
        await compareReferences(this.#server, comparison, neighbours);
        compareStrangers(comparison);
        questions.push(...columnQuestions(comparison, answered));
      }
    }
    const dropped = this.#options.dropTables ?? [];
    await dropTables(this.#server, dropped, this.#findings);
    const fresh = subjects.filter(({ found }) => found === null);
    const known = new Set([...dropped, ...answered]);
    questions.push(...(await tableQuestions(this.#server, fresh, this.#tables, known)));
    return { changes: this.#findings.changes, foreign: this.#findings.foreign, questions };
  }

  async #schemas(): Promise<void> {
    for (const schema of new Set(this.#tables.map(({ entity }) => entity.schema))) {
      if (schema === null) continue;
      const { session, deadline } = this.#server;
      const text = 'select 1 from pg_namespace where nspname = $1::text';
      if ((await rowsOf(session, deadline, text, [schema])).length > 0) continue;
      this.#findings.add('schema', {
        action: 'create',
        what: `schema ${schema}`,
        up: [`create schema ${quote(schema)}`],
        down: [`drop schema ${quote(schema)}`],
        transaction: true,
        warnings: [],
      });
    }
  }

  async #find(table: Table, renames: Renames): Promise<Subject> {
    const { from } = renames;
    const there = await this.#server.read(table.sql);
    const before = there === null && from !== null ? await this.#server.read(tableSql(from.schema, from.table)) : null;
    if (before !== null) renameTable(table, from!, this.#findings);
    const made = await readWanted(this.#server, table);
    return { table, wanted: wantedOf(table), made, found: there ?? before, renames };
  }

  /** The table as it is when renames and changes of types are done. */
  async #settled(subject: Subject, found: FoundTable, all: readonly Subject[]): Promise<FoundTable> {
    const { table, wanted, made, renames } = subject;
    const respelled = respellReferences(found, subject, all);
    const renaming = renames.from !== null || renames.columns.size > 0;
    if (!renaming && retyped({ ...subject, found }).size === 0) return respelled;
    return onCopy(this.#server, found, async () => {
      await renameParts(this.#server, table, renames, found, this.#findings);
      const renamed = await readCopy(this.#server, respelled);
      return compareTypes(this.#server, wanted, made, renamed, this.#findings);
    });
  }

  #comparison({ wanted, made }: Subject, found: FoundTable | null): Comparison {
    return {
      wanted,
      made,
      found: found ?? made,
      online: this.#options.online && found?.partitioned === false,
      drop: this.#options.drop ?? false,
      findings: this.#findings,
    };
  }

  /** Nobody uses it yet, so nothing has to be done with care. */
  #create({ wanted, findings }: Comparison): void {
    const { sql, entity } = wanted.table;
    findings.add('create', {
      action: 'create',
      what: `table ${entity.name}`,
      up: [createTable(wanted, 'lines'), ...wanted.indexes.map((index) => index.sql)],
      down: [`drop table ${sql}`],
      transaction: true,
      warnings: [],
    });
  }
}

/** The columns, by their new names, that get another type. */
function retyped({ wanted, made, found, renames }: Subject & { readonly found: FoundTable }): ReadonlySet<string> {
  const changed = wanted.columns.filter(({ name, collation }) => {
    const old = renames.columns.get(name);
    const from =
      found.columns.find((column) => column.name === name) ?? found.columns.find((column) => column.name === old);
    return (
      from !== undefined && isRetyped(from, made.columns.find((column) => column.name === name)!, collation !== null)
    );
  });
  return new Set(changed.map(({ name }) => name));
}

/** Foreign keys with the names that tables and columns have when the renames are done. */
function respellReferences(found: FoundTable, subject: Subject, all: readonly Subject[]): FoundTable {
  const newNames = ({ renames, found: table }: Subject) =>
    new Map(
      [...renames.columns]
        .filter(([to]) => !table!.columns.some(({ name }) => name === to))
        .map(([to, old]) => [old, to]),
    );
  if (all.every(({ renames }) => renames.from === null && renames.columns.size === 0)) return found;
  const own = newNames(subject);
  const names = new Map(
    derivedNames(subject.table, subject.renames.from, subject.renames.columns)
      .filter(({ to }) => !found.constraints.some((constraint) => constraint.name === to))
      .map(({ old, to }) => [old, to]),
  );
  const constraints = found.constraints.map((constraint) => {
    if (constraint.kind !== 'f') return constraint;
    const target = all.find((each) => each.found?.oid === constraint.target);
    const theirs = target === undefined ? new Map<string, string>() : newNames(target);
    const columns = constraint.columns.map((column) => own.get(column) ?? column);
    const targetColumns = constraint.targetColumns.map((column) => theirs.get(column) ?? column);
    const definition = constraint.definition.replace(REFERENCE, (_all, table: string) => {
      const list = (names: readonly string[]) => names.map(quote).join(', ');
      return `FOREIGN KEY (${list(columns)}) REFERENCES ${target?.table.sql ?? table}(${list(targetColumns)})`;
    });
    const name = names.get(constraint.name) ?? constraint.name;
    return { ...constraint, name, columns, targetColumns, definition };
  });
  return { ...found, constraints };
}
