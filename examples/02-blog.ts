// A blog from one set of entities and services, on PostgreSQL and on MongoDB, with its event log in MongoDB: the same answers.
import { MongoDatabase, PostgresDatabase } from 'trivet';
import { ServerNotFoundError, startMongo, startPostgres } from 'trivet/testing';
import { mongoBlog, postgresBlog } from './02-blog/blog.js';
import { AnswersDifferError, assertAgreement } from './02-blog/compare.js';
import { print } from './02-blog/print.js';
import { story, tell } from './02-blog/story/story.js';

const stopped = new AbortController();
const { signal } = stopped;
let stoppedAt = 0;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // As in the first example: the second signal, not the same one sent twice, ends the process at once.
    if (signal.aborted && performance.now() - stoppedAt > 1_000) process.exit(130);
    if (!signal.aborted) stoppedAt = performance.now();
    stopped.abort();
  });
}

try {
  await main();
} catch (error) {
  const expected = error instanceof AnswersDifferError || error instanceof ServerNotFoundError;
  if (!signal.aborted && !expected) throw error;
  console.error(signal.aborted ? 'Stopped; the databases are dropped.' : `\n${(error as Error).message}`);
  process.exitCode = signal.aborted ? 130 : 1;
}

async function main(): Promise<void> {
  await using postgres = await startPostgres({ log: console.log });
  signal.throwIfAborted();
  await using mongo = await startMongo({ log: console.log });
  signal.throwIfAborted();

  const sql = new PostgresDatabase({ url: postgres.url });
  const docs = new MongoDatabase({ url: mongo.url, name: mongo.database });
  const logOfPostgres = await mongo.createDatabase();
  const log = new MongoDatabase({ url: logOfPostgres.url, name: logOfPostgres.name });
  try {
    const engines = {
      PostgreSQL: await tell(postgresBlog(sql, log), story, signal),
      MongoDB: await tell(mongoBlog(docs), story, signal),
    };
    console.log(`${print(engines, Math.min(process.stdout.columns ?? 120, 140))}\n`);
    assertAgreement(engines);
    console.log(`${story.length} of ${story.length} steps gave the same answer on PostgreSQL and on MongoDB`);
  } finally {
    await Promise.all([sql.close(), docs.close(), log.close()]);
  }
}
