import { afterAll, describe, expect, inject, it } from 'vitest';
import type { Database } from '../../src/core/ports.js';
import { entity, integer, Repository, softDelete, text, uuid, versioned } from '../../src/index.js';
import { MongoDatabase } from '../../src/mongo/database.js';
import { PostgresDatabase } from '../../src/postgres/database.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

const Name = entity('race_names', { id: uuid().primaryKey(), name: text().max(20).unique(), caller: integer() });
const Kept = entity('race_kept', {
  id: uuid().primaryKey(),
  name: text().max(20).unique(),
  caller: integer(),
  ...softDelete(),
  ...versioned(),
});
const CALLERS = 8;
const NAMES = 50;

const postgres = new PostgresDatabase({ url: (await postgresDatabase()).url, max: CALLERS });
const { url, name } = await mongoDatabase();
const mongo = new MongoDatabase({ url, name });
afterAll(() => Promise.all([postgres.close(), mongo.close()]));

const servers: { readonly server: string; readonly database: Database }[] = [{ server: 'MongoDB', database: mongo }];
// PGlite has one session: nothing is at the same time there.
if (inject('postgresReal')) servers.push({ server: 'PostgreSQL', database: postgres });

describe.each(servers)('on $server, callers at the same time', ({ database }) => {
  it.each([
    ['rows are really deleted', Name],
    ['rows are deleted softly', Kept],
  ] as const)('get or insert one row for each name, where %s', async (_what, which) => {
    const rows = new Repository(database, which as typeof Name);
    await rows.ensureSchema();
    const results = await Promise.all(
      Array.from({ length: CALLERS * NAMES }, (_, i) =>
        rows.getOrInsert({ name: `n${i % NAMES}`, caller: Math.floor(i / NAMES) }, { on: 'name' }),
      ),
    );
    expect(results.filter(({ action }) => action === 'inserted')).toHaveLength(NAMES);
    expect(await rows.count()).toBe(NAMES);
    const stored = new Map((await rows.find()).map((row) => [row.name, row]));
    // Each got the row of the one that inserted it, as it was inserted.
    for (const { row } of results) expect(row).toEqual(stored.get(row.name));
  });
});
