import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { AuthenticationError, ConnectionError, type RedisStore, TimeoutError } from '../../../src/index.js';
import { startFaultProxy, startOwnRedis } from '../../../src/testing/index.js';
import { behindProxy, caught, openedAt } from '../../redis/kit.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';

const server = await startOwnRedis({ log: () => {}, durable: true });
const admin = openedAt(server.url, { timeout: '60s' });

expectNothingUncaught();
afterAll(async () => {
  await server.stop();
});

describe('a reply that gets lost', () => {
  it.each([
    ['INCR', (store: RedisStore) => store.run('INCR', ['planted for INCR']), 'planted for INCR'],
    [
      'a script',
      (store: RedisStore) => store.script("return redis.call('INCR', KEYS[1])", ['planted for a script']),
      'planted for a script',
    ],
  ])('of %s is of unknown outcome, and it was executed once', async (_what, call, key) => {
    const { proxy, store } = await behindProxy(server.url);
    await store.connect();
    await admin.script("return redis.call('INCR', KEYS[1])", ['known script']);
    const lost = proxy.dropReply({ holding: key });
    expect(await caught(call(store))).toMatchObject({ code: 'CONNECTION', outcome: 'unknown', retryable: true });
    await lost;
    expect(await store.run('GET', [key])).toBe('1');
  });

  it('the control: the driver with its own settings executes it twice', async () => {
    const proxy = await startFaultProxy(server.url);
    const raw = new Redis(proxy.url(server.url));
    raw.on('error', () => {});
    await raw.ping();
    const lost = proxy.dropReply({ holding: 'counted by the driver' });
    expect(await raw.incr('counted by the driver')).toBe(2);
    await lost;
    raw.disconnect();
    await proxy.close();
  });

  it('of a command that says it is idempotent is asked for again', async () => {
    const { proxy, store } = await behindProxy(server.url);
    await store.connect();
    const lost = proxy.dropReply({ holding: 'set twice' });
    expect(await store.run('SET', ['set twice', 'x'], { idempotent: true })).toBe('OK');
    await lost;
  });

  it('of a request that never arrived is of unknown outcome too, and it was not executed', async () => {
    const { proxy, store } = await behindProxy(server.url);
    await store.connect();
    const lost = proxy.dropRequest({ holding: 'planted, never counted' });
    expect(await caught(store.run('INCR', ['planted, never counted']))).toMatchObject({ outcome: 'unknown' });
    await lost;
    expect(await store.run('GET', ['planted, never counted'])).toBeNull();
  });
});

