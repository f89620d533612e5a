import type { DatabaseMaker } from './databases.js';
import { isStale, ownName } from './names.js';
import { withClient, withDatabase } from './postgres-login.js';

/** Databases on the PostgreSQL server at `server`. */
export function postgresDatabases(server: string): DatabaseMaker {
  return {
    async create() {
      const name = ownName();
      // `template1` may have sessions or somebody's tables; `template0` has neither.
      await withClient(server, (client) =>
        client.query(`create database "${name}" template template0 encoding 'UTF8'`),
      );
      return { name, url: withDatabase(server, name) };
    },
    async drop(name) {
      // Ends the sessions of pools that were not closed (PostgreSQL 13 and later).
      await withClient(server, (client) => client.query(`drop database if exists "${name}" with (force)`));
    },
  };
}

/** PGlite has a single database, which exists for the server that it is in. */
export function pgliteDatabases(server: string): DatabaseMaker {
  return {
    create: async () => ({ name: 'postgres', url: server }),
    drop: async () => {},
  };
}

const day = 24 * 60 * 60 * 1000;

/** Drops what runs that were killed left more than a day ago; a database with open sessions refuses to be dropped. */
export async function sweepPostgres(server: string): Promise<void> {
  await withClient(server, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like 'trivet\\_%' and pg_get_userbyid(datdba) = current_user`,
    );
    for (const { datname } of rows) {
      if (isStale(datname, day)) await client.query(`drop database if exists "${datname}"`).catch(() => {});
    }
  });
}
