import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ConnectionError,
  entity,
  integer,
  PoolUnavailableError,
  PostgresDatabase,
  Repository,
  TimeoutError,
  uuid,
} from '../../../src/index.js';
import { startOwnPostgres } from '../../../src/testing/index.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { audit } from '../invariants/ledger.js';
import { caught, expectWhole } from './kit.js';

const RESTARTS = 20;
const server = await startOwnPostgres({ log: () => {}, arguments: ['-c', 'max_connections=13'], durable: true });
const Entry = entity('entries', { id: uuid().primaryKey(), n: integer() });
const databases: PostgresDatabase[] = [];

function opened(options: ConstructorParameters<typeof PostgresDatabase>[0] = {}): PostgresDatabase {
  const database = new PostgresDatabase({ url: server.url, connectTimeout: '2s', ...options });
  databases.push(database);
  return database;
}

// Closed after each test: the server has few connections.
afterEach(() => Promise.all(databases.splice(0).map((database) => database.close())));

expectNothingUncaught();
beforeAll(async () => {
  const database = new PostgresDatabase({ url: server.url });
  await new Repository(database, Entry).ensureSchema();
  await database.close();
});
afterAll(async () => {
  await server.stop();
});

describe('a server that is killed with -9 under load', () => {
  it(`and restarted ${RESTARTS} times: every call settles, what was acknowledged is stored, and calls succeed again by themselves`, async () => {
    const database = opened({ max: 5 });
    const entries = new Repository(database, Entry);
    const acknowledged = new Set<string>();
    const refused = new Set<string>();
    const outcomes = { done: 0, failed: 0 };
    let going = true;
    const caller = async (): Promise<void> => {
      while (going) {
        const id = crypto.randomUUID();
        try {
          await entries.insert({ id, n: outcomes.done });
          acknowledged.add(id);
          outcomes.done += 1;
        } catch (error) {
          outcomes.failed += 1;
          if (!(error instanceof ConnectionError) && !(error instanceof TimeoutError)) throw error;
          if (error.outcome === 'not-executed') refused.add(id);
        }
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    const more = (what: 'done' | 'failed', by: number): Promise<void> => {
      const before = outcomes[what];
      return until(async () => outcomes[what] >= before + by);
    };
    for (let i = 0; i < RESTARTS; i++) {
      await more('done', 20);
      await server.process.kill();
      await server.process.restart();
      await more('done', 20);
    }
    going = false;
    await Promise.all(callers);
    const stored = new Set((await entries.find({})).map(({ id }) => id));
    expect(audit(acknowledged, stored)).toEqual({ lost: [], torn: [] });
    expect([...refused].filter((id) => stored.has(id))).toEqual([]);
    expect(outcomes.failed).toBeGreaterThan(0);
    await expectWhole(database);
  });
});

describe('a server that is frozen', () => {
  it('ends every call by its own limit, and serves again when it thaws', async () => {
    const database = opened({ max: 3 });
    await Promise.all([1, 2, 3].map(() => database.query('select 1')));
    await server.process.freeze();
    const calls = Array.from({ length: 9 }, (_, i) =>
      caught(database.query('select 1', [], { timeout: `${100 + i}ms` })),
    );
    for (const error of await Promise.all(calls))
      expect(error instanceof TimeoutError || error instanceof ConnectionError).toBe(true);
    await server.process.thaw();
    await expectWhole(database);
  });

  it('does not keep the database from closing', async () => {
    const database = opened({ max: 2 });
    await database.query('select 1');
    await server.process.freeze();
    const call = caught(database.query('select 1'));
    await database.close({ deadline: '100ms' });
    expect((await call).code).toMatch(/^(CLOSED|ABORTED|TIMEOUT|CONNECTION)$/);
    await server.process.thaw();
  });
});

describe('a server that takes no more connections', () => {
  it('leaves the pool with those that it has: calls wait for one of them, and all are answered', async () => {
    const greedy = opened({ max: 9 });
    const release = new AbortController();
    const held = Array.from({ length: 9 }, () =>
      caught(greedy.query('select pg_sleep(600)', [], { signal: release.signal })),
    );
    await until(async () => greedy.stats().active === 9);
    // Four are left, three of them for superusers, which the login is.
    const other = opened({ max: 10 });
    const asked = Array.from({ length: 30 }, (_, i) => i);
    const answers = await Promise.all(asked.map((i) => other.query('select $1::int as i, pg_sleep(0.01)', [i])));
    expect(answers.map((rows) => rows[0]!['i'])).toEqual(asked);
    expect(other.stats().total).toBeLessThan(10);
    release.abort();
    await Promise.all(held);
  });

  it('and has none for the pool: PoolUnavailableError that says why, and service as soon as there is one', async () => {
    const greedy = opened({ max: 13 });
    const release = new AbortController();
    const held = Array.from({ length: 13 }, () =>
      caught(greedy.query('select pg_sleep(600)', [], { signal: release.signal, timeout: '60s' })),
    );
    await until(async () => greedy.stats().active === 13);
    const other = opened({ max: 3, acquireTimeout: '100ms' });
    const error = await caught(other.query('select 1'));
    expect(error).toBeInstanceOf(PoolUnavailableError);
    expect(error).toMatchObject({ outcome: 'not-executed', retryable: true, stats: { active: 0, max: 3 } });
    expect(error.message).toContain('too many clients');
    expect(error.attempts).toBeGreaterThan(0);
    const patient = opened({ max: 3, acquireTimeout: '60s' });
    const call = patient.query('select 1 as one');
    release.abort();
    expect(await call).toEqual([{ one: 1 }]);
    await Promise.all(held);
  });
});
