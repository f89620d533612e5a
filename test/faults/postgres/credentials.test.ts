import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthenticationError, ConnectionError, entity, integer, Repository, uuid } from '../../../src/index.js';
import { startOwnPostgres } from '../../../src/testing/index.js';
import { openedAt } from '../../postgres/kit.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { caught } from './kit.js';

const server = await startOwnPostgres({ log: () => {} });
const admin = openedAt(server.url, { name: 'the administrator' });
const Entry = entity('entries', { id: uuid().primaryKey(), n: integer() });

const target = new URL(server.url);
const place = { host: target.hostname, port: Number(target.port), database: target.pathname.slice(1) };
const ROTATIONS = 5;

/** A user of its own, whose password the test changes: where it is kept, as a service would read it anew. */
async function userWith(
  name: string,
  first: string,
): Promise<{ password: string; rotate(next: string): Promise<void> }> {
  await admin.query(`create role ${name} login password '${first}'`);
  await admin.query(`grant all on all tables in schema public to ${name}`);
  const user = {
    password: first,
    async rotate(next: string): Promise<void> {
      await admin.query(`alter role ${name} password '${next}'`);
      user.password = next;
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [name]);
    },
  };
  return user;
}

expectNothingUncaught();
beforeAll(async () => {
  await new Repository(admin, Entry).ensureSchema();
});
afterAll(async () => {
  await admin.close();
  await server.stop();
});

describe('a password that rotates under load', () => {
  it('is asked for at each new connection: calls go on, every failure is told truthfully, and no password shows', async () => {
    const user = await userWith('rotating', 'planted 0');
    const database = openedAt('', {
      url: undefined,
      ...place,
      user: 'rotating',
      password: () => user.password,
      max: 4,
    });
    const entries = new Repository(database, Entry);
    const acknowledged = new Set<string>();
    const refused = new Set<string>();
    const errors: unknown[] = [];
    let going = true;
    const caller = async (): Promise<void> => {
      while (going) {
        const id = crypto.randomUUID();
        try {
          await entries.insert({ id, n: 1 });
          acknowledged.add(id);
        } catch (error) {
          errors.push(error);
          if ((error as ConnectionError).outcome === 'not-executed') refused.add(id);
        }
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    const more = (by: number): Promise<void> => {
      const before = acknowledged.size;
      return until(async () => acknowledged.size >= before + by);
    };
    for (let round = 1; round <= ROTATIONS; round++) {
      await more(20);
      await user.rotate(`planted ${round}`);
      await more(20);
    }
    going = false;
    await Promise.all(callers);
    const stored = new Set((await new Repository(admin, Entry).find({})).map(({ id }) => id));
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
    expect([...refused].filter((id) => stored.has(id))).toEqual([]);
    // Between the change on the server and the one where it is kept, a new connection is refused: that call was not executed.
    for (const error of errors) {
      expect(error instanceof ConnectionError || error instanceof AuthenticationError).toBe(true);
      expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
    }
    expect(errors.some((error) => error instanceof ConnectionError)).toBe(true);
    expect(database.stats()).toMatchObject({ active: 0, waiting: 0 });
  });

  it('the control: one that is a text is refused as soon as a connection is made', async () => {
    const user = await userWith('fixed', 'planted first');
    const database = openedAt('', { url: undefined, ...place, user: 'fixed', password: user.password, max: 1 });
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    await user.rotate('planted second');
    await until(async () => database.stats().total === 0);
    const error = await caught(database.query('select 1'));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ retryable: false, outcome: 'not-executed' });
  });

  it('leaves connections that are open alone', async () => {
    const user = await userWith('kept', 'planted first');
    let asked = 0;
    const password = (): string => {
      asked += 1;
      return user.password;
    };
    const database = openedAt('', { url: undefined, ...place, user: 'kept', password, max: 1 });
    const [before] = await database.query('select pg_backend_pid() as pid');
    await admin.query("alter role kept password 'planted second'");
    const [after] = await database.query('select pg_backend_pid() as pid');
    expect([after, asked]).toEqual([before, 1]);
  });
});
