import type { ServerOrigin, StartedDatabase, StartedServer } from './types.js';

/** A server as its engine's steps found it. */
export interface UsableServer {
  readonly origin: ServerOrigin;
  readonly real: boolean;
  readonly version: string;
  /** Ends it when it is ours. */
  stop(): Promise<void>;
}

/** How to make and drop one database on it. */
export interface DatabaseMaker {
  create(): Promise<{ readonly name: string; readonly url: string }>;
  drop(name: string): Promise<void>;
}

/** Makes the first database of ours on a server, and keeps account of the others so that `stop()` drops them. */
export async function withDatabases(
  server: UsableServer,
  maker: DatabaseMaker,
): Promise<StartedServer & { createDatabase(): Promise<StartedDatabase> }> {
  const databases = new Map<string, StartedDatabase>();
  const createDatabase = async (): Promise<StartedDatabase> => {
    const { name, url } = await maker.create();
    let dropped: Promise<void> | undefined;
    const drop = async (): Promise<void> => {
      await maker.drop(name);
      databases.delete(name);
    };
    const database: StartedDatabase = { name, url, drop: () => (dropped ??= drop()) };
    databases.set(name, database);
    return database;
  };
  // A server of ours takes its data with it.
  const shared = server.origin === 'environment' || server.origin === 'local';
  const end = async (): Promise<void> => {
    try {
      if (shared) await Promise.all([...databases.values()].map((database) => database.drop()));
    } finally {
      await server.stop();
    }
  };
  let ended: Promise<void> | undefined;
  const stop = (): Promise<void> => (ended ??= end());
  let first: StartedDatabase;
  try {
    first = await createDatabase();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: first.url,
    database: first.name,
    origin: server.origin,
    real: server.real,
    version: server.version,
    createDatabase,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
