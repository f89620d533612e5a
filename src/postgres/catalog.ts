import type { Deadline } from '../core/deadline.js';
import type { Session } from './session.js';

export interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly collation: string | null;
}

export interface FoundConstraint {
  readonly name: string;
  /** p: primary key, u: unique, f: foreign key, c: check */
  readonly kind: 'p' | 'u' | 'f' | 'c';
  readonly columns: readonly string[];
  /** The table that a foreign key refers to, as an oid. */
  readonly target: number;
  /** a: no action, r: restrict, c: cascade, n: set null, d: set default */
  readonly onDelete: string;
  readonly definition: string;
}

export interface FoundIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly partial: boolean;
  /** Names of its columns; an expression has none. */
  readonly columns: readonly (string | null)[];
}

/** A table as the server has it. */
export interface FoundTable {
  readonly oid: number;
  readonly empty: boolean;
  readonly columns: readonly FoundColumn[];
  readonly constraints: readonly FoundConstraint[];
  readonly indexes: readonly FoundIndex[];
}

const COLUMNS = `
select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull",
  a.atthasdef or a.attidentity <> '' as "hasDefault", c.collname::text as collation
from pg_attribute a left join pg_collation c on c.oid = a.attcollation
where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped order by a.attnum`;

const CONSTRAINTS = `
select c.conname::text as name, c.contype::text as kind, c.confrelid as target, c.confdeltype::text as "onDelete",
  array(select a.attname::text from unnest(c.conkey) with ordinality as k(n, i)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.i) as columns,
  pg_get_constraintdef(c.oid) as definition
from pg_constraint c where c.conrelid = $1::oid and c.contype in ('p', 'u', 'f', 'c')`;

const INDEXES = `
select i.relname::text as name, x.indisunique as unique, x.indpred is not null as partial,
  array(select a.attname::text from generate_series(0, x.indnkeyatts - 1) as k(i)
    left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[k.i] and x.indkey[k.i] > 0 order by k.i) as columns
from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = $1::oid and x.indisvalid`;

/** Rows of a catalogue query. */
export async function rowsOf<T>(
  session: Session,
  deadline: Deadline,
  text: string,
  values: readonly string[] = [],
): Promise<T[]> {
  const result = await session.run({ text, values, name: null, columns: null }, deadline);
  return result.rows as T[];
}

/** The oid of a table by its quoted name, as statements would find it. */
export async function oidOf(session: Session, deadline: Deadline, sql: string): Promise<number | null> {
  const [row] = await rowsOf<{ oid: number | null }>(session, deadline, 'select to_regclass($1::text)::oid as oid', [
    sql,
  ]);
  return row!.oid;
}

export async function readTable(session: Session, deadline: Deadline, sql: string): Promise<FoundTable | null> {
  const oid = await oidOf(session, deadline, sql);
  if (oid === null) return null;
  const id = [String(oid)];
  const [row] = await rowsOf<{ empty: boolean }>(session, deadline, `select not exists(select 1 from ${sql}) as empty`);
  return {
    oid,
    empty: row!.empty,
    columns: await rowsOf(session, deadline, COLUMNS, id),
    constraints: await rowsOf(session, deadline, CONSTRAINTS, id),
    indexes: await rowsOf(session, deadline, INDEXES, id),
  };
}
