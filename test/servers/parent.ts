import { once } from 'node:events';
import { startMongo, startOwnPostgres, startOwnRedis, startPostgres, startRedis } from '../../src/testing/index.js';

// Run by `lifecycle.test.ts`: starts servers of its own, says where they are, waits, and forgets to stop them.
const log = (): void => {};
const skip = ['environment', 'local'] as const;

async function main(): Promise<void> {
  if (process.argv.includes('--frozen')) await frozen();
  else await running();
}

/** Servers that are frozen on request, in the middle of which this process is killed. */
async function frozen(): Promise<void> {
  const [postgres, redis] = await Promise.all([startOwnPostgres({ log }), startOwnRedis({ log })]);
  process.stdout.write(`${JSON.stringify({ postgres: postgres.url, redis: redis.url })}\n`);
  await once(process.stdin, 'data');
  const pids = [postgres, redis].flatMap((server) => server.process.pids());
  await Promise.all([postgres, redis].map((server) => server.process.freeze()));
  process.stdout.write(`${JSON.stringify(pids)}\n`);
  await new Promise(() => {});
}

async function running(): Promise<void> {
  const [postgres, redis, mongo] = await Promise.all([
    startPostgres({ log, skip }),
    startRedis({ log, skip }),
    process.argv.includes('--mongo') ? startMongo({ log, skip }) : undefined,
  ]);
  process.stdout.write(`${JSON.stringify({ postgres: postgres.url, redis: redis.url, mongo: mongo?.url })}\n`);
  // Until it is told to go on, or killed.
  await once(process.stdin, 'data');
  process.stdin.destroy();
}

void main();
