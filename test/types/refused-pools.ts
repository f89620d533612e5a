import type { RefusedCase } from './refused-case.js';

/** Pools by the names that they were given. */
export const poolCases: readonly RefusedCase[] = [
  {
    name: 'the health of a pool that there is not',
    code: '(await pools.health()).checks.mysql;',
    message: "Property 'mysql' does not exist",
    twin: '(await pools.health()).checks.sql.pool.waiting.toFixed();',
  },
  {
    name: 'the figures of a pool that there is not',
    code: 'pools.stats().mysql;',
    message: "Property 'mysql' does not exist",
    twin: 'pools.stats().docs.max.toFixed();',
  },
  {
    name: 'a verb that the pool of a name has not',
    code: "pools.getPool('docs').query('select 1');",
    message: "Property 'query' does not exist",
    twin: "pools.getPool('sql').query('select 1');",
  },
  {
    name: 'an optional pool that there is not',
    code: "new ConnectionPoolManager({ sql: sqlDatabase }, { optional: ['redis'] });",
    message: `'"redis"' is not assignable`,
    twin: "new ConnectionPoolManager({ sql: sqlDatabase }, { optional: ['sql'] });",
  },
  {
    name: 'a pool that is none',
    code: "new ConnectionPoolManager({ sql: 'postgres://localhost/app' });",
    message: "Type 'string' is not assignable to type 'Resource'",
    twin: 'new ConnectionPoolManager({ sql: sqlDatabase, memory: new MemoryDatabase() });',
  },
  {
    name: 'an interval without its unit',
    code: 'new ConnectionPoolManager({ sql: sqlDatabase }, { healthCheck: { interval: 30 } });',
    message: "Type 'number' is not assignable to type",
    twin: "new ConnectionPoolManager({ sql: sqlDatabase }, { healthCheck: { interval: '30s' } });",
  },
  {
    name: 'a listener to an event that there is not',
    code: "pools.on('opened', () => {});",
    message: `'"opened"' is not assignable`,
    twin: "pools.on('healthChanged', (name, { status }) => [name.length, status === 'up']);",
  },
];
