// The public RealWorld ("Conduit") API on either engine: ENGINE=postgres or ENGINE=mongo, PORT (3000), JWT_SECRET.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { MongoDatabase, PostgresDatabase } from 'trivet';
import { ServerNotFoundError, startMongo, startPostgres } from 'trivet/testing';
import { drainable } from './06-service/http/drainable.js';
import { conduit } from './07-conduit/app.js';
import { openRepositories } from './07-conduit/repositories.js';
import { listening, PortTakenError } from './listening.js';
import { stoppable } from './stoppable.js';

const { ENGINE = 'postgres', PORT = '3000', DATABASE_URL, MONGODB_URI, JWT_SECRET } = process.env;
const log = console.error;
const TOLD = [RangeError, ServerNotFoundError, PortTakenError];

/** What an engine needs: the database that the environment names, which stays, or one of a server that is found or started, which is dropped. */
const engines = {
  postgres: async () => {
    const server = DATABASE_URL ? null : await startPostgres({ log });
    return { server, database: new PostgresDatabase({ url: server?.url ?? DATABASE_URL }) };
  },
  mongo: async () => {
    const server = MONGODB_URI ? null : await startMongo({ log });
    return { server, database: new MongoDatabase({ url: server?.url ?? MONGODB_URI }) };
  },
};

await stoppable(main, (error) => TOLD.some((each) => error instanceof each));

async function main(signal: AbortSignal): Promise<void> {
  if (!Object.hasOwn(engines, ENGINE)) throw new RangeError(`ENGINE is \`${ENGINE}\`: it must be postgres or mongo`);
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535)
    throw new RangeError(`PORT is \`${PORT}\`: it must be a number from 0 to 65535`);
  const secret = JWT_SECRET ? new TextEncoder().encode(JWT_SECRET) : randomBytes(32);
  // RFC 7518, 3.2: who has a token that was signed with less can guess the secret.
  if (secret.length < 32) throw new RangeError('JWT_SECRET must have at least 32 bytes');
  const { server, database } = await engines[ENGINE as keyof typeof engines]();
  try {
    if (!JWT_SECRET) log('JWT_SECRET is not set: a random one is used, and tokens end with this process');
    const { server: listener, drain } = drainable(conduit(await openRepositories(database), secret));
    listener.listen(Number(PORT));
    const address = `http://localhost:${await listening(listener, signal)}/api`;
    console.log(`Conduit on ${ENGINE}: ${address}`);
    console.log(`Try curl -s ${address}/tags; the endpoints are in examples/07-conduit/README.md. Ctrl-C ends it.`);
    if (!signal.aborted) await once(signal, 'abort');
    // Whoever is still sending has five seconds.
    await drain(5_000);
  } finally {
    await database.close();
    await server?.stop();
  }
}
