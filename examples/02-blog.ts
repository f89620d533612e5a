// A blog from one set of entities and services, on PostgreSQL and on MongoDB, with its event log in MongoDB: the same answers.
import { MongoDatabase, PostgresDatabase } from 'trivet';
import { ServerNotFoundError, startMongo, startPostgres } from 'trivet/testing';
import { mongoBlog, postgresBlog } from './02-blog/blog.js';
import { AnswersDifferError, assertAgreement } from './02-blog/compare.js';
import { print } from './02-blog/print.js';
import { story, tell } from './02-blog/story/story.js';
import { stoppable } from './stoppable.js';

await stoppable(main, (error) => error instanceof AnswersDifferError || error instanceof ServerNotFoundError);

async function main(signal: AbortSignal): Promise<void> {
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
