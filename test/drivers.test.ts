import { createServer } from 'node:net';
import type { Cluster, Redis } from 'ioredis';
import type { Cluster as OlderCluster, Redis as OlderRedis } from 'ioredis-5';
import { MongoClient } from 'mongodb';
import type { MongoClient as OlderMongoClient } from 'mongodb-6';
import { expect, expectTypeOf, inject, it } from 'vitest';
import { MongoDatabase, type MongoOptions, type RedisOptions, RedisStore } from '../src/index.js';
import { until } from './postgres/kit.js';
import { atEnd } from './setup/at-end.js';
import { mongoDatabase } from './setup/databases.js';

// Run once with each major of both drivers: see `setup/drivers.ts`.
const majors = inject('drivers');
const { url, name } = await mongoDatabase();

it('the MongoDB driver that the library loads is of the major that this run is about, as the server was told', async () => {
  const database = new MongoDatabase({ url, name });
  const observer = new MongoClient(url, { appName: 'observer' });
  atEnd(() => Promise.all([database.close(), observer.close()]));
  await database.connect();
  const connections = await observer
    .db('admin')
    .aggregate([{ $currentOp: { allUsers: true, idleConnections: true } }, { $match: { appName: { $regex: name } } }])
    .toArray();
  const versions = connections.map(({ clientMetadata }) => Number.parseInt(clientMetadata.driver.version, 10));
  expect(new Set(versions)).toEqual(new Set([majors.mongodb]));
});

it('the Redis driver that the library loads is of the major that this run is about, as a server is told', async () => {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      socket.write('+OK\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  const store = new RedisStore({ host: '127.0.0.1', port });
  store.connect().catch(() => {});
  await until(async () => /LIB-VER\r\n\$\d+\r\n\d+\./i.test(heard));
  await store.close();
  server.close();
  expect(Number(/LIB-VER\r\n\$\d+\r\n(\d+)\./i.exec(heard)?.[1])).toBe(majors.ioredis);
});

it('a client of the application fits in the types, of either major', () => {
  type RedisClient = NonNullable<RedisOptions['client']>;
  type MongoClientGiven = NonNullable<MongoOptions['client']>;
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
  expectTypeOf<OlderRedis>().toExtend<RedisClient>();
  expectTypeOf<OlderCluster>().toExtend<RedisClient>();
  expectTypeOf<MongoClient>().toExtend<MongoClientGiven>();
  expectTypeOf<OlderMongoClient>().toExtend<MongoClientGiven>();
});
