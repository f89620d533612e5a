import { createHash } from 'node:crypto';
import { expected } from '../../core/engine-options.js';
import { MigrationHistoryError } from '../../errors/migration.js';
import { SchemaError } from '../../errors/runtime.js';
import { quote } from '../../postgres/fields.js';

/** Asks the server, and gives rows. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** Where the ledger is, or is to be. */
export interface Place {
  readonly schema: string;
  readonly table: string;
  /** Quoted, with its schema: a migration may change the search path. */
  readonly sql: string;
  /** Null: it is not there yet. */
  readonly format: 1 | 2 | null;
  /** Of the lock of who migrates, and of the lock of what runs. */
  readonly keys: LockKeys;
}

/** Two 64-bit keys, as text: JavaScript's numbers are too short. */
export interface LockKeys {
  readonly migrator: string;
  readonly work: string;
}

/** The format of a ledger as it is made now. */
export const FORMAT = 2;

/** A name of PostgreSQL holds 63 bytes: a longer one would be cut, and meet another. */
const LONGEST_NAME = 63;

/** @throws TypeError for a name that cannot be that of a table */
export function checkLedgerName(ledger: string): { readonly schema: string | null; readonly table: string } {
  const parts = ledger.split('.');
  const fits = parts.length <= 2 && parts.every((part) => part !== '' && Buffer.byteLength(part) <= LONGEST_NAME);
  if (!fits) throw expected('ledger', 'the name of a table, or `schema.table`, of at most 63 bytes each', ledger);
  return { schema: parts.length === 2 ? parts[0]! : null, table: parts.at(-1)! };
}

const FIND = `select coalesce($2::text, n.nspname, current_schema())::text as schema, c.oid is not null as there,
  obj_description(c.oid, 'pg_class') as comment,
  (select string_agg(a.attname, ' ') from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from (select to_regclass($1) as oid) as found left join pg_class c on c.oid = found.oid left join pg_namespace n on n.oid = c.relnamespace`;

interface Found {
  readonly schema: string | null;
  readonly there: boolean;
  readonly comment: string | null;
  readonly columns: string | null;
}

/** Finds the ledger. @throws MigrationHistoryError for one of a newer format; SchemaError for a table that is none */
export async function findPlace(ledger: string, ask: Ask, resource: string): Promise<Place> {
  const { schema: given, table } = checkLedgerName(ledger);
  const name = given === null ? quote(table) : `${quote(given)}.${quote(table)}`;
  const found = (await ask(FIND, [name, given]))[0] as unknown as Found;
  if (found.schema === null)
    throw new SchemaError(
      `The search path names no schema that is there (${resource}): give \`ledger\` as \`schema.table\``,
      {
        resource,
      },
    );
  const sql = `${quote(found.schema)}.${quote(table)}`;
  return {
    schema: found.schema,
    table,
    sql,
    format: found.there ? formatOf(found, sql, resource) : null,
    keys: keysOf(`${found.schema}.${table}`),
  };
}

function formatOf({ comment, columns }: Found, sql: string, resource: string): 1 | 2 {
  const said = /\bformat (\d+)/.exec(comment ?? '')?.[1];
  if (said !== undefined && Number(said) > FORMAT) {
    const message = `The ledger ${sql} has format ${said}, and this version of trivet knows ${FORMAT}: migrate with the newer one.`;
    throw new MigrationHistoryError([{ kind: 'newer-ledger', version: null, message }], { resource });
  }
  const names = new Set((columns ?? '').split(' '));
  const has = (...wanted: readonly string[]): boolean => wanted.every((each) => names.has(each));
  if (has('version', 'name', 'checksum', 'state', 'started_at', 'duration_ms', 'statements', 'run_by')) return 2;
  if (has('version', 'name', 'applied_at')) return 1;
  throw new SchemaError(`The table ${sql} is no ledger of migrations (${resource}): name another one by \`ledger\``, {
    resource,
  });
}

function keysOf(name: string): LockKeys {
  const digest = createHash('sha256').update(`trivet migrations ${name}`).digest();
  return { migrator: digest.readBigInt64BE(0).toString(), work: digest.readBigInt64BE(8).toString() };
}
