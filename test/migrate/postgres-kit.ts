import { sql } from '../../src/index.js';
import type { PostgresDatabase } from '../../src/postgres/index.js';
import type { Ground } from './ledger-rules.js';

let made = 0;

/** A ground of its own in a database that others use, too: a table for the marks, and a name for the ledger. */
export async function postgresGround(
  database: PostgresDatabase,
  other: PostgresDatabase,
): Promise<Ground<PostgresDatabase>> {
  const name = `ground_${++made}`;
  const ledger = `ledger_${made}`;
  await database.query(`create table ${name} (mark text primary key, place serial)`);
  return {
    database,
    other,
    ledger,
    add: async (db, mark) => {
      await db.query(`insert into ${name} (mark) values ($1)`, [mark]);
    },
    remove: async (db, mark) => {
      await db.query(`delete from ${name} where mark = $1`, [mark]);
    },
    marks: async () =>
      (await database.query<{ mark: string }>(`select mark from ${name} order by place`)).map(({ mark }) => mark),
    hasLedger: async () => (await database.query(sql`select from pg_class where relname = ${ledger}`)).length > 0,
    makeOldLedger: async (lines) => {
      await database.query(
        `create table ${ledger} (version bigint, name text not null, applied_at timestamptz not null default now())`,
      );
      for (const { version, name: title, at } of lines)
        await database.query(`insert into ${ledger} values ($1, $2, $3)`, [version, title, at]);
    },
    makeNewerLedger: async () => {
      await database.query(`create table ${ledger} (version text primary key)`);
      await database.query(`comment on table ${ledger} is 'Migrations, by trivet (format 3)'`);
    },
  };
}
