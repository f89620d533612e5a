// A process that writes pairs of rows, each pair in one transaction, and says which were acknowledged, until it is killed: `engine` `url`.
// For the controls it can break its promises: `early` says it before it writes, `torn` between the two rows, and is always killed there.
import { MongoDatabase, PostgresDatabase, Repository } from '../../../src/index.js';
import { type Both, Entry } from './entries.js';

const [engine = '', url = '', promise = 'kept'] = process.argv.slice(2);
const database = (engine === 'PostgreSQL'
  ? new PostgresDatabase({ url })
  : new MongoDatabase({ url })) as unknown as Both;
const entries = new Repository(database, Entry);
await database.connect();
const run = crypto.randomUUID().slice(0, 8);
await Promise.all(
  [1, 2, 3, 4].map(async (writer) => {
    for (let i = 0; ; i++) {
      const pair = `${run}-${writer}-${i}`;
      if (promise !== 'kept') {
        if (promise === 'torn') await entries.insert({ id: `${pair}-a`, tag: pair });
        process.stdout.write(`${pair}\n`);
        // Where nothing is written, nothing else lets the output go.
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const work = database.transaction(
        async () => {
          await entries.insert({ id: `${pair}-a`, tag: pair });
          await entries.insert({ id: `${pair}-b`, tag: pair });
        },
        { retries: 5 },
      );
      // One that fails, such as by the locks that a killed process has left, was not acknowledged.
      const isStored = await work.then(
        () => true,
        () => false,
      );
      if (!isStored) continue;
      process.stdout.write(`${pair}\n`);
    }
  }),
);
