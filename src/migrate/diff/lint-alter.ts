import type { LintRule } from './lint-rules.js';
import { holds, partsOf, type SqlWord, WordReader } from './sql-words.js';

/** What a part of `alter table` does. */
export interface AlterFinding {
  readonly rule: LintRule;
  readonly what: string;
}

interface Read {
  readonly findings: readonly AlterFinding[];
  /** Whether nobody else may even read the table until the transaction ends. */
  readonly locks: boolean;
}

/** Functions that give one value for the whole statement: the server keeps it beside the rows. */
const STABLE: ReadonlySet<string> = new Set([
  'NOW',
  'TRANSACTION_TIMESTAMP',
  'STATEMENT_TIMESTAMP',
  'CURRENT_SETTING',
  'TO_JSONB',
  'JSONB_BUILD_OBJECT',
  'JSONB_BUILD_ARRAY',
  'LOWER',
  'UPPER',
  'COALESCE',
  'MAKE_INTERVAL',
]);

const SERIAL: ReadonlySet<string> = new Set(['SERIAL', 'BIGSERIAL', 'SMALLSERIAL', 'SERIAL4', 'SERIAL8', 'SERIAL2']);

/** Reads the parts of `alter table`, and remembers what was added unproved, and what was proved. */
export class AlterTableLint {
  /** Constraints, as `table.name`, that were added `not valid`; with the column when they say that it is not null. */
  readonly #unproved = new Map<string, string | null>();
  /** Columns, as `table.column`, that are proved to have no null. */
  readonly #proved = new Set<string>();
  #findings: AlterFinding[] = [];
  #locks = false;

  read(table: string, words: readonly SqlWord[], transaction: boolean): Read {
    this.#findings = [];
    this.#locks = false;
    for (const part of partsOf(words)) this.#part(table, new WordReader(part), part, transaction);
    return { findings: this.#findings, locks: this.#locks };
  }

  #find(rule: LintRule, what: string): void {
    this.#findings.push({ rule, what });
  }

  #part(table: string, reader: WordReader, part: readonly SqlWord[], transaction: boolean): void {
    if (reader.take('VALIDATE', 'CONSTRAINT')) {
      this.#validate(table, `${table}.${reader.name()}`, transaction);
      return;
    }
    const foreignKey = holds(part, 'FOREIGN', 'KEY');
    // A foreign key waits for writers alone.
    if (!(reader.take('ADD') && foreignKey)) this.#locks = true;
    if (part[0]?.text === 'ADD') this.#add(table, reader, part);
    else if (reader.take('DROP', 'CONSTRAINT')) return;
    else if (reader.take('DROP')) {
      reader.take('COLUMN');
      reader.take('IF', 'EXISTS');
      this.#find('drop-column', `${table}.${reader.name()}`);
    } else if (reader.take('RENAME', 'CONSTRAINT')) return;
    else if (reader.take('RENAME', 'TO')) this.#find('rename', table);
    else if (reader.take('RENAME')) {
      reader.take('COLUMN');
      this.#find('rename', `${table}.${reader.name()}`);
    } else if (reader.take('SET', 'SCHEMA')) this.#find('rename', table);
    else if (reader.take('SET', 'TABLESPACE') || reader.take('SET', 'LOGGED') || reader.take('SET', 'UNLOGGED'))
      this.#find('rewrite', table);
    else if (reader.take('ALTER')) this.#column(table, reader);
  }

  #column(table: string, reader: WordReader): void {
    reader.take('COLUMN');
    const column = `${table}.${reader.name()}`;
    if (reader.take('TYPE') || reader.take('SET', 'DATA', 'TYPE')) this.#find('column-type', column);
    else if (reader.take('SET', 'NOT', 'NULL') && !this.#proved.has(column)) this.#find('set-not-null', column);
  }

  #validate(table: string, constraint: string, transaction: boolean): void {
    const column = this.#unproved.get(constraint);
    if (column !== undefined && transaction) this.#find('validate-in-transaction', table);
    if (column !== undefined && column !== null) this.#proved.add(column);
  }

  #add(table: string, reader: WordReader, part: readonly SqlWord[]): void {
    const name = reader.take('CONSTRAINT') ? reader.name() : null;
    const rest = reader.rest;
    const what = name === null ? table : `${table}.${name}`;
    const key = reader.take('PRIMARY', 'KEY') || reader.take('UNIQUE');
    if (key) {
      if (!holds(rest, 'USING', 'INDEX')) this.#find('unique-constraint', what);
    } else if (reader.take('EXCLUDE')) {
      this.#find('exclusion-constraint', what);
    } else if (reader.take('CHECK') || reader.take('FOREIGN', 'KEY')) {
      if (!holds(rest, 'NOT', 'VALID')) this.#find('constraint-not-deferred', what);
      else if (name !== null) this.#unproved.set(what, notNullColumn(table, rest));
    } else {
      reader.take('COLUMN');
      reader.take('IF', 'NOT', 'EXISTS');
      this.#addColumn(table, reader.name(), reader.rest, part);
    }
  }

  #addColumn(table: string, name: string, rest: readonly SqlWord[], part: readonly SqlWord[]): void {
    const column = `${table}.${name}`;
    const generated = holds(rest, 'GENERATED') && (holds(rest, 'STORED') || holds(rest, 'AS', 'IDENTITY'));
    const serial = rest[0]?.kind === 'word' && SERIAL.has(rest[0].text);
    if (generated || serial || isVolatile(rest)) this.#find('volatile-default', column);
    else if (holds(rest, 'NOT', 'NULL') && !holds(rest, 'DEFAULT')) this.#find('required-column', column);
    if (holds(rest, 'REFERENCES') || holds(rest, 'CHECK')) this.#find('constraint-not-deferred', column);
    if (holds(rest, 'UNIQUE') || holds(part, 'PRIMARY', 'KEY')) this.#find('unique-constraint', column);
  }
}

/** A default that calls a function is taken for one that gives each row a value of its own, unless it is known for the contrary. */
function isVolatile(rest: readonly SqlWord[]): boolean {
  const from = rest.findIndex(({ kind, text }) => kind === 'word' && text === 'DEFAULT');
  if (from < 0) return false;
  // Behind a column's default may stand a check: what that calls does not matter.
  const words = rest.slice(from + 1);
  const end = words.findIndex(
    ({ kind, text }) => kind === 'word' && /^(?:CHECK|REFERENCES|CONSTRAINT|UNIQUE)$/.test(text),
  );
  const value = end < 0 ? words : words.slice(0, end);
  return value.some(
    ({ kind, text }, i) => kind === 'word' && value[i + 1]?.text === '(' && !STABLE.has(text) && !isCast(value, i),
  );
}

/** The bounds of a type, as in `'0'::numeric(10, 2)`, are no call. */
function isCast(value: readonly SqlWord[], i: number): boolean {
  return value[i - 1]?.text === ':' && value[i - 2]?.text === ':';
}

/** Of `check (column is not null)` the column. */
function notNullColumn(table: string, words: readonly SqlWord[]): string | null {
  const reader = new WordReader(words);
  let depth = 0;
  if (!reader.take('CHECK')) return null;
  while (reader.take('(')) depth += 1;
  const column = reader.name();
  return depth > 0 && reader.take('IS', 'NOT', 'NULL', ')') ? `${table}.${column}` : null;
}
