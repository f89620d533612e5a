import { once } from 'node:events';
import { ConnectionPoolManager, MongoDatabase, PostgresDatabase, RedisStore } from 'trivet';
import { AuditTrail } from './audit.js';
import { TenantCache } from './cached.js';
import { cached, collections, shared, tables } from './checks.js';
import { Project } from './entities.js';
import { migrate } from './migrations.js';
import { Projects } from './repositories.js';
import { runAs } from './tenancy.js';
import { unitTest } from './unit.js';
import { listen, listener } from './web.js';

const { POSTGRES_URL, MONGO_URL, REDIS_STORE_URL, KEY_PREFIX = 'service' } = process.env;

const postgres = new PostgresDatabase({ url: POSTGRES_URL, max: 4 });
const mongo = new MongoDatabase({ url: MONGO_URL });
const redis = new RedisStore({ url: REDIS_STORE_URL });
const pools = new ConnectionPoolManager({ postgres, mongo, redis });
await pools.connect();

const cache = new TenantCache(redis, KEY_PREFIX);
const migrated = await migrate(pools.getPool('postgres'), pools.getPool('mongo'));
const found: Record<string, unknown> = {
  node: process.versions.node.split('.')[0],
  migrated,
  unit: await unitTest(),
  postgres: await shared(postgres),
  mongo: await shared(mongo),
  tables: await tables(postgres),
  collections: await collections(mongo),
  cached: await cached(cache),
};

const projects = new Projects(postgres, Project, new AuditTrail());
const { id } = await runAs({ tenant: 'acme', user: 'ann' }, () => projects.insert({ slug: 'web', title: 'Web' }));
const { server, address } = await listen(listener(projects, cache.cache, pools));
const ask = async (path: string) => {
  const answer = await fetch(`${address}${path}`);
  return [answer.status, answer.headers.get('content-type'), await answer.json()] as const;
};
const [first, second] = [await ask(`/${id}`), await ask(`/${id}`)];
const missing = await ask('/01890000-0000-7000-8000-000000000001');
found['web'] = {
  first: first[2],
  second: second[2],
  missing: [missing[0], missing[1]],
  ready: (await ask('/readyz'))[0],
  live: (await ask('/livez'))[0],
};
server.closeAllConnections();
server.close();
await once(server, 'close');

await pools.close({ deadline: '30s' });
console.log(JSON.stringify(found));
