import { describe, expect, it } from 'vitest';
import { httpCache, liveness, problem, readiness } from '../../src/http/index.js';
import { CacheManager, MemoryStore } from '../../src/index.js';

const cache = new CacheManager(new MemoryStore());
const pools = { readiness: () => {}, liveness: () => {} };

/** As JavaScript calls it. */
const refusal = (make: (...values: never[]) => unknown, ...values: readonly unknown[]): unknown => {
  try {
    (make as (...given: unknown[]) => unknown)(...values);
  } catch (error) {
    return error;
  }
  return null;
};

const DURATION = "a duration such as '30s' (ms, s, m, h, d)";
const FIELDS = 'Expected `vary` to be a list of names of fields, got';

const pages: readonly (readonly [options: unknown, message: string])[] = [
  [{ ttl: 60 }, `Expected \`ttl\` to be ${DURATION}, got \`60\` (number)`],
  [{ ttl: '60' }, `Expected \`ttl\` to be ${DURATION}, got \`'60'\` (string)`],
  [{ ttl: '0s' }, "Expected `ttl` to be at least 1 ms, got `'0s'` (string)"],
  [{ ttl: null }, `Expected \`ttl\` to be ${DURATION}, got \`null\``],
  [{ keepStale: 5 }, `Expected \`keepStale\` to be ${DURATION}`],
  [{ staleIfError: 'long' }, `Expected \`staleIfError\` to be ${DURATION}`],
  [{ staleWhileRevalidate: true }, `Expected \`staleWhileRevalidate\` to be ${DURATION}`],
  [{ waitTimeout: '0s' }, 'Expected `waitTimeout` to be from 1 ms'],
  [{ vary: 'X-A' }, `${FIELDS} \`'X-A'\` (string)`],
  [{ vary: ['*'] }, FIELDS],
  [{ vary: [1] }, FIELDS],
  [{ vary: ['a b'] }, FIELDS],
  [{ vary: [''] }, FIELDS],
  [{ vary: ['__proto__'] }, FIELDS],
  [{ vary: null }, `${FIELDS} \`null\``],
  [{ tags: 'pages' }, "Expected `tags` to be a list of texts, got `'pages'` (string)"],
  [{ tags: '' }, "Expected `tags` to be a list of texts, got `''` (string)"],
  [{ tags: null }, 'Expected `tags` to be a list of texts, got `null`'],
  [{ tags: [1] }, 'Expected a tag to be a text that is not empty, got a number'],
  [{ tags: [''] }, 'Expected a tag to be a text that is not empty'],
  [{ key: 'url' }, "Expected `key` to be a function, got `'url'` (string)"],
  [{ when: true }, 'Expected `when` to be a function, got `true` (boolean)'],
  [{ maxBodyBytes: '1mb' }, "Expected `maxBodyBytes` to be an integer from 1, got `'1mb'` (string)"],
  [{ maxBodyBytes: 0 }, 'Expected `maxBodyBytes` to be an integer from 1, got `0` (number)'],
  [{ maxRecordingBytes: -1 }, 'Expected `maxRecordingBytes` to be an integer from 1, got `-1` (number)'],
  [{ obeyRequests: 'no' }, "Expected `obeyRequests` to be true or false, got `'no'` (string)"],
  [{ shareCookies: 1 }, 'Expected `shareCookies` to be true or false, got `1` (number)'],
  [{ shareAuthorized: null }, 'Expected `shareAuthorized` to be true or false, got `null`'],
  [{ shareSetCookie: 'yes' }, 'Expected `shareSetCookie` to be true or false'],
  [{ maxAge: '1m' }, 'Unknown option `maxAge`: known are ttl, staleWhileRevalidate'],
  [JSON.parse('{"__proto__": {"ttl": "1m"}}'), 'Unknown option `__proto__`'],
  [null, 'Expected `options` to be an object, got `null`'],
  ['1m', "Expected `options` to be an object, got `'1m'` (string)"],
];

describe('what is not expected is a TypeError that says what is', () => {
  it.each(pages)('httpCache(cache, %j)', (options, message) => {
    expect(refusal(httpCache, cache, options)).toBeInstanceOf(TypeError);
    expect(refusal(httpCache, cache, options)).toMatchObject({ message: expect.stringContaining(message) });
  });

  it.each([
    ['httpCache()', refusal(httpCache), 'Expected `cache` to be a CacheManager, got `undefined`'],
    ['httpCache(store)', refusal(httpCache, new MemoryStore()), 'Expected `cache` to be a CacheManager'],
    ['httpCache(options)', refusal(httpCache, { ttl: '1m' }), 'Expected `cache` to be a CacheManager'],
    ['problem(null)', refusal(problem, null), 'Expected `options` to be an object, got `null`'],
    ['problem({ types })', refusal(problem, { types: 5 }), 'Expected `types` to be a URL, got `5` (number)'],
    [
      'problem({ types: path })',
      refusal(problem, { types: '/x' }),
      "Expected `types` to be a URL, got `'/x'` (string)",
    ],
    ['problem({ invalid })', refusal(problem, { invalid: '422' }), 'Expected `invalid` to be 400 or 422'],
    ['problem({ report })', refusal(problem, { report: 1 }), 'Expected `report` to be a function, got `1` (number)'],
    ['problem({ log })', refusal(problem, { log: 1 }), 'Unknown option `log`: known are types, invalid, report'],
    ['readiness()', refusal(readiness), 'Expected `pools` to be a ConnectionPoolManager, got `undefined`'],
    ['readiness({})', refusal(readiness, {}), 'Expected `pools` to be a ConnectionPoolManager'],
    ['readiness(…, null)', refusal(readiness, pools, null), 'Expected `options` to be an object, got `null`'],
    ['readiness(…, { details })', refusal(readiness, pools, { details: 1 }), 'Expected `details` to be true or false'],
    [
      'readiness(…, { detail })',
      refusal(readiness, pools, { detail: 1 }),
      'Unknown option `detail`: known are details',
    ],
    ['liveness()', refusal(liveness), 'Expected `pools` to be a ConnectionPoolManager, got `undefined`'],
    ['liveness(null)', refusal(liveness, null), 'Expected `pools` to be a ConnectionPoolManager, got `null`'],
  ])('%s', (_call, error, message) => {
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });

  it('the control: undefined is as if it was not given', () => {
    const options = { ttl: undefined, vary: undefined, tags: undefined, key: undefined, shareCookies: undefined };
    expect(refusal(httpCache, cache, options)).toBeNull();
    expect(refusal(httpCache, cache, {})).toBeNull();
    expect(refusal(problem, { types: undefined, invalid: undefined })).toBeNull();
    expect(refusal(readiness, pools, { details: undefined })).toBeNull();
  });
});
