import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import {
  AuthenticationError,
  ConnectionError,
  ConnectionPoolManager,
  PoolUnavailableError,
  QueryError,
  RedisStore,
  TimeoutError,
} from '../../../src/index.js';
import { startFaultProxy } from '../../../src/testing/index.js';
import { clusterOf, keysOfEach, LOGIN, ownerOf, startCluster } from '../../redis/cluster.js';
import { caught } from '../../redis/kit.js';
import { atEnd } from '../../setup/at-end.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';

const nodes = await startCluster();
const cluster = clusterOf(nodes);
const store = new RedisStore({ client: cluster, name: 'a cluster', timeout: '30s' });

expectNothingUncaught();
afterAll(async () => {
  await store.close({ deadline: '1s' });
});

describe('a store on a cluster of the application', () => {
  it('sends a command and a script to the node that has the key', async () => {
    const keys = await keysOfEach(nodes, 'spread');
    for (const [i, key] of keys.entries()) {
      expect(await store.run('SET', [key, i])).toBe('OK');
      expect(await nodes[i]!.alone.run('GET', [key])).toBe(String(i));
      // Each node has its own cache of scripts.
      expect(await store.script("return redis.call('INCRBY', KEYS[1], ARGV[1])", [key], [10])).toBe(i + 10);
    }
    expect(store.stats()).toEqual({ max: 1, min: 0, total: 1, active: 0, idle: 1, waiting: 0, timeouts: 0 });
  });

  it('refuses a command over keys of several slots, as the server does, and takes those that share a tag', async () => {
    const [a, b] = await keysOfEach(nodes, 'several');
    const error = await caught(store.run('MGET', [a!, b!]));
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ serverCode: 'CROSSSLOT', retryable: false, outcome: 'not-executed' });
    expect(await caught(store.script('return 1', [a!, b!]))).toMatchObject({ serverCode: 'CROSSSLOT' });
    expect(await store.run('MSET', ['{tag}a', 1, '{tag}b', 2])).toBe('OK');
    expect(await store.run('MGET', ['{tag}a', '{tag}b'])).toEqual(['1', '2']);
  });

  it('is asked for its health at a master, on a connection of its own that is kept', async () => {
    const fresh = new RedisStore({ client: clusterOf(nodes), name: 'probed cluster' });
    for (let i = 0; i < 10; i++) expect(await fresh.probe()).toMatchObject({ role: 'primary', writable: true });
    const lists = await Promise.all(nodes.map(({ alone }) => alone.run('CLIENT', ['LIST'])));
    expect(lists.join('\n').match(/name=probed_cluster\(health\) /g)).toHaveLength(1);
    await fresh.close();
    await until(async () => {
      const left = await Promise.all(nodes.map(({ alone }) => alone.run('CLIENT', ['LIST'])));
      return !left.join('\n').includes('probed_cluster');
    });
  });

  it('is a pool like others, and its close leaves the client open with no listener of ours', async () => {
    const own = clusterOf(nodes);
    await own.connect();
    const events = ['ready', 'error', 'close'];
    const before = events.map((event) => own.listenerCount(event));
    const pools = new ConnectionPoolManager({});
    const adopted = pools.createRedisPool('cache', { client: own });
    await pools.connect();
    expect(await pools.checkHealth('cache')).toMatchObject({ status: 'up', server: { role: 'primary' } });
    expect(await adopted.run('PING')).toBe('PONG');
    await pools.close();
    expect(await caught(adopted.run('PING'))).toMatchObject({ code: 'CLOSED' });
    expect(await own.ping()).toBe('PONG');
    expect(events.map((event) => own.listenerCount(event))).toEqual(before);
  });

  it('none of whose nodes can be reached says why within its time, and one with another password at once', async () => {
    const nobody = { ...nodes[0]!, port: 1 };
    const away = clusterOf([nobody]);
    const lost = new RedisStore({ client: away, timeout: '200ms' });
    const error = await caught(lost.run('PING'));
    expect(error).toBeInstanceOf(PoolUnavailableError);
    // The driver keeps the reason of each node to itself.
    expect(error.cause).toMatchObject({ code: 'CONNECTION', retryable: true, outcome: 'not-executed' });
    expect(await caught(lost.probe())).toBeInstanceOf(ConnectionError);
    const wrong = clusterOf(nodes, { redisOptions: { ...LOGIN, password: 'wrong planted' } });
    const refused = new RedisStore({ client: wrong, timeout: '30s' });
    for (const each of await Promise.all([caught(refused.connect()), caught(refused.run('PING'))])) {
      expect(each).toBeInstanceOf(AuthenticationError);
      expect(inspect(each, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
    }
    await Promise.all([lost.close(), refused.close()]);
    for (const each of [away, wrong]) each.disconnect();
  });
});

