import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MemoryDatabase } from 'trivet';
import { afterAll, expect, test } from 'vitest';
import { composeService } from '../../../examples/06-service/composition.js';
import { createApp } from '../../../examples/06-service/http/app.js';
import { SettingsError, settingsOf } from '../../../examples/06-service/settings.js';
import { Client } from './client.js';
import { Conformance } from './conformance.js';
import { PASSWORD } from './kit.js';

const settings = settingsOf({ AUTH_SECRET: 'k'.repeat(32) }, () => {});
const service = composeService({ database: new MemoryDatabase(), redis: null, settings });
const server = createApp(service).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await service.close();
});

test('in memory and without Redis the service does the same: a feed shows what was published a moment ago', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new Client(url, new Conformance(await (await fetch(`${url}/openapi.json`)).json()));
  const profile = { firstName: 'Ann', lastName: 'Quist' };
  const email = 'ann@blog.example';
  await service.repositories.users.insert({ email, username: 'ann', password: PASSWORD, role: 'author', profile });
  const ann = client.as((await client.post('/sessions', { email, password: PASSWORD })).body.token);
  expect((await client.get('/posts')).body.rows).toEqual([]);
  const { slug } = (await ann.post('/posts', { title: 'Night trains', body: 'They go by night.' })).body;
  expect((await client.get('/posts')).body.rows).toEqual([]);
  expect((await ann.post(`/posts/${slug}/publication`)).status).toBe(200);
  expect((await client.get('/posts')).body.rows).toMatchObject([
    { title: 'Night trains', author: { username: 'ann' } },
  ]);
  expect((await client.get('/readyz')).status).toBe(200);
});

test.each([
  [{ ENGINE: 'mysql' }, 'ENGINE'],
  [{ PORT: '70000' }, 'PORT'],
  [{ AUTH_SECRET: 'short' }, 'AUTH_SECRET'],
  [{ TOKEN_LIFETIME: '5 minutes' }, 'TOKEN_LIFETIME'],
  [{ REQUESTS_PER_MINUTE: '-7' }, 'REQUESTS_PER_MINUTE'],
] as const)('a setting that is none is refused by its name, and not shown: %o', (environment, variable) => {
  const [value] = Object.values(environment);
  const refused = (): unknown => settingsOf(environment, () => {});
  expect(refused).toThrow(SettingsError);
  expect(refused).toThrow(expect.objectContaining({ variable, message: expect.stringContaining(variable) }));
  expect(refused).not.toThrow(value);
});
