import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { type StartedRedis, startRedis } from '../../src/testing/index.js';
import { expectGone, failure, listens, only, orSkip } from './helpers.js';
import { redisResidence } from './residence.js';

async function expectUsable(server: StartedRedis): Promise<void> {
  const client = new Redis(server.url);
  try {
    const [a, b] = [server.createKeyspace(), server.createKeyspace()];
    expect(a.prefix).not.toBe(b.prefix);
    await client.mset(`${a.prefix}x`, 1, `${a.prefix}y`, 2, `${b.prefix}x`, 3);
    await a.clear();
    expect(await client.mget(`${a.prefix}x`, `${a.prefix}y`, `${b.prefix}x`)).toEqual([null, null, '3']);
    await b.clear();
  } finally {
    client.disconnect();
  }
}

describe('the server of the environment', () => {
  test('is the one that REDIS_URL names, with keyspaces of our own that stop() deletes', async () => {
    const REDIS_URL = inject('redisUrl');
    const options = only('environment', { REDIS_URL });
    const server = await startRedis(options);
    expect(server).toMatchObject({ origin: 'environment', real: true, version: inject('redisVersion') });
    await expectUsable(server);
    const left = server.createKeyspace();
    const client = new Redis(REDIS_URL);
    const foreign = `not-${left.prefix}`;
    await client.mset(`${left.prefix}left`, 1, foreign, 1);
    await server.stop();
    await server.stop();
    expect(await client.mget(`${left.prefix}left`, foreign)).toEqual([null, '1']);
    await client.del(foreign);
    client.disconnect();
    expect(options.lines).toEqual([expect.stringMatching(/^Redis \S+ at \S+ \(environment, /)]);
  });

  test('is an error that names the variable and hides the password when it does not answer', async () => {
    const REDIS_URL = 'redis://someone:hunter%212@127.0.0.1:1/0';
    const error = await failure(startRedis({ log: () => {}, env: { REDIS_URL } }));
    expect(error.code).toBe('SERVER_NOT_FOUND');
    expect(error.tried).toHaveLength(1);
    expect(error.message).toContain('REDIS_URL');
    expect(error.message).toContain('127.0.0.1:1');
    expect(inspect(error)).not.toMatch(/hunter/);
  });

  test.for(['http://me:hunter2@localhost', 'redis://me:hunter2@[oops', 'hunter2'])(
    'is an error that names the variable and hides the password when it is no address (%#)',
    async (REDIS_URL) => {
      const error = await failure(startRedis({ log: () => {}, env: { REDIS_URL } }));
      expect(error.message).toContain('REDIS_URL');
      expect(inspect(error)).not.toMatch(/hunter/);
    },
  );
});

test('the server on the local port is shared: only our keys are touched', async (context) => {
  const server = await orSkip(context, /ECONNREFUSED|NOAUTH/, startRedis(only('local')));
  expect(server.origin).toBe('local');
  await expectUsable(server);
  await server.stop();
});

describe.for(['binary', 'embedded'] as const)('a server of our own (%s)', (origin) => {
  const missing = /not found|python3|is for Linux|No matching distribution|Connection/;

  test('works, and stop() leaves neither process nor folder', async (context) => {
    const options = only(origin);
    const server = await orSkip(context, missing, startRedis(options));
    expect(server).toMatchObject({ origin, real: true });
    const residence = await redisResidence(server.url);
    await expectUsable(server);
    await server.stop();
    expect(await listens(server.url)).toBe(false);
    await expectGone(residence);
    expect(options.lines.join()).not.toContain(new URL(server.url).password);
  });

  test('lets nobody in without its password', async (context) => {
    await using server = await orSkip(context, missing, startRedis(only(origin)));
    const url = new URL(server.url);
    url.password = 'wrong';
    const error = await failure(startRedis(only('environment', { REDIS_URL: url.href })));
    expect(error.message).toContain('WRONGPASS');
  });

  test('starts beside another one', async (context) => {
    const [a, b] = await orSkip(context, missing, Promise.all([startRedis(only(origin)), startRedis(only(origin))]));
    expect(new URL(a.url).port).not.toBe(new URL(b.url).port);
    await a.stop();
    await expectUsable(b);
    await b.stop();
  });
});

test('without any step the error lists them all, and three things to do', async () => {
  const error = await failure(startRedis({ skip: ['environment', 'local', 'binary', 'embedded'] }));
  expect(error.tried.map((step) => step.origin)).toEqual(['environment', 'local', 'binary', 'embedded']);
  expect(error.fixes).toHaveLength(3);
  for (const { place } of error.tried) expect(error.message).toContain(place);
});
