import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { entity, integer, PostgresDatabase, RedisStore, Repository, text } from '../../src/index.js';
import { openedAt } from '../postgres/kit.js';
import { postgresDatabase, redisPrefix } from '../setup/databases.js';
import { expectNothingUncaught, until } from '../setup/outcomes.js';
import { caught, expectWhole } from './postgres/kit.js';

const { url } = await postgresDatabase();
const { url: redisUrl } = await redisPrefix();
const Entry = entity('entries', { id: text().max(40).primaryKey(), n: integer().default(0) });
const stored = new Repository(openedAt(url, { max: 2 }), Entry);
await stored.ensureSchema();

expectNothingUncaught();
afterEach(() => {
  vi.useRealTimers();
});

/** Nothing else runs meanwhile. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    // On purpose.
  }
}

describe.skipIf(!inject('postgresReal'))('an event loop that is blocked for two seconds', () => {
  it('with calls in flight: they are answered when it goes on, and nothing of the pool is lost', async () => {
    const database = openedAt(url, { max: 3, timeout: '60s' });
    const redis = new RedisStore({ url: redisUrl, timeout: '60s' });
    await redis.connect();
    const lock = openedAt(url, { max: 1 });
    await lock.query('select pg_advisory_lock(1) is null');
    const calls = Array.from({ length: 9 }, (_, i) =>
      database.query('select $1::int as i, pg_advisory_xact_lock_shared(1) is null', [i]),
    );
    await until(async () => database.stats().active === 3);
    const pings = [redis.run('PING'), redis.run('PING')];
    const unlocked = lock.query('select pg_advisory_unlock(1)');
    // It is on its way, so that the answers come while nobody reads them.
    await new Promise((resolve) => setImmediate(resolve));
    block(2_000);
    await unlocked;
    expect((await Promise.all(calls)).map((rows) => rows[0]!['i'])).toEqual(Array.from({ length: 9 }, (_, i) => i));
    expect(await Promise.all(pings)).toEqual(['PONG', 'PONG']);
    await expectWhole(database);
    await redis.close();
  });

  it('for longer than a call may take: the call ends as it must, the others go on', async () => {
    const database = openedAt(url, { max: 2 });
    const short = caught(database.query('select pg_sleep(600)', [], { timeout: '100ms' }));
    const long = database.query('select 1 as one', [], { timeout: '60s' });
    block(2_000);
    expect(await short).toMatchObject({ code: 'TIMEOUT' });
    expect(await long).toEqual([{ one: 1 }]);
    await expectWhole(database);
  });
});

describe.skipIf(!inject('postgresReal'))('a clock that jumps', () => {
  it.each([
    ['a year ahead', 365 * 86_400_000],
    ['a year back', -365 * 86_400_000],
  ])('%s ends no call, no wait and no connection', async (_where, by) => {
    const database = openedAt(url, { max: 1, maxLifetime: '1h', idleTimeout: '1h', acquireTimeout: '60s' });
    const [before] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
    vi.useFakeTimers({ toFake: ['Date'] });
    const calls = Array.from({ length: 5 }, () =>
      database.query<{ pid: number }>('select pg_backend_pid() as pid, pg_sleep(0.01)'),
    );
    vi.setSystemTime(Date.now() + by);
    for (const [row] of await Promise.all(calls)) expect(row!.pid).toBe(before!.pid);
    expect(database.stats().timeouts).toBe(0);
  });
});

describe.skipIf(!inject('postgresReal'))('code of the application that throws', () => {
  it('in a hook: nothing is stored, and the connection goes back', async () => {
    class Guarded extends Repository<typeof Entry> {
      protected override async afterWrite(): Promise<void> {
        throw new Error('the hook');
      }
    }
    const database = openedAt(url, { max: 1 });
    const guarded = new Guarded(database, Entry);
    expect(await caught(guarded.insert({ id: 'hooked' }))).toMatchObject({ message: 'the hook' });
    expect(await stored.count({ id: 'hooked' })).toBe(0);
    await expectWhole(database);
  });

  it('in a transaction, or in the loop over a stream: the same', async () => {
    const database = openedAt(url, { max: 1 });
    const entries = new Repository(database, Entry);
    await stored.insertMany([{ id: 's1' }, { id: 's2' }]);
    const transaction = database.transaction(async () => {
      await entries.insert({ id: 'thrown' });
      throw new Error('the body');
    });
    expect(await caught(transaction)).toMatchObject({ message: 'the body' });
    const loop = async (): Promise<void> => {
      for await (const _row of entries.stream({}, { batch: 1 })) throw new Error('the loop');
    };
    expect(await caught(loop())).toMatchObject({ message: 'the loop' });
    expect(await stored.count({ id: 'thrown' })).toBe(0);
    await expectWhole(database);
  });

  it('as a listener of the connections: no call learns it', async () => {
    const database = new PostgresDatabase({ url, max: 1 });
    database.watch(() => {
      throw new Error('the listener');
    });
    await expectWhole(database);
    await database.close();
  });
});
