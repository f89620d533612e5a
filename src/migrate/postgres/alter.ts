import type { RunOptions } from '../../core/ports.js';
import { rowsOf } from '../../postgres/catalog.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import { SCHEMA_LOCK } from '../../postgres/ensure-schema.js';
import { atomically } from '../../postgres/insert.js';
import type { EntityModel } from '../../schema/model.js';
import type { SchemaChange } from '../diff/types.js';
import { diffTables } from './diff.js';
import { Server } from './diff-changes.js';

interface Altered {
  readonly changed: readonly string[];
  readonly drift: readonly string[];
}

/** Carries out what loses nothing and breaks nobody, in one transaction; what the server refuses is told, and left as it was. */
export async function alterPostgres(
  database: PostgresDatabase,
  models: readonly EntityModel[],
  options: RunOptions,
): Promise<Altered> {
  return database['~onTables'](
    models,
    (session, tables, deadline) =>
      atomically(session, deadline, async () => {
        await rowsOf(session, deadline, 'select pg_advisory_xact_lock($1::int8)', [SCHEMA_LOCK]);
        const server = new Server(session, deadline);
        const { changes, questions } = await diffTables(server, tables, { online: false });
        const changed: string[] = [];
        const drift = questions.map(
          ({ from, to }) => `${from} may be ${to.join(' or ')} under its earlier name: a migration can rename it.`,
        );
        for (const change of changes) {
          const why = refusal(change) ?? (await carryOut(server, change));
          if (why === null) changed.push(`${change.action} ${change.what}`);
          else drift.push(`${capital(change.what)} was left alone: ${why}`);
        }
        return { changed, drift };
      }),
    options,
  );
}

function refusal({ warnings }: SchemaChange<string>): string | null {
  const bad = warnings.filter(({ risk }) => risk === 'destroys' || risk === 'breaks-readers');
  return bad.length === 0 ? null : bad.map(({ message }) => message).join(' ');
}

async function carryOut(server: Server, { up, warnings }: SchemaChange<string>): Promise<string | null> {
  const done = await server.attempt(up, async () => true);
  if (done === true) return null;
  const may = warnings.filter(({ risk }) => risk === 'may-fail').map(({ message }) => message);
  return may.length === 0 ? 'the server refused it.' : `the server refused it. ${may.join(' ')}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
