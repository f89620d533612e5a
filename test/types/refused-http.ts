import type { RefusedCase } from './refused-case.js';

/** What `trivet/http` refuses. */
export const httpCases: readonly RefusedCase[] = [
  {
    name: 'a time of pages without its unit',
    code: 'httpCache(cache, { ttl: 60 });',
    message: "Type 'number' is not assignable to type",
    twin: "httpCache(cache, { ttl: '60s', keepStale: '1h' });",
  },
  {
    name: 'a time of pages in a unit that there is not',
    code: "httpCache(cache, { staleIfError: '1 minute' });",
    message: `'"1 minute"' is not assignable to type`,
    twin: "httpCache(cache, { staleIfError: '1m', staleWhileRevalidate: '10s' });",
  },
  {
    name: 'one field in place of a list of those that pages differ by',
    code: "httpCache(cache, { vary: 'Accept-Language' });",
    message: "Type 'string' is not assignable to type 'readonly string[]'",
    twin: "httpCache(cache, { vary: ['Accept-Language'] as const });",
  },
  {
    name: 'an option of pages that there is not',
    code: "httpCache(cache, { maxAge: '1m' });",
    message: "'maxAge' does not exist in type",
    twin: "httpCache(cache, { waitTimeout: '1m', maxBodyBytes: 1_000 });",
  },
  {
    name: 'a key of pages that is neither text nor null',
    code: 'httpCache(cache, { key: ({ url }) => url });',
    message: "Type 'string | undefined' is not assignable to type 'string | null'",
    twin: 'httpCache(cache, { key: ({ url }) => url ?? null });',
  },
  {
    name: 'a promise of whether a page has to do with the cache',
    code: "httpCache(cache, { when: async ({ url }) => url !== '/admin' });",
    message: "Type 'Promise<boolean>' is not assignable to type 'boolean'",
    twin: "httpCache(cache, { when: ({ url }) => url !== '/admin' });",
  },
  {
    name: 'tags of pages that come later',
    code: "httpCache(cache, { tags: async () => ['pages'] });",
    message: "Type 'Promise<string[]>' is missing the following properties from type 'readonly string[]'",
    twin: 'httpCache(cache, { tags: ({ url }, { statusCode }) => [url!, statusCode.toFixed()] });',
  },
  {
    name: 'a store of pages that is no cache',
    code: "httpCache(new MemoryStore(), { ttl: '1m' });",
    message: "Argument of type 'MemoryStore' is not assignable to parameter of type 'CacheManager'",
    twin: "httpCache(new CacheManager(new MemoryStore()), { ttl: '1m' });",
  },
  {
    name: 'a status for input that does not fit',
    code: 'problem({ invalid: 418 });',
    message: "Type '418' is not assignable to type",
    twin: 'problem({ invalid: 422 });',
  },
  {
    name: 'an option of problems that there is not',
    code: 'problem({ log: console.error });',
    message: "'log' does not exist in type",
    twin: 'problem({ report: (error, { url }, { status }) => console.error(url, status, error) });',
  },
  {
    name: 'what a client is told of an error, changed',
    code: 'problemOf(new Error()).status = 200;',
    message: "Cannot assign to 'status' because it is a read-only property",
    twin: 'problemOf(new Error()).status.toFixed();',
  },
  {
    name: 'the readiness of one pool',
    code: 'readiness(sqlDatabase);',
    message: "is not assignable to parameter of type 'HealthSource'",
    twin: 'readiness(pools, { details: false });',
  },
  {
    name: 'an option of readiness that there is not',
    code: 'readiness(pools, { detail: false });',
    message: "'detail' does not exist in type 'ReadinessOptions'",
    twin: 'readiness(pools, { details: true });',
  },
  {
    name: 'the liveness of one pool',
    code: 'liveness(mongoDatabase);',
    message: "is not assignable to parameter of type 'HealthSource'",
    twin: 'liveness(pools);',
  },
  {
    name: 'liveness with options',
    code: 'liveness(pools, { details: true });',
    message: 'Expected 1 arguments, but got 2',
    twin: 'liveness(pools);',
  },
];
