import { type Db, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ConnectionPoolManager,
  entity,
  increment,
  integer,
  MongoDatabase,
  Repository,
  TrivetError,
  text,
} from '../../../src/index.js';
import { startOwnMongo } from '../../../src/testing/index.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { caught, TROUBLE } from './kit.js';

const set = await startOwnMongo({ log: () => {}, members: 3 });
const name = 'elections';
const WRITERS = 4;
const Entry = entity('entries', {
  id: text().max(60).primaryKey(),
  pair: text().max(60).optional(),
  n: integer().default(0),
});
const truth = new MongoDatabase({ url: set.url, name, connectTimeout: '60s' });
const stored = new Repository(truth, Entry);
const open: MongoDatabase[] = [];

function opened(options: ConstructorParameters<typeof MongoDatabase>[0] = {}): MongoDatabase {
  const database = new MongoDatabase({ url: set.url, name, connectTimeout: '20s', timeout: '30s', ...options });
  open.push(database);
  return database;
}

/** Asks one member, whatever it is by now. */
async function ask<T>(host: string, use: (admin: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`);
  try {
    return await use(client.db('admin'));
  } finally {
    await client.close();
  }
}

/** The primary becomes a secondary; another one is elected. Gives the host that stepped down. */
async function stepDown(): Promise<string> {
  const { host } = await set.primary();
  await ask(host, (admin) => admin.command({ replSetStepDown: 20, secondaryCatchUpPeriodSecs: 20 }));
  return host;
}

/** Every member does its part again, and any may be elected. */
async function whole(): Promise<void> {
  for (const { process } of set.members) await process.thaw();
  await set.primary();
  for (const { host } of set.members)
    await until(async () => {
      const hello = await ask(host, (admin) => admin.command({ hello: 1 })).catch(() => null);
      if (hello === null) return false;
      if (hello['secondary'] === true) await ask(host, (admin) => admin.command({ replSetFreeze: 0 }));
      return hello['isWritablePrimary'] === true || hello['secondary'] === true;
    });
}

expectNothingUncaught();
beforeAll(async () => {
  await stored.ensureSchema();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close({ deadline: '1s' })));
  await whole();
});
afterAll(async () => {
  await truth.close();
  await set.stop();
});

/** What callers were told. */
interface Ledger {
  readonly acknowledged: Set<string>;
  readonly refused: Set<string>;
  readonly pairs: Set<string>;
  readonly counted: { done: number; unclear: number }[];
  failed: number;
}

/** Writers that insert, count and write pairs of rows in transactions while `fault` happens, and until each got on after it. */
async function underLoad(run: string, fault: () => Promise<unknown>): Promise<Ledger> {
  const database = opened({ max: WRITERS + 2 });
  const entries = new Repository(database, Entry);
  const counted = Array.from({ length: WRITERS }, () => ({ done: 0, unclear: 0 }));
  const ledger: Ledger = { acknowledged: new Set(), refused: new Set(), pairs: new Set(), counted, failed: 0 };
  await entries.insertMany(counted.map((_, writer) => ({ id: `${run} counter ${writer}` })));
  const rounds = counted.map(() => 0);
  let going = true;
  /** Whether the step was done; what failed must say so by an error of the library that trouble explains. */
  const told = async (step: Promise<unknown>): Promise<'done' | 'not-executed' | 'unknown'> => {
    try {
      await step;
      return 'done';
    } catch (error) {
      if (!(error instanceof TrivetError) || !(TROUBLE.has(error.code) || error.code === 'CONFLICT')) throw error;
      ledger.failed += 1;
      return error.outcome === 'not-executed' ? 'not-executed' : 'unknown';
    }
  };
  const writers = counted.map(async (count, writer) => {
    for (let i = 0; going; i++) {
      const id = `${run} ${writer} ${i}`;
      const inserted = await told(entries.insert({ id }));
      if (inserted === 'done') ledger.acknowledged.add(id);
      else if (inserted === 'not-executed') ledger.refused.add(id);
      const incremented = await told(entries.update(`${run} counter ${writer}`, { n: increment(1) }));
      if (incremented === 'done') count.done += 1;
      else if (incremented === 'unknown') count.unclear += 1;
      const pair = `${id} pair`;
      const both = async (): Promise<void> => {
        await entries.insert({ id: `${pair} a`, pair });
        await entries.insert({ id: `${pair} b`, pair });
      };
      const written = await told(database.transaction(both, { retries: 3 }));
      if (written === 'done') {
        ledger.pairs.add(pair);
        rounds[writer]! += 1;
      } else if (written === 'not-executed') ledger.refused.add(`${pair} a`).add(`${pair} b`);
    }
  });
  const further = async (): Promise<void> => {
    const before = [...rounds];
    await until(async () => rounds.every((round, writer) => round > before[writer]!));
  };
  await further();
  await fault();
  await further();
  await further();
  going = false;
  await Promise.all(writers);
  return ledger;
}

/** What is stored agrees with what was said. */
async function agrees(run: string, { acknowledged, refused, pairs, counted }: Ledger): Promise<void> {
  const rows = (await stored.find({})).filter(({ id }) => id.startsWith(`${run} `));
  const all = new Map(rows.map((row) => [row.id, row]));
  expect(all.size).toBe(rows.length);
  expect([...acknowledged].filter((id) => !all.has(id))).toEqual([]);
  expect([...refused].filter((id) => all.has(id))).toEqual([]);
  const halves = new Map<string, number>();
  for (const { pair } of rows) if (pair !== null) halves.set(pair, (halves.get(pair) ?? 0) + 1);
  expect([...pairs].filter((pair) => halves.get(pair) !== 2)).toEqual([]);
  expect([...halves].filter(([, count]) => count !== 2)).toEqual([]);
  for (const [writer, { done, unclear }] of counted.entries()) {
    const { n } = all.get(`${run} counter ${writer}`)!;
    expect(n).toBeGreaterThanOrEqual(done);
    expect(n).toBeLessThanOrEqual(done + unclear);
  }
}

describe('writers on a replica set of three', () => {
  it('that is left alone fail in nothing', async () => {
    const ledger = await underLoad('alone', async () => {});
    expect(ledger.failed).toBe(0);
    await agrees('alone', ledger);
  });

  it('whose primary steps down go on at the next one: what was acknowledged is stored, and nothing twice', async () => {
    let before = '';
    const ledger = await underLoad('down', async () => {
      before = await stepDown();
      expect((await set.primary()).host).not.toBe(before);
    });
    expect(ledger.acknowledged.size).toBeGreaterThan(0);
    await agrees('down', ledger);
  });

  it('whose primary is killed with -9 go on at the next one, and the same holds', async () => {
    const lost = await set.primary();
    const ledger = await underLoad('killed', async () => {
      await lost.process.kill();
      expect((await set.primary()).host).not.toBe(lost.host);
    });
    await agrees('killed', ledger);
    await lost.process.restart();
  });
});

describe('a transaction that spans the step-down of the primary', () => {
  it('is run again as a whole with `retries`, and stored once', async () => {
    const database = opened();
    const entries = new Repository(database, Entry);
    let attempts = 0;
    await database.transaction(
      async () => {
        attempts += 1;
        await entries.insert({ id: `spans ${attempts} a`, pair: 'spans' });
        if (attempts === 1) await database.detached(() => stepDown());
        await entries.insert({ id: `spans ${attempts} b`, pair: 'spans' });
      },
      { retries: 5, timeout: '60s' },
    );
    expect(attempts).toBeGreaterThan(1);
    const ids = (await stored.find({ pair: 'spans' })).map(({ id }) => id);
    expect(ids.sort()).toEqual([`spans ${attempts} a`, `spans ${attempts} b`]);
  });

  it.each(['before its last write', 'before its commit'])(
    '%s says without `retries` what became of it',
    async (when) => {
      const database = opened();
      const entries = new Repository(database, Entry);
      const pair = `lost ${when}`;
      const error = await caught(
        database.transaction(async () => {
          await entries.insert({ id: `${pair} a`, pair });
          if (when === 'before its last write') await database.detached(() => stepDown());
          await entries.insert({ id: `${pair} b`, pair });
          if (when === 'before its commit') await database.detached(() => stepDown());
        }),
      );
      expect(error).toBeInstanceOf(TrivetError);
      expect(error).toMatchObject({ retryable: true });
      // A server that steps down ends its transactions: nothing of this one can be there.
      expect(await stored.find({ pair })).toEqual([]);
      expect(['not-executed', 'unknown']).toContain(error.outcome);
    },
  );
});

describe('the health of a pool', () => {
  const healthCheck = { interval: '100ms', timeout: '5s', fall: 2, rise: 2, slow: '30s' } as const;

  it('on a set that has lost its majority is degraded, then down, and up again when there is a primary', async () => {
    const manager = new ConnectionPoolManager({ main: opened({ connectTimeout: '500ms' }) }, { healthCheck });
    const seen: string[] = [];
    manager.on('healthChanged', (_name, now) => void seen.push(now.status));
    await manager.connect();
    await until(async () => seen.at(-1) === 'up');
    const primary = await set.primary();
    for (const { host, process } of set.members) if (host !== primary.host) await process.freeze();
    await until(async () => seen.at(-1) === 'down');
    expect(await manager.readiness()).toMatchObject({ ready: false });
    for (const { process } of set.members) await process.thaw();
    await until(async () => seen.at(-1) === 'up');
    expect(seen.slice(seen.indexOf('up'))).toEqual(['up', 'degraded', 'down', 'up']);
    expect(manager.lastHealth().checks.main.server).toMatchObject({ role: 'primary', writable: true });
    await manager.close();
  });

  it('on one member is degraded while it is no primary, and up when it is one again', async () => {
    const { host } = await set.primary();
    const main = opened({ url: `mongodb://${host}/?directConnection=true` });
    const manager = new ConnectionPoolManager({ main }, { healthCheck });
    await manager.connect();
    await until(async () => manager.lastHealth().checks.main.status === 'up');
    await stepDown();
    // For a moment it is neither.
    await until(async () => manager.lastHealth().checks.main.server?.role === 'replica');
    expect(manager.lastHealth().checks.main).toMatchObject({
      status: 'degraded',
      reason: 'the server takes no writes',
      server: { role: 'replica', writable: false },
      failures: 0,
    });
    await ask(host, (admin) => admin.command({ replSetFreeze: 0 }));
    await until(async () =>
      ask(host, (admin) => admin.command({ replSetStepUp: 1 })).then(
        () => true,
        () => false,
      ),
    );
    await until(async () => manager.lastHealth().checks.main.status === 'up');
    expect(manager.lastHealth().checks.main.server).toMatchObject({ role: 'primary', writable: true });
    await manager.close();
  });
});
