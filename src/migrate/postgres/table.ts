import { SchemaError } from '../../errors/runtime.js';
import { quote } from '../../postgres/fields.js';
import { compareVersions, VERSION } from '../define.js';
import type { EntryState, LedgerEntry } from '../ports.js';
import { type Ask, FORMAT, type Place } from './place.js';

const COMMENT = `Migrations, by trivet (format ${FORMAT})`;

/** The statements that make the ledger, or bring it up to date; none when it is. */
export async function preparation({ schema, sql, format }: Place, ask: Ask): Promise<readonly string[]> {
  const comment = `comment on table ${sql} is '${COMMENT}'`;
  if (format === 2) return [];
  if (format === 1) {
    const [unique] = await ask(
      'select exists (select from pg_index where indrelid = to_regclass($1) and indisprimary) as there',
      [sql],
    );
    return [
      `alter table ${sql} alter column version type text using version::text`,
      `alter table ${sql} rename column applied_at to started_at`,
      `alter table ${sql} alter column started_at type timestamptz`,
      `update ${sql} set started_at = now() where started_at is null`,
      `alter table ${sql} alter column started_at set not null`,
      `alter table ${sql} add column checksum text, add column state text not null default 'applied',
        add column duration_ms bigint, add column statements integer, add column run_by text`,
      `alter table ${sql} alter column state drop default`,
      ...(unique?.['there'] === true ? [] : [`alter table ${sql} add primary key (version)`]),
      comment,
    ];
  }
  const table = `create table ${sql} (version text primary key, name text not null, checksum text, state text not null,
    started_at timestamptz not null, duration_ms bigint, statements integer, run_by text)`;
  // Asked first: who may not make schemas may still use one that is there.
  const [found] = await ask('select to_regnamespace($1) is not null as there', [quote(schema)]);
  return [...(found?.['there'] === true ? [] : [`create schema ${quote(schema)}`]), table, comment];
}

const COLUMNS = 'version, name, checksum, state, started_at, duration_ms, statements, run_by';
const OLD_COLUMNS = `version::text, name, null::text as checksum, 'applied' as state, coalesce(applied_at, now())::timestamptz as started_at,
  null::bigint as duration_ms, null::integer as statements, null::text as run_by`;

interface Row {
  readonly version: string;
  readonly name: string;
  readonly checksum: string | null;
  readonly state: EntryState;
  readonly started_at: Date;
  readonly duration_ms: number | null;
  readonly statements: number | null;
  readonly run_by: string | null;
}

/** @throws SchemaError for a line that nobody wrote who knows what a version is */
function entryOf(row: Record<string, unknown>): LedgerEntry {
  const { started_at, duration_ms, run_by, ...rest } = row as unknown as Row;
  if (!VERSION.test(rest.version))
    throw new SchemaError('A line of the ledger has a version that is no number: correct it, or take it out');
  // `infinity` is no time.
  const at = Number.isNaN(started_at.getTime()) ? new Date(0) : started_at;
  return { ...rest, at, durationMs: duration_ms, by: run_by };
}

/** All lines, in the order of their versions. */
export async function readLedger({ sql, format }: Place, ask: Ask): Promise<LedgerEntry[]> {
  if (format === null) return [];
  const rows = await ask(`select ${format === 1 ? OLD_COLUMNS : COLUMNS} from ${sql}`, []);
  return rows.map(entryOf).sort((a, b) => compareVersions(a.version, b.version));
}

/** Versions of one value are the same, however many zeros stand before it. */
const SAME = "ltrim(version, '0') = ltrim($1, '0')";

/** The line of a version; null when there is none. */
export async function readLine({ sql }: Place, version: string, ask: Ask): Promise<LedgerEntry | null> {
  const [row] = await ask(`select ${COLUMNS} from ${sql} where ${SAME}`, [version]);
  return row === undefined ? null : entryOf(row);
}

/** Whether the server's process $1 holds the lock $2. */
export const HOLDS = `exists (select from pg_catalog.pg_locks where locktype = 'advisory' and granted and pid = $1::int
  and database = (select oid from pg_catalog.pg_database where datname = current_database())
  and classid = (($2::int8 >> 32) & 4294967295)::oid and objid = ($2::int8 & 4294967295)::oid and objsubid = 1)`;

/** What a line is written with. */
export interface Written extends Omit<LedgerEntry, 'at'> {
  /** The process that has to hold the lock while the line is written. */
  readonly holder: number;
  readonly key: string;
}

/** Inserts a line, as long as the lock is held. Null: it is not any more. */
export async function insertLine({ sql }: Place, line: Written, ask: Ask): Promise<LedgerEntry | null> {
  const { version, name, checksum, state, durationMs, statements, by, holder, key } = line;
  const text = `insert into ${sql} (${COLUMNS}) select $3, $4, $5, $6, now(), $7::bigint, $8::int, $9 where ${HOLDS} returning ${COLUMNS}`;
  const [row] = await ask(text, [holder, key, version, name, checksum, state, durationMs, statements, by]);
  return row === undefined ? null : entryOf(row);
}

/** Takes a line out, as long as the lock is held. False: it is not any more. */
export async function deleteLine(
  { sql }: Place,
  version: string,
  holder: number,
  key: string,
  ask: Ask,
): Promise<boolean> {
  const same = SAME.replace('$1', '$3');
  const rows = await ask(`delete from ${sql} where ${same} and ${HOLDS} returning version`, [holder, key, version]);
  return rows.length > 0;
}

/** Changes a line that is there. */
export async function updateLine(
  { sql }: Place,
  version: string,
  { state, durationMs, statements }: Pick<LedgerEntry, 'state' | 'durationMs' | 'statements'>,
  ask: Ask,
): Promise<LedgerEntry | null> {
  const text = `update ${sql} set state = $2, duration_ms = $3::bigint, statements = $4::int where ${SAME} returning ${COLUMNS}`;
  const [row] = await ask(text, [version, state, durationMs, statements]);
  return row === undefined ? null : entryOf(row);
}

/** Writes lines as they are, in one statement; of one that is there the time and who ran it stay. */
export async function putLines(
  { sql }: Place,
  lines: readonly Omit<LedgerEntry, 'at' | 'by'>[],
  by: string,
  ask: Ask,
): Promise<void> {
  const text = `insert into ${sql} as old (${COLUMNS})
    select version, name, checksum, state, now(), "durationMs", statements, $2
    from jsonb_to_recordset($1::jsonb)
      as line (version text, name text, checksum text, state text, "durationMs" bigint, statements integer)
    on conflict (version) do update set name = excluded.name, checksum = excluded.checksum, state = excluded.state,
      duration_ms = excluded.duration_ms, statements = excluded.statements`;
  const plain = lines.map(({ version, name, checksum, state, durationMs, statements }) => ({
    version,
    name,
    checksum,
    state,
    durationMs,
    statements,
  }));
  await ask(text, [JSON.stringify(plain), by]);
}

export async function dropLines({ sql }: Place, versions: readonly string[], ask: Ask): Promise<void> {
  const text = `delete from ${sql} where ltrim(version, '0') in (select ltrim(value, '0') from jsonb_array_elements_text($1::jsonb))`;
  await ask(text, [JSON.stringify(versions)]);
}
