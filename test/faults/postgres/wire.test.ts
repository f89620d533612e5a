import { describe, expect, inject, it } from 'vitest';
import { ConnectionError, entity, increment, integer, Repository, TimeoutError, text } from '../../../src/index.js';
import { openedAt, running } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { backendOf, behindProxy, caught, expectWhole } from './kit.js';

const { url } = await postgresDatabase();
const observer = openedAt(url, { max: 3 });
const Counter = entity('counters', { id: text().max(20).primaryKey(), n: integer().default(0) });
await observer.ensureSchema([Counter]);
const stored = new Repository(observer, Counter);

expectNothingUncaught();

// PGlite has one session, which the proxy and the observer would share.
describe.skipIf(!inject('postgresReal'))('a wire that breaks', () => {
  it('by RST in the middle of a request: ConnectionError of unknown outcome, and the next call has a new connection', async () => {
    const { proxy, database } = await behindProxy(url, { max: 1 });
    const before = await backendOf(database);
    const call = caught(database.query("select pg_sleep(600), 'reset'"));
    await until(() => running(observer, "'reset'"));
    proxy.reset();
    expect(await call).toMatchObject({ code: 'CONNECTION', outcome: 'unknown', retryable: true });
    expect(await backendOf(database)).not.toBe(before);
    await expectWhole(database);
  });

  it('by FIN in the middle of a request: the same', async () => {
    const { proxy, database } = await behindProxy(url, { max: 1 });
    const call = caught(database.query("select pg_sleep(600), 'fin'"));
    await until(() => running(observer, "'fin'"));
    proxy.halfClose('client');
    expect(await call).toMatchObject({ code: 'CONNECTION', outcome: 'unknown', retryable: true });
    await expectWhole(database);
  });

  it('while nothing runs, by RST or by FIN: no caller learns it', async () => {
    for (const broken of ['reset', 'fin'] as const) {
      const { proxy, database } = await behindProxy(url, { max: 2 });
      await Promise.all([database.query('select 1'), database.query('select 2')]);
      if (broken === 'reset') proxy.reset();
      else proxy.halfClose('client');
      await until(async () => database.stats().total === 0);
      await expectWhole(database);
    }
  });

  it('after the statement was executed: the outcome is unknown, and nothing is executed twice', async () => {
    await stored.insert({ id: 'lost reply' });
    const { proxy, database } = await behindProxy(url, { max: 1 });
    const lost = proxy.dropReply({ holding: 'update' });
    const counters = new Repository(database, Counter);
    const error = await caught(counters.update('lost reply', { n: increment(1) }));
    await lost;
    expect(error).toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
    expect(await stored.get('lost reply')).toMatchObject({ n: 1 });
    await expectWhole(database);
  });

  it('before the statement arrived: the outcome is unknown to the caller, and nothing was executed', async () => {
    await stored.insert({ id: 'lost request' });
    const { proxy, database } = await behindProxy(url, { max: 1 });
    const counters = new Repository(database, Counter);
    const lost = proxy.dropRequest({ holding: 'update' });
    expect(await caught(counters.update('lost request', { n: increment(1) }))).toMatchObject({ outcome: 'unknown' });
    await lost;
    expect(await stored.get('lost request')).toMatchObject({ n: 0 });
    await expectWhole(database);
  });

  it('the control: without a fault the same calls change what they should, once', async () => {
    await stored.insert({ id: 'control' });
    const { proxy, database } = await behindProxy(url, { max: 1 });
    expect(await new Repository(database, Counter).update('control', { n: increment(1) })).toMatchObject({ n: 1 });
    expect(proxy.counts.requests).toBeGreaterThan(0);
    await expectWhole(database);
  });
});

describe.skipIf(!inject('postgresReal'))('a network that swallows everything', () => {
  it('ends a call by its timeout, cancels what it can, and keeps no connection that is deaf', async () => {
    const { proxy, database } = await behindProxy(url, { max: 1 });
    const before = await backendOf(database);
    await proxy.set({ blackHole: true });
    const error = await caught(database.query('select 1', [], { timeout: '50ms' }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ outcome: 'unknown' });
    await proxy.heal();
    expect(await backendOf(database)).not.toBe(before);
    await expectWhole(database);
  });

  it('ends every call that waits for one of the deaf connections', async () => {
    const { proxy, database } = await behindProxy(url, { max: 2 });
    await Promise.all([database.query('select 1'), database.query('select 2')]);
    await proxy.set({ blackHole: true });
    const calls = Array.from({ length: 12 }, (_, i) =>
      caught(database.query('select 1', [], { timeout: `${30 + i}ms` })),
    );
    for (const error of await Promise.all(calls)) {
      expect(error instanceof TimeoutError || error instanceof ConnectionError).toBe(true);
    }
    await proxy.heal();
    await expectWhole(database);
  });

  it('ends a login by connectTimeout', async () => {
    const { proxy, database } = await behindProxy(url, { max: 1, connectTimeout: '100ms' });
    await proxy.set({ blackHole: true });
    const error = await caught(database.connect());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ outcome: 'not-executed', retryable: true });
    await proxy.heal();
    await expectWhole(database);
  });

  it('ends a call whose reply alone is swallowed, although the server executed it', async () => {
    await stored.insert({ id: 'silent' });
    const { proxy, database } = await behindProxy(url, { max: 1 });
    const counters = new Repository(database, Counter);
    await database.connect();
    const lost = proxy.dropReply({ holding: 'update', silent: true });
    const call = caught(counters.update('silent', { n: increment(1) }, { timeout: '200ms' }));
    await lost;
    expect(await call).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect(await stored.get('silent')).toMatchObject({ n: 1 });
    await expectWhole(database);
  });
});

describe.skipIf(!inject('postgresReal'))('a network that is bad, but whole', () => {
  it.each([
    ['one byte at a time', { slice: 1 }],
    ['late and unevenly', { delay: '2ms', jitter: '8ms' }],
    ['late, unevenly and in pieces of seven bytes', { delay: '1ms', jitter: '3ms', slice: 7 }],
  ] as const)('that brings bytes %s changes no answer', async (_how, faults) => {
    const { proxy, database } = await behindProxy(url, { max: 3 });
    await proxy.set(faults);
    const asked = Array.from({ length: 12 }, (_, i) => i);
    const answers = await Promise.all(
      asked.map((i) => database.query('select $1::int as i, repeat($2, 50) as text', [i, String(i % 10)])),
    );
    expect(answers).toEqual(asked.map((i) => [{ i, text: String(i % 10).repeat(50) }]));
    const rows = new Repository(database, Counter).stream({}, { batch: 2 });
    const ids: string[] = [];
    for await (const { id } of rows) ids.push(id);
    expect(ids.sort()).toEqual((await stored.find({})).map(({ id }) => id).sort());
    await expectWhole(database);
  });
});
