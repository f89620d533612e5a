import { expected, refuseUnknown } from '../../core/engine-options.js';
import { AlterTableLint } from './lint-alter.js';
import { LINT_RULES, type LintRule } from './lint-rules.js';
import { holds, type SqlWord, WordReader, wordsOf } from './sql-words.js';
import type { Warning } from './types.js';

/** Something that a statement does to who uses the database. */
export interface LintFinding extends Warning {
  /** Name of what was looked for, such as `index-not-concurrent`. */
  readonly rule: LintRule;
  /** Which statement, from 1. */
  readonly statement: number;
}

export interface LintOptions {
  /** Whether the statements run in one transaction, whose locks last to its end. @default true */
  readonly transaction?: boolean | undefined;
}

const KNOWN: ReadonlySet<string> = new Set(['transaction']);

/**
 * Reads statements for what locks, destroys or breaks, in the order in which they run. A table that they make themselves is nobody's yet, so everything
 * may be done to it. It reads words, not meaning: what a function does, or code in a `do` block, it does not see.
 * @throws TypeError for an option that is not what was expected
 *
 * @example
 * ```ts
 * import { lintSql } from 'trivet/migrate';
 *
 * const [finding] = lintSql(['create index on users (email)']);
 * console.log(finding?.rule, finding?.message);
 * ```
 */
export function lintSql(statements: readonly string[], options: LintOptions = {}): readonly LintFinding[] {
  refuseUnknown(options, KNOWN);
  const { transaction = true } = options;
  if (typeof transaction !== 'boolean') throw expected('transaction', 'true or false', transaction);
  return lintBehind(statements, transaction, new Set());
}

/** As `lintSql`, behind others that have made tables, to which what these make is added. */
export function lintBehind(
  statements: readonly string[],
  transaction: boolean,
  made: Set<string>,
): readonly LintFinding[] {
  const lint = new Lint(transaction, made);
  for (const sql of statements) lint.read(wordsOf(sql));
  return lint.end();
}

class Lint {
  readonly #transaction: boolean;
  readonly #findings: LintFinding[] = [];
  /** Tables that were made here, or before. */
  readonly #made: Set<string>;
  /** Tables that are locked against everybody, in their order. */
  readonly #locked = new Set<string>();
  readonly #changed: { readonly table: string; readonly statement: number }[] = [];
  readonly #alter = new AlterTableLint();
  #statement = 0;

  constructor(transaction: boolean, made: Set<string>) {
    this.#transaction = transaction;
    this.#made = made;
  }

  #find(rule: LintRule, what: string, statement: number = this.#statement): void {
    const { risk, message } = LINT_RULES[rule];
    this.#findings.push({ rule, risk, message: message.replace('%', () => `\`${what}\``), statement });
  }

  read(words: readonly SqlWord[]): void {
    this.#statement += 1;
    const reader = new WordReader(words);
    if (reader.take('CREATE')) this.#create(reader);
    else if (reader.take('ALTER', 'TABLE')) this.#alterTable(reader);
    else if (reader.take('ALTER', 'INDEX') || reader.take('ALTER', 'VIEW')) return;
    else if (reader.take('DROP')) this.#drop(reader);
    else if (reader.take('TRUNCATE')) this.#truncate(reader);
    else if (reader.take('UPDATE') || reader.take('DELETE', 'FROM')) this.#rows(reader);
    else if (reader.take('VACUUM')) this.#full(reader);
    else if (reader.take('CLUSTER')) this.#find('rewrite', reader.name() || 'every clustered table');
    else if (reader.take('REINDEX') && !holds(words, 'CONCURRENTLY')) this.#find('rewrite', 'the index');
    else if (reader.take('REFRESH', 'MATERIALIZED', 'VIEW') && !reader.take('CONCURRENTLY'))
      this.#find('rewrite', reader.name());
  }

  /** What only the whole shows. */
  end(): readonly LintFinding[] {
    if (this.#transaction) {
      if (this.#locked.size > 1) this.#find('several-locks', [...this.#locked].join(', '));
      if (this.#locked.size > 0)
        for (const { table, statement } of this.#changed) this.#find('rows-beside-schema', table, statement);
    }
    return [...this.#findings].sort((a, b) => a.statement - b.statement);
  }

  #create(reader: WordReader): void {
    while (['OR', 'REPLACE', 'TEMPORARY', 'TEMP', 'UNLOGGED', 'GLOBAL', 'LOCAL'].some((each) => reader.take(each)));
    if (reader.take('TABLE')) {
      reader.take('IF', 'NOT', 'EXISTS');
      this.#made.add(reader.name());
      return;
    }
    reader.take('UNIQUE');
    if (!reader.take('INDEX') || reader.take('CONCURRENTLY')) return;
    reader.take('IF', 'NOT', 'EXISTS');
    if (!reader.take('ON')) {
      reader.name();
      reader.take('ON');
    }
    reader.take('ONLY');
    const table = reader.name();
    if (!this.#made.has(table)) this.#find('index-not-concurrent', table);
  }

  #alterTable(reader: WordReader): void {
    reader.take('IF', 'EXISTS');
    reader.take('ONLY');
    const table = reader.name();
    if (this.#made.has(table)) return;
    const { findings, locks } = this.#alter.read(table, reader.rest, this.#transaction);
    for (const { rule, what } of findings) this.#find(rule, what);
    if (locks) this.#locked.add(table);
  }

  #drop(reader: WordReader): void {
    if (reader.take('INDEX')) {
      if (reader.take('CONCURRENTLY')) return;
      reader.take('IF', 'EXISTS');
      this.#find('drop-index-not-concurrent', reader.name());
    } else if (reader.take('TABLE') || reader.take('MATERIALIZED', 'VIEW') || reader.take('SCHEMA')) {
      reader.take('IF', 'EXISTS');
      do {
        const name = reader.name();
        if (this.#made.delete(name)) continue;
        this.#find('drop-table', name);
        this.#locked.add(name);
      } while (reader.take(','));
    }
  }

  #truncate(reader: WordReader): void {
    reader.take('TABLE');
    reader.take('ONLY');
    const table = reader.name();
    if (this.#made.has(table)) return;
    this.#find('truncate', table);
    this.#locked.add(table);
  }

  #rows(reader: WordReader): void {
    reader.take('ONLY');
    const table = reader.name();
    if (this.#made.has(table)) return;
    this.#changed.push({ table, statement: this.#statement });
    if (!holds(reader.rest, 'WHERE')) this.#find('all-rows', table);
  }

  #full(reader: WordReader): void {
    const options = reader.take('(');
    if (!(options ? holds(reader.rest, 'FULL') : reader.take('FULL'))) return;
    this.#find('rewrite', options ? 'the table' : reader.name() || 'every table');
  }
}
