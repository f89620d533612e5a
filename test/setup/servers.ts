import type { TestProject } from 'vitest/node';
import {
  type StartedMongo,
  type StartedPostgres,
  type StartedRedis,
  startMongo,
  startPostgres,
  startRedis,
} from '../../src/testing/index.js';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly postgresUrl: string;
    readonly postgresVersion: string;
    /** False on PGlite, which has a single session. */
    readonly postgresReal: boolean;
    readonly mongoUrl: string;
    readonly mongoVersion: string;
    readonly redisUrl: string;
    readonly redisVersion: string;
  }
}

/** Starts the three servers once per run. Nothing is put in `process.env`: test files get the addresses by `inject`. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const log = (line: string): void => console.log(`[servers] ${line}`);
  const starting: readonly [Promise<StartedPostgres>, Promise<StartedMongo>, Promise<StartedRedis>] = [
    startPostgres({ log }),
    startMongo({ log }),
    startRedis({ log }),
  ];
  const stop = async (): Promise<void> => {
    const settled = await Promise.allSettled(starting);
    await Promise.all(settled.map((result) => (result.status === 'fulfilled' ? result.value.stop() : undefined)));
  };
  try {
    const [postgres, mongo, redis] = await Promise.all(starting);
    provide('postgresUrl', postgres.url);
    provide('postgresVersion', postgres.version);
    provide('postgresReal', postgres.real);
    provide('mongoUrl', mongo.url);
    provide('mongoVersion', mongo.version);
    provide('redisUrl', redis.url);
    provide('redisVersion', redis.version);
    log(`PostgreSQL says ${postgres.version}, MongoDB says ${mongo.version}, Redis says ${redis.version}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
