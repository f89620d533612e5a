// The 135,233 places of GeoNames in PostgreSQL and in MongoDB: one class, ten questions, the same answers.
import { type Database, MongoDatabase, PostgresDatabase } from 'trivet';
import { ServerNotFoundError, startMongo, startPostgres } from 'trivet/testing';
import { AnswersDifferError, askAll, assertAgreement, compareAnswers, type TimedAnswer } from './01-places/answers.js';
import { expectedAnswers } from './01-places/expected.js';
import { readPlaces } from './01-places/file.js';
import { loadPlaces } from './01-places/load.js';
import { Places } from './01-places/place.js';
import { Progress } from './01-places/progress.js';
import { CHANGED_AT, LOADED_AT } from './01-places/questions.js';
import { table } from './01-places/table.js';
import { stoppable } from './stoppable.js';

/**
 * Places per `insertMany`. Each is a transaction: MongoDB was about twice as fast with 5,000 at a time as with 500, and
 * refuses all 135,233 at once (its transactions must fit into the server's cache); PostgreSQL takes either.
 */
const BATCH = 5_000;

await stoppable(main, (error) => error instanceof AnswersDifferError || error instanceof ServerNotFoundError);

async function main(signal: AbortSignal): Promise<void> {
  const file = readPlaces();
  console.log(`The file has ${file.length.toLocaleString('en')} places.`);

  await using postgres = await startPostgres({ log: console.log });
  signal.throwIfAborted();
  await using mongo = await startMongo({ log: console.log });
  signal.throwIfAborted();

  const sql = new PostgresDatabase({ url: postgres.url });
  const docs = new MongoDatabase({ url: mongo.url, name: mongo.database });
  try {
    const engines = { PostgreSQL: await fill('PostgreSQL', sql), MongoDB: await fill('MongoDB', docs) };
    const comparisons = compareAnswers(expectedAnswers(file), engines);
    console.log(`\n${table(comparisons, Math.min(process.stdout.columns ?? 110, 130))}\n`);
    assertAgreement(comparisons);
    console.log(`${comparisons.length} of ${comparisons.length} answers agree on PostgreSQL, MongoDB and the file`);
  } finally {
    await Promise.all([sql.close(), docs.close()]);
  }

  /** Loads the file into an engine and gives its answers. */
  async function fill(engine: string, database: Database): Promise<TimedAnswer[]> {
    const clock = (moment: Date) => ({ now: () => moment.getTime() });
    const places = new Places(database, { clock: clock(LOADED_AT) });
    const { created } = await places.ensureSchema({ signal });
    const progress = new Progress(process.stdout, engine.padEnd(10), file.length);
    try {
      await loadPlaces(places, file, { batch: BATCH, signal, onProgress: (loaded) => progress.show(loaded) });
    } finally {
      progress.end();
    }
    const indexes = created.filter((each) => each.startsWith('index ')).length;
    console.log(
      `${engine}: ${indexes} indexes made, loaded in ${progress.seconds()} s (${progress.rate(file.length)}), ${BATCH} at a time`,
    );
    return askAll(new Places(database, { clock: clock(CHANGED_AT) }), signal);
  }
}
