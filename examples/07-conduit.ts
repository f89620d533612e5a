// The public RealWorld ("Conduit") API on either engine: ENGINE=postgres or ENGINE=mongo, PORT (3000), JWT_SECRET.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { MongoDatabase, PostgresDatabase } from 'trivet';
import { startMongo, startPostgres } from 'trivet/testing';
import { conduit } from './07-conduit/app.js';
import { openRepositories } from './07-conduit/repositories.js';
import { listening, PortTakenError } from './listening.js';

const { ENGINE = 'postgres', PORT = '3000', DATABASE_URL, MONGODB_URI, JWT_SECRET } = process.env;
const log = console.error;

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

const open = Object.hasOwn(engines, ENGINE) ? engines[ENGINE as keyof typeof engines] : null;
const secret = JWT_SECRET ? new TextEncoder().encode(JWT_SECRET) : randomBytes(32);
if (open === null || secret.length < 32) {
  // RFC 7518, 3.2: who has a token that was signed with less can guess the secret.
  const problem =
    open === null ? `ENGINE is \`${ENGINE}\`: it must be postgres or mongo` : 'JWT_SECRET must have at least 32 bytes';
  console.error(problem);
  process.exitCode = 1;
} else if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535) {
  console.error(`PORT is \`${PORT}\`: it must be a number from 0 to 65535`);
  process.exitCode = 1;
} else {
  // A terminal and npm send the signal both: the handlers stay, and the second one changes nothing.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  const { server, database } = await open();
  try {
    if (!JWT_SECRET) log('JWT_SECRET is not set: a random one is used, and tokens end with this process');
    const listener = conduit(await openRepositories(database), secret).listen(Number(PORT));
    const address = `http://localhost:${await listening(listener)}/api`;
    console.log(`Conduit on ${ENGINE}: ${address}`);
    console.log(`Try curl -s ${address}/tags; the endpoints are in examples/07-conduit/README.md. Ctrl-C ends it.`);
    await stopped;
    listener.close();
    // Whoever is still sending has five seconds.
    setTimeout(() => listener.closeAllConnections(), 5_000).unref();
    await once(listener, 'close');
  } catch (error) {
    if (!(error instanceof PortTakenError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await database.close();
    await server?.stop();
  }
}
