import { Cluster } from 'ioredis';
import { afterAll } from 'vitest';
import { RedisStore } from '../../src/index.js';
import { type OwnRedis, startOwnRedis } from '../../src/testing/index.js';
import { until } from '../postgres/kit.js';
import { atEnd } from '../setup/at-end.js';

const SLOTS = 16_384;
/** Each server has a password of its own, and a cluster wants one for all. */
export const LOGIN = { username: 'ann', password: 'planted' };

/** A node of a cluster, and a store that speaks to it alone. */
export interface ClusterNode {
  readonly server: OwnRedis;
  readonly port: number;
  readonly id: string;
  readonly alone: RedisStore;
}

/** Three servers that share the slots, without replicas. They are stopped when the file is done. */
export async function startCluster(): Promise<readonly ClusterNode[]> {
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-node-timeout': '500',
    'cluster-require-full-coverage': 'no',
    'cluster-announce-ip': '127.0.0.1',
  };
  const further = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const user = ['--user', LOGIN.username, 'on', `>${LOGIN.password}`, '~*', '&*', '+@all'];
  const nodes = await Promise.all(
    [0, 1, 2].map(async (): Promise<ClusterNode> => {
      const server = await startOwnRedis({ log: () => {}, durable: true, arguments: [...further, ...user] });
      const alone = new RedisStore({ url: server.url, timeout: '30s' });
      afterAll(async () => {
        await alone.close({ deadline: '1s' });
        await server.stop();
      });
      return {
        server,
        alone,
        port: Number(new URL(server.url).port),
        id: String(await alone.run('CLUSTER', ['MYID'])),
      };
    }),
  );
  await Promise.all(
    nodes.map(({ alone }, i) => {
      const first = Math.floor((i * SLOTS) / 3);
      const next = Math.floor(((i + 1) * SLOTS) / 3);
      return alone.run('CLUSTER', ['ADDSLOTS', ...Array.from({ length: next - first }, (_, slot) => first + slot)]);
    }),
  );
  for (const { port } of nodes.slice(1)) await nodes[0]!.alone.run('CLUSTER', ['MEET', '127.0.0.1', port]);
  await until(async () => {
    const said = await Promise.all(nodes.map(({ alone }) => alone.run('CLUSTER', ['INFO'])));
    return said.every((info) => /cluster_state:ok/.test(String(info)) && /cluster_size:3/.test(String(info)));
  });
  return nodes;
}

/** A client of the application, which is ended when the file is done. */
export function clusterOf(
  nodes: readonly ClusterNode[],
  options: Partial<ConstructorParameters<typeof Cluster>[1]> = {},
): Cluster {
  const cluster = new Cluster(
    nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
    { retryDelayOnFailover: 0, slotsRefreshTimeout: 10_000, redisOptions: LOGIN, lazyConnect: true, ...options },
  );
  // Without a listener of the application the driver writes to the console.
  cluster.on('error', () => {});
  atEnd(() => cluster.disconnect());
  return cluster;
}

/** The node that has a key, as the nodes themselves say. */
export async function ownerOf(nodes: readonly ClusterNode[], key: string): Promise<ClusterNode> {
  for (const node of nodes) {
    const isOwn = await node.alone.run('EXISTS', [key]).then(
      () => true,
      () => false,
    );
    if (isOwn) return node;
  }
  throw new Error(`no node has \`${key}\``);
}

/** A key of each node, in their order. */
export async function keysOfEach(nodes: readonly ClusterNode[], prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let i = 0; keys.filter(Boolean).length < nodes.length; i++) {
    const key = `${prefix}:${i}`;
    keys[nodes.indexOf(await ownerOf(nodes, key))] ??= key;
  }
  return keys;
}
