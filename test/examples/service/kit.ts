import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoDatabase, PostgresDatabase, RedisStore } from 'trivet';
import type { StartedDatabase } from 'trivet/testing';
import { composeService } from '../../../examples/06-service/composition.js';
import { createApp } from '../../../examples/06-service/http/app.js';
import type { Repositories } from '../../../examples/06-service/repositories.js';
import { settingsOf } from '../../../examples/06-service/settings.js';
import { until } from '../../setup/outcomes.js';
import { Client } from './client.js';
import { Conformance } from './conformance.js';

type ServiceDatabase = PostgresDatabase | MongoDatabase;
type Role = 'reader' | 'author' | 'admin';

/** The service on a port of its own, over real servers. */
export interface RunningService {
  readonly url: string;
  /** Without a token. */
  readonly client: Client;
  readonly conformance: Conformance;
  readonly database: ServiceDatabase;
  readonly repositories: Repositories;
  /** What the application serves: `get /posts/{slug}`. */
  routes(): readonly string[];
  /** Makes a user and logs in. */
  userOf(username: string, role: Role): Promise<Client>;
  /** Waits until so many requests are with the service. */
  arrived(count: number): Promise<void>;
  /** Ends as the command does: requests under way are answered. */
  close(): Promise<void>;
}

export const PASSWORD = 'a long enough secret';

export function enginesOf(
  postgres: StartedDatabase,
  mongo: StartedDatabase,
): readonly (readonly [string, () => ServiceDatabase])[] {
  return [
    ['PostgreSQL', () => new PostgresDatabase({ url: postgres.url })],
    ['MongoDB', () => new MongoDatabase({ url: mongo.url, name: mongo.name })],
  ];
}

export async function startService(
  open: () => ServiceDatabase,
  { url: redisUrl, prefix }: { readonly url: string; readonly prefix: string },
  { limit = 100_000 }: { readonly limit?: number } = {},
): Promise<RunningService> {
  const database = open();
  const redis = new RedisStore({ url: redisUrl });
  const settings = settingsOf({ REQUESTS_PER_MINUTE: String(limit), AUTH_SECRET: 'k'.repeat(32) }, () => {});
  const service = composeService({ database, redis, settings, prefix });
  const repositories: Repositories = service.repositories;
  for (const repository of Object.values(repositories)) await repository.ensureSchema();
  const app = createApp(service);
  let underWay = 0;
  let isClosing = false;
  const server = createServer((request, response) => {
    underWay++;
    response.on('close', () => {
      underWay--;
      // A connection that is idle only now would keep the server open until its time is over.
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
    app(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const conformance = new Conformance(await (await fetch(`${url}/openapi.json`)).json());
  const client = new Client(url, conformance);
  return {
    url,
    client,
    conformance,
    database,
    repositories,
    routes: () =>
      app.router.stack.flatMap(({ route }) =>
        route === undefined
          ? []
          : route.stack.map(({ method }) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`),
      ),
    userOf: async (username, role) => {
      const email = `${username}@blog.example`;
      const profile = { firstName: 'Some', lastName: 'Body' };
      await repositories.users.insert({ username, email, password: PASSWORD, role, profile });
      const { body } = await client.post('/sessions', { email, password: PASSWORD });
      return client.as(body.token);
    },
    arrived: (count) => until(() => underWay >= count),
    close: async () => {
      isClosing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
      await service.close();
      await Promise.all([database.close(), redis.close()]);
    },
  };
}
