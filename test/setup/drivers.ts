/** Majors of the drivers that a project of the test run loads. */
export interface DriverMajors {
  readonly ioredis: number;
  readonly mongodb: number;
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly drivers: DriverMajors;
  }
}

/** The majors that `import 'ioredis'` and `import 'mongodb'` mean by themselves. */
export const CURRENT_DRIVERS: { readonly project: string; readonly majors: DriverMajors } = {
  project: 'current drivers',
  majors: { ioredis: 6, mongodb: 7 },
};

/**
 * The other majors of the peer ranges. Whatever a test or the library imports by the name of a driver is the older one, so that the same files
 * are run: those that speak to these drivers, faults too. `drivers.test.ts` holds that it really is the older one.
 */
export const OLDER_DRIVERS: {
  readonly project: string;
  readonly majors: DriverMajors;
  readonly alias: readonly { readonly find: RegExp; readonly replacement: string }[];
  /** Named one by one: a pattern that fits nothing any more would be missed by nobody. */
  readonly include: readonly string[];
} = {
  project: 'older drivers',
  majors: { ioredis: 5, mongodb: 6 },
  alias: [
    { find: /^ioredis$/, replacement: 'ioredis-5' },
    { find: /^mongodb$/, replacement: 'mongodb-6' },
  ],
  include: [
    'test/drivers.test.ts',
    'test/redis/gathered-reads.test.ts',
    'test/redis/store.test.ts',
    'test/redis/stats.test.ts',
    'test/faults/redis/server.test.ts',
    'test/faults/redis/cluster.test.ts',
    'test/faults/redis/sentinel.test.ts',
    'test/faults/redis/sentinel-cache.test.ts',
    'test/contract/mongo.contract.test.ts',
    'test/mongo/concerns.test.ts',
    'test/mongo/failures.test.ts',
    'test/mongo/schema.test.ts',
    'test/mongo/stream.test.ts',
    'test/mongo/transactions.test.ts',
    'test/mongo/writes.test.ts',
    'test/migrate/mongo-rules.test.ts',
    'test/migrate/mongo-diff.test.ts',
    'test/faults/mongo/server.test.ts',
    'test/faults/mongo/credentials.test.ts',
  ],
};