describe('a slot that moves to another node', () => {
  it('is followed while it moves and when it has moved', async () => {
    const [key] = await keysOfEach(nodes, 'moving');
    await store.run('SET', [key!, 'kept']);
    const from = await ownerOf(nodes, key!);
    const to = nodes.find((node) => node !== from)!;
    const slot = Number(await from.alone.run('CLUSTER', ['KEYSLOT', key!]));
    await to.alone.run('CLUSTER', ['SETSLOT', slot, 'IMPORTING', from.id]);
    await from.alone.run('CLUSTER', ['SETSLOT', slot, 'MIGRATING', to.id]);
    const { username, password } = LOGIN;
    await from.alone.run('MIGRATE', ['127.0.0.1', to.port, '', 0, 5000, 'AUTH2', username, password, 'KEYS', key!]);
    expect(await caught(from.alone.run('GET', [key!]))).toMatchObject({ serverCode: 'ASK' });
    expect(await store.run('GET', [key!])).toBe('kept');
    for (const { alone } of [to, from]) await alone.run('CLUSTER', ['SETSLOT', slot, 'NODE', to.id]);
    expect(await caught(from.alone.run('GET', [key!]))).toMatchObject({ serverCode: 'MOVED', outcome: 'not-executed' });
    expect(await store.run('GET', [key!])).toBe('kept');
    expect(await store.script("return redis.call('APPEND', KEYS[1], '!')", [key!])).toBe(5);
    expect(await to.alone.run('GET', [key!])).toBe('kept!');
  });
});

describe('a node that', () => {
  it('is frozen ends its commands by their own time, and those of the others are served', async () => {
    const keys = await keysOfEach(nodes, 'frozen');
    await store.run('SET', [keys[0]!, 'x']);
    await nodes[0]!.server.process.freeze();
    const error = await caught(store.run('GET', [keys[0]!], { timeout: '200ms' }));
    expect(error instanceof TimeoutError || error instanceof ConnectionError).toBe(true);
    expect(await store.run('SET', [keys[1]!, 'x'])).toBe('OK');
    await nodes[0]!.server.process.thaw();
    await until(() =>
      store.run('GET', [keys[0]!]).then(
        (value) => value === 'x',
        () => false,
      ),
    );
  });

  it('is killed costs its own keys typed errors, the others nothing, and serves again when it is back', async () => {
    const keys = await keysOfEach(nodes, 'killed');
    for (const key of keys) await store.run('SET', [key, 'kept']);
    await nodes[2]!.server.process.kill();
    for (let i = 0; i < 5; i++) {
      const error = await caught(store.run('GET', [keys[2]!], { timeout: '300ms' }));
      expect(error instanceof TimeoutError || error instanceof ConnectionError).toBe(true);
      expect(error).toMatchObject({ resource: 'a cluster' });
      expect(await Promise.all(keys.slice(0, 2).map((key) => store.run('GET', [key])))).toEqual(['kept', 'kept']);
    }
    expect(await store.probe()).toMatchObject({ role: 'primary', writable: true });
    await nodes[2]!.server.process.restart();
    await until(() =>
      store.run('GET', [keys[2]!], { timeout: '1s' }).then(
        (value) => value === 'kept',
        () => false,
      ),
    );
    expect(store.stats()).toMatchObject({ active: 0, waiting: 0 });
  });

  it('is missed where all slots are asked for makes the cluster take no writes, and health says so', async () => {
    const covered = (value: string) =>
      Promise.all(
        nodes.slice(0, 2).map(({ alone }) => alone.run('CONFIG', ['SET', 'cluster-require-full-coverage', value])),
      );
    await covered('yes');
    await nodes[2]!.server.process.kill();
    await until(() =>
      store.probe().then(
        ({ writable }) => !writable,
        () => false,
      ),
    );
    const [key] = await keysOfEach(nodes.slice(0, 2), 'down').catch(() => ['down']);
    const error = await caught(store.run('SET', [key!, 1], { timeout: '1s' }));
    expect(error instanceof TimeoutError || error instanceof ConnectionError).toBe(true);
    await nodes[2]!.server.process.restart();
    await covered('no');
    await until(() =>
      store.probe().then(
        ({ writable }) => writable,
        () => false,
      ),
    );
    await until(() =>
      store.run('SET', [key!, 1], { timeout: '1s' }).then(
        () => true,
        () => false,
      ),
    );
  });
});

describe('a reply that a node loses', () => {
  const through = async (retryDelayOnFailover: number) => {
    const proxies = await Promise.all(nodes.map(({ server }) => startFaultProxy(server.url)));
    const natMap = Object.fromEntries(
      nodes.map(({ port }, i) => [`127.0.0.1:${port}`, { host: '127.0.0.1', port: proxies[i]!.port }]),
    );
    const adopted = new RedisStore({ client: clusterOf(nodes, { natMap, retryDelayOnFailover }), timeout: '30s' });
    await adopted.connect();
    atEnd(async () => {
      await adopted.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    });
    return { adopted, lose: (holding: string) => Promise.race(proxies.map((proxy) => proxy.dropReply({ holding }))) };
  };

  it('is of unknown outcome, and the command was executed once, where the client sends nothing again', async () => {
    const { adopted, lose } = await through(0);
    const lost = lose('counted once');
    expect(await caught(adopted.run('INCR', ['counted once']))).toMatchObject({
      code: 'CONNECTION',
      outcome: 'unknown',
    });
    await lost;
    await until(async () => (await adopted.run('GET', ['counted once']).catch(() => null)) === '1');
  });

  it('the control: with the settings of the driver the command is executed twice', async () => {
    const { adopted, lose } = await through(100);
    const lost = lose('counted twice');
    expect(await adopted.run('INCR', ['counted twice'])).toBe(2);
    await lost;
  });
});
