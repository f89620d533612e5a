import { afterAll, describe, expect, it } from 'vitest';
import { ConnectionError, ConnectionPoolManager, RedisStore, TimeoutError } from '../../../src/index.js';
import { caught } from '../../redis/kit.js';
import { portOf, startWatched } from '../../redis/sentinel.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';

const { first, second, atFirst, atSecond, primary, failover, client } = await startWatched();
const store = new RedisStore({ client: client(), name: 'by sentinel', timeout: '30s' });

expectNothingUncaught();
afterAll(async () => {
  await store.close({ deadline: '1s' });
});

/** Counts one by one while `work` makes another server the primary: every call settles, by a number or by an error that can be tried again. */
async function counting(key: string, work: () => Promise<void>): Promise<{ acknowledged: number; unknown: number }> {
  let acknowledged = 0;
  let unknown = 0;
  let going = true;
  const caller = async (): Promise<void> => {
    while (going) {
      try {
        await store.run('INCR', [key], { timeout: '5s' });
        acknowledged += 1;
      } catch (error) {
        const { outcome, retryable, serverCode } = error as {
          outcome: string;
          retryable: boolean;
          serverCode?: string;
        };
        if (serverCode === undefined)
          expect(error instanceof ConnectionError || error instanceof TimeoutError).toBe(true);
        else expect(['READONLY', 'LOADING', 'MASTERDOWN', 'UNBLOCKED']).toContain(serverCode);
        if (!(error instanceof TimeoutError)) expect(retryable).toBe(true);
        if (outcome === 'unknown') unknown += 1;
      }
    }
  };
  const calling = caller();
  // A caller that fails ends the wait.
  await Promise.race([until(async () => acknowledged >= 20), calling]);
  await work();
  const before = acknowledged;
  await Promise.race([until(async () => acknowledged >= before + 20), calling]);
  going = false;
  await calling;
  return { acknowledged, unknown };
}

/** Whether a write of the store is at this server. */
async function reaches(server: RedisStore, key: string): Promise<boolean> {
  const reply = await store.run('SET', [`reaches ${key}`, 'x']).catch(() => null);
  return reply === 'OK' && (await server.run('GET', [`reaches ${key}`])) === 'x';
}

describe('a store on a client that asks sentinels', () => {
  it('speaks to the primary, on connections that the sentinel names', async () => {
    expect(await store.run('SET', ['a', 1])).toBe('OK');
    expect(await store.script("return redis.call('INCR', KEYS[1])", ['a'])).toBe(2);
    expect(await atFirst.run('GET', ['a'])).toBe('2');
    expect(await store.probe()).toMatchObject({ role: 'primary', writable: true });
  });

  it('on a replica is refused its writes with READONLY, and health says so', async () => {
    const reader = new RedisStore({ client: client({ role: 'slave' }), timeout: '30s' });
    await until(async () => (await reader.run('GET', ['a'])) === '2');
    expect(await caught(reader.run('SET', ['a', 3]))).toMatchObject({
      serverCode: 'READONLY',
      retryable: true,
      outcome: 'not-executed',
    });
    expect(await reader.probe()).toMatchObject({ role: 'replica', writable: false });
    await reader.close();
  });

  it('goes on at the new primary after a failover that was asked for, and so does its health', async () => {
    expect(await primary()).toBe(portOf(first));
    await until(() =>
      store.run('PING').then(
        () => true,
        () => false,
      ),
    );
    await store.probe();
    await counting('asked for', () => failover(second));
    // The sentinel names the new primary some moments before it demotes the old one, which loses what it takes until then.
    await until(() => reaches(atSecond, 'asked for'));
    await until(() =>
      store.probe().then(
        ({ writable }) => writable,
        () => false,
      ),
    );
    await until(async () => String(await atFirst.run('INFO', ['replication'])).includes('master_link_status:up'));
    expect(await caught(atFirst.run('SET', ['where', 'first']))).toMatchObject({ serverCode: 'READONLY' });
  });

  it('goes on at the new primary when the old one is killed with -9, and counts nothing twice', async () => {
    const pools = new ConnectionPoolManager({}, { healthCheck: { interval: '100ms', timeout: '1s' } });
    pools.createRedisPool('cache', { client: client(), timeout: '5s' });
    await pools.connect();
    const statuses: string[] = [];
    pools.on('healthChanged', (_name, { status }) => statuses.push(status));
    await until(async () => statuses.includes('up'));
    const { acknowledged, unknown } = await counting('killed', async () => {
      await second.process.kill();
      await until(async () => (await primary()) === portOf(first));
    });
    await until(() => reaches(atFirst, 'killed'));
    const counted = Number(await atFirst.run('GET', ['killed']));
    expect(counted).toBeLessThanOrEqual(acknowledged + unknown);
    await until(async () => statuses.at(-1) === 'up' && statuses.length > 1);
    expect(statuses).toContain('degraded');
    await pools.close();
    expect(await store.probe()).toMatchObject({ role: 'primary', writable: true });
  });
});
