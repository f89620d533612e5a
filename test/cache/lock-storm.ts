// One process of the storm on locks: `locks resource mode seed`, the addresses of the server that has the locks and of the one that is guarded by them. It
// goes on until it is told to end, or killed. What is guarded is a counter of each name that is read and written in two steps: where two are at
// work at once, and the resource admits both, a write is lost.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Locks, RedisLockStore, RedisStore, TrivetError } from '../../src/index.js';
import { mulberry } from '../setup/mulberry.js';

const [lockUrl = '', resourceUrl = '', mode = '', seed = '1'] = process.argv.slice(2);
const NAMES = 8;
const WORKERS = 16;
const isFenced = mode === 'fenced' ? 1 : 0;
const resource = new RedisStore({ url: resourceUrl, timeout: '5m' });
const locks = new Locks(new RedisLockStore(new RedisStore({ url: lockUrl })), { ttl: '60ms', poll: '10ms' });

// KEYS counter figures fences | ARGV fence isFenced. Fences of one name never repeat, whoever is late or evicted.
const READ = `
redis.call('HINCRBY', KEYS[2], 'acquires', 1)
if redis.call('SADD', KEYS[3], ARGV[1]) == 0 then redis.call('HINCRBY', KEYS[2], 'repeated', 1) end
local newest = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
if tonumber(ARGV[1]) < newest then
  redis.call('HINCRBY', KEYS[2], 'overlaps', 1)
  if ARGV[2] == '1' then return false end
else
  redis.call('HSET', KEYS[1], 'fence', ARGV[1])
end
return redis.call('HGET', KEYS[1], 'value') or '0'`;

// KEYS counter figures | ARGV fence isFenced value
const WRITE = `
if tonumber(ARGV[1]) < tonumber(redis.call('HGET', KEYS[1], 'fence')) then
  redis.call('HINCRBY', KEYS[2], 'overlaps', 1)
  if ARGV[2] == '1' then return 0 end
end
redis.call('HSET', KEYS[1], 'value', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'writes', 1)
return 1`;

const random = mulberry(Number(seed));

let going = true;

async function worker(): Promise<void> {
  while (going) {
    const name = `n${Math.floor(random() * NAMES)}`;
    // Whatever the resource has seen was acquired before.
    const before = BigInt(String((await resource.run('HGET', [name, 'fence'])) ?? '0'));
    const lock = await locks.acquire(name, { wait: '1s' }).catch((error: unknown) => {
      // The server is away, or there was no turn in time.
      if (error instanceof TrivetError) return null;
      throw error;
    });
    if (lock === null) continue;
    if (lock.fence <= before) await resource.run('HINCRBY', ['figures', 'notGreater', 1]);
    const keys = [name, 'figures', `fences ${name}`];
    const seen = await resource.script(READ, keys, [String(lock.fence), isFenced]);
    const chance = random();
    // Some go on after their time, without a look at their signal.
    if (chance < 0.08 && !lock.signal.aborted) await once(lock.signal, 'abort');
    else if (chance < 0.3) await delay(random() * 4);
    if (seen !== null) await resource.script(WRITE, keys.slice(0, 2), [String(lock.fence), isFenced, Number(seen) + 1]);
    await lock.release().catch(() => {});
  }
}

process.stdin.once('data', () => {
  going = false;
});
await Promise.all(Array.from({ length: WORKERS }, worker));
process.exit(0);
