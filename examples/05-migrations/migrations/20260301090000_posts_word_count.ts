import type { PostgresDatabase } from 'trivet';
import { defineMigration } from 'trivet/migrate';

const BATCH = 1_000;

/**
 * A column that must have a value, on a table that is in use: readers and writers never wait for longer than a moment.
 *
 * It is no transaction, so that each batch of old rows is stored at once and its locks are gone. Every step may be run again: a migration that
 * was ended half-way is told by `repair` to be pending, and goes on.
 */
export default defineMigration<PostgresDatabase>({
  transaction: false,

  up: async ({ db, progress, signal }) => {
    // Without a default or a check nothing is read or written: the table is locked for a moment only.
    await db.query('alter table posts add column if not exists word_count bigint');

    const [row] = await db.query<{ rows: number }>('select count(*)::int4 as rows from posts where word_count is null');
    const total = row!.rows;
    for (let done = 0; ; ) {
      signal.throwIfAborted();
      const changed = await db.query(
        `update posts set word_count = cardinality(regexp_split_to_array(btrim(body), '\\s+'))
          where id in (select id from posts where word_count is null limit $1 for update)
          returning 1 as one`,
        [BATCH],
      );
      // Rows that came meanwhile without a value have one, too, by now.
      if (changed.length === 0) break;
      done += changed.length;
      progress(done, Math.max(done, total));
    }

    // A check that is not valid yet holds for new rows at once; VALIDATE then reads the table while others write to it.
    await db.query(`
      alter table posts
        drop constraint if exists posts_word_count_check,
        drop constraint if exists posts_word_count_given,
        add constraint posts_word_count_check check (word_count between 0 and 9007199254740991) not valid,
        add constraint posts_word_count_given check (word_count is not null) not valid`);
    await db.query('alter table posts validate constraint posts_word_count_check');
    await db.query('alter table posts validate constraint posts_word_count_given');
    // PostgreSQL 12 and later see by the check that no row has to be looked at.
    await db.query('alter table posts alter column word_count set not null');
    await db.query('alter table posts drop constraint posts_word_count_given');
  },

  down: async ({ db }) => {
    await db.query('alter table posts drop column if exists word_count');
  },
});
