import type { RunOptions } from '../../core/ports.js';
import { atomically } from '../../postgres/atomically.js';
import { rowsOf } from '../../postgres/catalog.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import { SCHEMA_LOCK } from '../../postgres/ensure-schema.js';
import type { EntityModel } from '../../schema/model.js';
import { Alterations, refusedByServer, warned } from '../diff/alteration.js';
import type { SchemaChange } from '../diff/types.js';
import { diffTables } from './diff.js';
import { Server } from './diff-changes.js';

/** Carries out what loses nothing and breaks nobody, in one transaction; what the server refuses is told, and left as it was. */
export async function alterPostgres(
  database: PostgresDatabase,
  models: readonly EntityModel[],
  options: RunOptions,
): Promise<Alterations> {
  return database['~onTables'](
    models,
    (session, tables, deadline) =>
      atomically(session, deadline, async () => {
        await rowsOf(session, deadline, 'select pg_advisory_xact_lock($1::int8)', [SCHEMA_LOCK]);
        const server = new Server(session, deadline);
        const { changes, questions } = await diffTables(server, tables, { online: false });
        const report = new Alterations(questions);
        for (const change of changes) {
          const bad = warned(change, ['destroys', 'breaks-readers']);
          report.told(change, bad ?? (await carryOut(server, change)));
        }
        return report;
      }),
    options,
  );
}

async function carryOut(server: Server, change: SchemaChange<string>): Promise<string | null> {
  const done = await server.attempt(change.up, async () => true);
  return done === true ? null : refusedByServer(change);
}
