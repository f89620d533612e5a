// A project with five migrations and a seed: up, online on a table that is in use, down, redo, and what is refused.
import { fileURLToPath } from 'node:url';
import { PostgresDatabase } from 'trivet';
import { ServerNotFoundError, startPostgres } from 'trivet/testing';
import { Bars } from './05-migrations/tour/bars.js';
import { tour } from './05-migrations/tour/tour.js';
import { stoppable } from './stoppable.js';

await stoppable(main, (error) => error instanceof ServerNotFoundError);

async function main(signal: AbortSignal): Promise<void> {
  await using postgres = await startPostgres({ log: console.log });
  signal.throwIfAborted();
  // The lock of the migrations has a connection of its own.
  if (!postgres.real) throw new Error('This example needs a PostgreSQL that takes more than one connection.');

  const database = new PostgresDatabase({ url: postgres.url });
  const other = new PostgresDatabase({ url: postgres.url });
  const bars = new Bars(process.stdout);
  try {
    await tour({
      database,
      other,
      project: fileURLToPath(new URL('05-migrations', import.meta.url)),
      say: (line) => {
        bars.end();
        console.log(line);
      },
      progress: (what, done, total) => bars.show(what, done, total),
      signal,
    });
  } finally {
    bars.end();
    await Promise.all([database.close(), other.close()]);
  }
  console.log('\nIn a project of your own these are commands: examples/05-migrations/README.md says which.');
}
