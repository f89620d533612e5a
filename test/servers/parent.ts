import { once } from 'node:events';
import { startMongo, startPostgres, startRedis } from '../../src/testing/index.js';

// Run by `lifecycle.test.ts`: starts servers of its own, says where they are, waits, and forgets to stop them.
const log = (): void => {};
const skip = ['environment', 'local'] as const;

async function main(): Promise<void> {
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