describe('a server that', () => {
  it('kills our connection in the middle serves the next command on another', async () => {
    const store = openedAt(server.url, { name: 'to be killed' });
    await store.connect();
    const list = String(await admin.run('CLIENT', ['LIST']));
    const id = /id=(\d+) [^\n]*name=to_be_killed /.exec(list)?.[1] ?? '';
    const call = caught(store.run('BLPOP', ['nobody pushes', 0], { timeout: '60s' }));
    await until(async () => String(await admin.run('CLIENT', ['LIST'])).includes('cmd=blpop'));
    await admin.run('CLIENT', ['KILL', 'ID', id]);
    expect(await call).toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
    expect(await store.run('PING')).toBe('PONG');
  });

  it('is frozen ends every command by its own time, and serves again when it thaws', async () => {
    const store = openedAt(server.url);
    await store.connect();
    await server.process.freeze();
    const calls = Array.from({ length: 8 }, (_, i) => caught(store.run('PING', [], { timeout: `${80 + i}ms` })));
    for (const error of await Promise.all(calls))
      expect(error instanceof TimeoutError || error instanceof ConnectionError).toBe(true);
    expect(await caught(store.probe(AbortSignal.timeout(50)))).toMatchObject({ code: 'ABORTED' });
    await server.process.thaw();
    expect(await store.run('PING', [], { timeout: '60s' })).toBe('PONG');
    expect(store.stats()).toMatchObject({ active: 0, waiting: 0 });
  });

  it('is killed with -9 and started again, ten times under load: every command settles, nothing acknowledged is lost', async () => {
    const store = openedAt(server.url, { timeout: '10s' });
    const acknowledged: string[] = [];
    let failed = 0;
    let going = true;
    const callers = Array.from({ length: 6 }, async (_, caller) => {
      for (let i = 0; going; i++) {
        const key = `ledger:${caller}:${i}`;
        try {
          await store.run('SET', [key, 1]);
          acknowledged.push(key);
        } catch (error) {
          failed += 1;
          expect(
            error instanceof ConnectionError ||
              error instanceof TimeoutError ||
              (error as any).serverCode === 'LOADING',
          ).toBe(true);
        }
      }
    });
    // A caller that fails ends the wait.
    const all = Promise.all(callers);
    const more = (by: number): Promise<unknown> => {
      const target = acknowledged.length + by;
      return Promise.race([until(async () => acknowledged.length >= target), all]);
    };
    for (let i = 0; i < 10; i++) {
      await more(50);
      await server.process.kill();
      await server.process.restart();
      await more(50);
    }
    going = false;
    await all;
    expect(failed).toBeGreaterThan(0);
    for (let i = 0; i < acknowledged.length; i += 500) {
      const some = acknowledged.slice(i, i + 500);
      expect(await store.run('EXISTS', some)).toBe(some.length);
    }
  });

  it('has no memory left refuses writes with OOM, and serves reads', async () => {
    const store = openedAt(server.url);
    await store.run('SET', ['before', 'x']);
    await admin.run('CONFIG', ['SET', 'maxmemory', '1']);
    const error = await caught(store.run('SET', ['no room', 'planted']));
    expect(error).toMatchObject({ code: 'QUERY', serverCode: 'OOM', outcome: 'not-executed' });
    expect(error.message).not.toContain('planted');
    expect(await store.run('GET', ['before'])).toBe('x');
    await admin.run('CONFIG', ['SET', 'maxmemory', '0']);
    expect(await store.run('SET', ['no room', 'x'])).toBe('OK');
  });

  it('is busy with a script says so, and the command is worth another try', async () => {
    const store = openedAt(server.url);
    await store.connect();
    await admin.run('CONFIG', ['SET', 'lua-time-limit', '1']);
    const endless = caught(admin.run('EVAL', ['while true do end', 0], { timeout: '60s' }));
    await until(async () => {
      const error = await store.run('GET', ['x'], { timeout: '60s' }).then(
        () => null,
        (reason) => reason,
      );
      if (error === null) return false;
      expect(error).toMatchObject({ serverCode: 'BUSY', retryable: true, outcome: 'not-executed' });
      return true;
    });
    expect(await store.run('SCRIPT', ['KILL'])).toBe('OK');
    await endless;
    await admin.run('CONFIG', ['SET', 'lua-time-limit', '5000']);
    expect(await store.run('PING')).toBe('PONG');
  });

  it('was made a replica refuses writes with READONLY, and its probe says so', async () => {
    const store = openedAt(server.url);
    await store.connect();
    await admin.run('REPLICAOF', ['127.0.0.1', '1']);
    expect(await store.probe()).toMatchObject({ role: 'replica', writable: false });
    expect(await caught(store.run('SET', ['x', 1]))).toMatchObject({
      serverCode: 'READONLY',
      retryable: true,
      outcome: 'not-executed',
    });
    await admin.run('REPLICAOF', ['NO', 'ONE']);
    expect(await store.run('SET', ['x', 1])).toBe('OK');
    expect(await store.probe()).toMatchObject({ role: 'primary', writable: true });
  });

  it('lost its script cache gets the script again, and one that was flushed has none of the keys', async () => {
    const store = openedAt(server.url);
    const lua = "return redis.call('INCR', KEYS[1])";
    expect(await store.script(lua, ['flushed'])).toBe(1);
    await admin.run('SCRIPT', ['FLUSH']);
    expect(await store.script(lua, ['flushed'])).toBe(2);
    await admin.run('FLUSHALL');
    expect(await store.script(lua, ['flushed'])).toBe(1);
  });
});

describe('credentials', () => {
  it('that are wrong fail every call at once, and nothing shows them', async () => {
    const address = new URL(server.url);
    address.password = 'planted';
    const store = openedAt(address.href, { timeout: '60s' });
    const errors = await Promise.all([caught(store.connect()), caught(store.run('PING')), caught(store.probe())]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ retryable: false, outcome: 'not-executed' });
      expect(JSON.stringify([error.message, error.cause?.message])).not.toContain('planted');
    }
  });

  it('that rotate are asked for at each new connection; one that is open goes on', async () => {
    const address = new URL(server.url);
    let current = decodeURIComponent(address.password);
    const first = current;
    let asked = 0;
    const store = openedAt(`redis://${address.host}/0`, {
      timeout: '60s',
      password: async () => {
        asked += 1;
        return current;
      },
      name: 'rotating',
    });
    expect(await store.run('PING')).toBe('PONG');
    await admin.run('CONFIG', ['SET', 'requirepass', 'another']);
    current = 'another';
    expect(await store.run('PING')).toBe('PONG');
    expect(asked).toBe(1);
    const list = String(await admin.run('CLIENT', ['LIST']));
    await admin.run('CLIENT', ['KILL', 'ID', /id=(\d+) [^\n]*name=rotating /.exec(list)![1]!]);
    await until(async () => store.stats().total === 0 || asked > 1);
    expect(await store.run('PING')).toBe('PONG');
    expect(asked).toBe(2);
    await admin.run('CONFIG', ['SET', 'requirepass', first]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('planted'))],
    ['gives no string', () => undefined as never],
    ['never ends', () => new Promise<string>(() => {})],
  ])('whose function %s are an AuthenticationError, without what it said', async (_what, password) => {
    const { host } = new URL(server.url);
    const store = openedAt(`redis://${host}/0`, { password, connectTimeout: '100ms' });
    const error = await caught(store.run('PING'));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(JSON.stringify([error.message, error.cause?.message])).not.toContain('planted');
  });
});
