import { describe, expect, inject, it } from 'vitest';
import { ConnectionError, entity, integer, Repository, TimeoutError, text } from '../../../src/index.js';
import { openedAt, running } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { backendOf, caught, expectWhole } from './kit.js';

const { url } = await postgresDatabase();
const observer = openedAt(url, { max: 3 });
const Entry = entity('entries', { id: text().max(40).primaryKey(), n: integer().default(0) });
await observer.ensureSchema([Entry]);
const stored = new Repository(observer, Entry);
const terminate = (pid: number) => observer.query('select pg_terminate_backend($1)', [pid]);

expectNothingUncaught();

// PGlite has one session, and cannot end it.
describe.skipIf(!inject('postgresReal'))('a backend that is terminated', () => {
  it('while idle: no caller learns it', async () => {
    const database = openedAt(url, { max: 1 });
    const before = await backendOf(database);
    await terminate(before);
    await until(async () => database.stats().total === 0);
    expect(await backendOf(database)).not.toBe(before);
    await expectWhole(database);
  });

  it('in a transaction between two calls: the next call fails, nothing of it is stored', async () => {
    const database = openedAt(url, { max: 2 });
    const entries = new Repository(database, Entry);
    const error = await caught(
      database.transaction(async () => {
        await entries.insert({ id: 'terminated between' });
        await terminate(await backendOf(database));
        await entries.insert({ id: 'terminated after' });
      }),
    );
    expect(error).toBeInstanceOf(ConnectionError);
    expect(await stored.count({ id: 'terminated between' })).toBe(0);
    await expectWhole(database);
  });

  it('in the middle of a statement: ConnectionError of unknown outcome', async () => {
    const database = openedAt(url, { max: 1 });
    const pid = await backendOf(database);
    const call = caught(database.query("select pg_sleep(600), 'mid-query'"));
    await until(() => running(observer, "'mid-query'"));
    await terminate(pid);
    expect(await call).toMatchObject({ code: 'CONNECTION', outcome: 'unknown', retryable: true });
    await expectWhole(database);
  });

  it('with every other one under load: each call settles, by a row or by a typed error', async () => {
    const database = openedAt(url, { max: 4 });
    let terminated = 0;
    let going = true;
    const results: unknown[] = [];
    const caller = async (): Promise<void> => {
      while (going) {
        results.push(await database.query('select 1 as one').catch((error: unknown) => error));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const callers = Array.from({ length: 12 }, caller);
    while (terminated < 40) {
      const rows = await observer.query<{ n: number }>(
        `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and application_name = 'trivet' and random() < 0.5
         and backend_type = 'client backend'`,
      );
      terminated += rows[0]!.n;
    }
    going = false;
    await Promise.all(callers);
    const failed = results.filter((each) => each instanceof Error);
    for (const error of failed) expect(error).toBeInstanceOf(ConnectionError);
    expect(results.length).toBeGreaterThan(failed.length);
    await expectWhole(database);
  });
});

describe.skipIf(!inject('postgresReal'))('a statement that somebody cancels', () => {
  it('is a TimeoutError that did not happen, and its connection is kept', async () => {
    const database = openedAt(url, { max: 1 });
    const pid = await backendOf(database);
    const call = caught(database.query("insert into entries select 'cancelled', 1 from pg_sleep(600)"));
    await until(() => running(observer, "'cancelled'"));
    await observer.query('select pg_cancel_backend($1)', [pid]);
    const error = await call;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ outcome: 'not-executed' });
    expect(await backendOf(database)).toBe(pid);
    expect(await stored.count({ id: 'cancelled' })).toBe(0);
  });

  it('by a statement_timeout of the server: the same', async () => {
    const database = openedAt(`${url}${url.includes('?') ? '&' : '?'}options=-c%20statement_timeout%3D50`, { max: 1 });
    const error = await caught(database.query('select pg_sleep(600)'));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ outcome: 'not-executed' });
    await expectWhole(database);
  });
});

describe.skipIf(!inject('postgresReal'))('a server that has no room', () => {
  it('on its disk: QueryError with its code, nothing stored, and the connection is kept', async () => {
    await observer.query(`create function no_room() returns trigger language plpgsql as $$
      begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`);
    await observer.query(
      'create trigger no_room before insert on entries for each row when (new.n = 53100) execute function no_room()',
    );
    const database = openedAt(url, { max: 1 });
    const pid = await backendOf(database);
    const error = await caught(new Repository(database, Entry).insert({ id: 'no room', n: 53100 }));
    expect(error).toMatchObject({ code: 'QUERY', serverCode: '53100', outcome: 'not-executed' });
    expect(await stored.count({ id: 'no room' })).toBe(0);
    expect(await backendOf(database)).toBe(pid);
  });
});
