import type { Deadline } from '../core/deadline.js';
import { plain } from './exchange.js';
import type { Session } from './session.js';

/** A column as the server has it. */
export interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly collation: string | null;
  /** The collation as it is written in a definition; null where it is that of the database, or there is none. */
  readonly collate: string | null;
  /** Empty where it is none; a: always, d: by default. */
  readonly identity: '' | 'a' | 'd';
  readonly default: string | null;
  /** What the server fills it with, as an expression; null where it does not. */
  readonly generated: string | null;
  readonly comment: string | null;
}

/** A constraint as the server has it. */
export interface FoundConstraint {
  readonly name: string;
  /** p: primary key, u: unique, f: foreign key, c: check */
  readonly kind: 'p' | 'u' | 'f' | 'c';
  readonly columns: readonly string[];
  /** The table that a foreign key refers to, as an oid. */
  readonly target: number;
  /** a: no action, r: restrict, c: cascade, n: set null, d: set default */
  readonly onDelete: string;
  /** The columns that a foreign key refers to. */
  readonly targetColumns: readonly string[];
  /** Whether every row is known to fit. */
  readonly valid: boolean;
  readonly definition: string;
}

/** An index as the server has it. */
export interface FoundIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly partial: boolean;
  /** Names of its columns; an expression has none. */
  readonly columns: readonly (string | null)[];
  /** One that is not was left by a build that failed, or is being built. */
  readonly valid: boolean;
  readonly building: boolean;
  /** Behind a primary key or a unique or exclusion constraint, which has its name. */
  readonly constraint: boolean;
  /** What stands behind the name of the table: method, parts, predicate. */
  readonly body: string;
  /** Every column that it reads, in its expressions and its predicate too. */
  readonly reads: readonly string[];
}

/** A table as the server has it. */
export interface FoundTable {
  readonly oid: number;
  readonly empty: boolean;
  /** Its parts are tables of their own. */
  readonly partitioned: boolean;
  readonly columns: readonly FoundColumn[];
  readonly constraints: readonly FoundConstraint[];
  readonly indexes: readonly FoundIndex[];
}

const COLUMNS = `
select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull",
  a.atthasdef or a.attidentity <> '' as "hasDefault", c.collname::text as collation,
  case when c.collname <> 'default' then
    case when n.nspname = 'pg_catalog' then '' else quote_ident(n.nspname) || '.' end || quote_ident(c.collname) end as collate,
  a.attidentity::text as identity,
  case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as default,
  case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end as generated,
  col_description(a.attrelid, a.attnum) as comment
from pg_attribute a left join pg_collation c on c.oid = a.attcollation left join pg_namespace n on n.oid = c.collnamespace
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped order by a.attnum`;

const CONSTRAINTS = `
select c.conname::text as name, c.contype::text as kind, c.confrelid as target, c.confdeltype::text as "onDelete",
  array(select a.attname::text from unnest(c.conkey) with ordinality as k(n, i)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.i) as columns,
  array(select a.attname::text from unnest(c.confkey) with ordinality as k(n, i)
    join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by k.i) as "targetColumns",
  c.convalidated as valid, pg_get_constraintdef(c.oid) as definition
from pg_constraint c where c.conrelid = $1::oid and c.contype in ('p', 'u', 'f', 'c') order by c.conname`;

const INDEXES = `
select i.relname::text as name, x.indisunique as unique, x.indpred is not null as partial, x.indisvalid as valid,
  exists(select 1 from pg_stat_progress_create_index p where p.index_relid = x.indexrelid) as building,
  exists(select 1 from pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u', 'x')) as constraint,
  array(select a.attname::text from generate_series(0, x.indnkeyatts - 1) as k(i)
    left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[k.i] and x.indkey[k.i] > 0 order by k.i) as columns,
  array(select a.attname::text from pg_attribute a where a.attrelid = x.indrelid and a.attnum > 0 and (a.attnum = any(x.indkey)
    or exists(select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = x.indexrelid
      and d.refclassid = 'pg_class'::regclass and d.refobjid = x.indrelid and d.refobjsubid = a.attnum)) order by a.attnum) as reads,
  pg_get_indexdef(x.indexrelid) as body
from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = $1::oid order by i.relname`;

const NAME = '(?:"(?:[^"]|"")+"|[^\\s".]+)';
const INDEX_HEAD = new RegExp(`^CREATE (?:UNIQUE )?INDEX ${NAME} ON (?:ONLY )?(?:${NAME}\\.)?${NAME} `);

/** Rows of a catalogue query. */
export async function rowsOf<T>(
  session: Session,
  deadline: Deadline,
  text: string,
  values: readonly (string | null)[] = [],
): Promise<T[]> {
  const result = await session.run(plain(text, values), deadline);
  return result.rows as T[];
}

/** The oid of a table by its quoted name, as statements would find it. */
export async function oidOf(session: Session, deadline: Deadline, sql: string): Promise<number | null> {
  const [row] = await rowsOf<{ oid: number | null }>(session, deadline, 'select to_regclass($1::text)::oid as oid', [
    sql,
  ]);
  return row!.oid;
}

/** A table by its quoted name; null when there is none. */
export async function readTable(session: Session, deadline: Deadline, sql: string): Promise<FoundTable | null> {
  const oid = await oidOf(session, deadline, sql);
  if (oid === null) return null;
  const id = [String(oid)];
  const [row] = await rowsOf<Pick<FoundTable, 'empty' | 'partitioned'>>(
    session,
    deadline,
    `select not exists(select 1 from ${sql}) as empty, relkind = 'p' as partitioned from pg_class where oid = $1::oid`,
    id,
  );
  const indexes = await rowsOf<FoundIndex>(session, deadline, INDEXES, id);
  return {
    oid,
    ...row!,
    columns: await rowsOf(session, deadline, COLUMNS, id),
    constraints: await rowsOf(session, deadline, CONSTRAINTS, id),
    indexes: indexes.map((index) => ({ ...index, body: index.body.replace(INDEX_HEAD, '') })),
  };
}

/** Whether two lists of names have the same ones. */
export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}
