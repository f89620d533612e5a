import type { Deadline } from '../../core/deadline.js';
import { type FoundTable, readTable } from '../../postgres/catalog.js';
import type { Wanted } from '../../postgres/ddl.js';
import { plain } from '../../postgres/exchange.js';
import { quote, type Table } from '../../postgres/fields.js';
import type { Session } from '../../postgres/session.js';
import { undone } from '../../postgres/shadow.js';
import type { Risk, SchemaChange, Warning } from '../diff/types.js';

/**
 * When a change comes. What runs in a transaction comes first, then what must not, then what has to wait for both: so there are at most three
 * files of a migration, however much changes.
 */
const PHASES = {
  schema: 0,
  rename: 1,
  create: 2,
  clear: 3,
  type: 4,
  column: 5,
  search: 6,
  notNull: 10,
  identity: 11,
  check: 12,
  key: 13,
  index: 14,
  unindex: 15,
  reference: 16,
  plainReference: 20,
  loosen: 21,
  drop: 22,
  dropTable: 23,
} as const;

type Phase = keyof typeof PHASES;

/** What was found out so far. */
export class Findings {
  readonly #placed: { readonly phase: number; readonly change: SchemaChange<string> }[] = [];
  readonly foreign: string[] = [];

  add(phase: Phase, change: SchemaChange<string>): void {
    this.#placed.push({ phase: PHASES[phase], change });
  }

  /** In the order in which they can be carried out. */
  get changes(): readonly SchemaChange<string>[] {
    return [...this.#placed].sort((a, b) => a.phase - b.phase).map(({ change }) => change);
  }
}

/** What the comparison of one table needs. */
export interface Comparison {
  readonly wanted: Wanted;
  /** What is wanted, in the server's spelling. */
  readonly made: FoundTable;
  /** What is there, as it is when the renames and the changes of types are done. */
  readonly found: FoundTable;
  /** Whether its changes must let others work meanwhile. Partitioned tables do not know how. */
  readonly online: boolean;
  readonly drop: boolean;
  readonly findings: Findings;
}

/** The server cannot do it, or the rows do not fit. */
const REFUSALS = /^(?:0A|22|23|2B|42|54)[0-9A-Z]{3}$/;

/** Statements on one connection, in an open transaction. */
export class Server {
  readonly session: Session;
  readonly deadline: Deadline;

  constructor(session: Session, deadline: Deadline) {
    this.session = session;
    this.deadline = deadline;
  }

  async run(sql: string): Promise<void> {
    await this.session.run(plain(sql), this.deadline);
  }

  /** Null, and as if nothing had been, when the server refuses it; else what `then` gives. */
  async attempt<T>(statements: readonly string[], then: () => Promise<T>): Promise<T | null> {
    await this.run('savepoint trivet_attempt');
    try {
      for (const sql of statements) await this.run(sql);
      const result = await then();
      await this.run('release savepoint trivet_attempt');
      return result;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      // A refusal is an answer; a lost connection, a timeout or a lock that is held is none.
      if (typeof code !== 'string' || !REFUSALS.test(code) || this.session.gone) throw error;
      await this.run('rollback to savepoint trivet_attempt');
      await this.run('release savepoint trivet_attempt');
      return null;
    }
  }

  /** Whether the server would take the statements; none of it stays. */
  async allows(statements: readonly string[]): Promise<boolean> {
    return undone(this.session, this.deadline, async () => (await this.attempt(statements, async () => true)) !== null);
  }

  read(sql: string): Promise<FoundTable | null> {
    return readTable(this.session, this.deadline, sql);
  }
}

export function warning(risk: Risk, message: string): Warning {
  return { risk, message };
}

/** One statement; several parts stand on lines of their own. */
export function alterTable(sql: string, ...parts: readonly string[]): string {
  return parts.length === 1 ? `alter table ${sql} ${parts[0]}` : `alter table ${sql}\n  ${parts.join(',\n  ')}`;
}

/** An index or another thing beside the table: names of indexes are found in the schema of their table. */
export function besides({ entity }: Table, name: string): string {
  return entity.schema === null ? quote(name) : `${quote(entity.schema)}.${quote(name)}`;
}

export function listed(columns: readonly string[]): string {
  return columns.map(quote).join(', ');
}

/** A definition without the words that say that nobody looked at the rows. */
export function definitionOf({ definition }: { readonly definition: string }): string {
  return definition.replace(/ NOT VALID$/, '');
}
