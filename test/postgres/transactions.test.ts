import { describe, expect, inject, it } from 'vitest';
import { Deadline } from '../../src/core/deadline.js';
import {
  ConflictError,
  entity,
  increment,
  integer,
  Repository,
  TransactionAbortedError,
  TransactionClosedError,
  text,
} from '../../src/index.js';
import { Connections } from '../../src/postgres/connections.js';
import { plain } from '../../src/postgres/exchange.js';
import { parseOptions } from '../../src/postgres/options.js';
import { commitOn } from '../../src/postgres/transaction.js';
import { postgresDatabase } from '../setup/databases.js';
import { lossyWire } from '../setup/lossy-wire.js';
import { openedAt, running, uncaught, until } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 6 });
const Account = entity('accounts', { id: text().max(20).primaryKey(), balance: integer().default(0) });
await database.ensureSchema([Account]);
const accounts = new Repository(database, Account);

async function fresh(...ids: readonly string[]): Promise<void> {
  await accounts.deleteMany({}, { all: true });
  await accounts.insertMany(ids.map((id) => ({ id })));
}

const caught = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error) => error,
  );
const balance = async (id: string): Promise<number> => (await accounts.get(id)).balance;

/** Two that meet at a point before either goes on; later visits, of a second attempt, pass. */
function meeting(): () => Promise<void> {
  let here = 0;
  let open = (): void => {};
  const both = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (++here === 2) open();
    return both;
  };
}

const real = describe.skipIf(!inject('postgresReal'));

real('transactions that lose against each other', () => {
  it('are run again, as a whole, after a serialization failure, and `afterCommit` runs once each', async () => {
    await fresh('a', 'b');
    const meet = meeting();
    let attempts = 0;
    const committed: string[] = [];
    const add = (to: string) =>
      database.transaction(
        async (tx) => {
          attempts++;
          tx.afterCommit(() => committed.push(to));
          const sum = (await accounts.find()).reduce((total, row) => total + row.balance, 0);
          await meet();
          await accounts.update(to, { balance: increment(sum + 1) });
        },
        { isolation: 'serializable', retries: 5 },
      );
    await Promise.all([add('a'), add('b')]);
    expect(attempts).toBeGreaterThanOrEqual(3);
    expect(committed.sort()).toEqual(['a', 'b']);
    // One after the other: the second saw what the first had written.
    expect([await balance('a'), await balance('b')].sort()).toEqual([1, 2]);
  });

  it('throw ConflictError without retries, and store nothing of the loser', async () => {
    await fresh('a');
    const meet = meeting();
    const add = () =>
      database.transaction(
        async () => {
          const { balance } = await accounts.get('a');
          await meet();
          await accounts.update('a', { balance: balance + 1 });
        },
        { isolation: 'repeatable read' },
      );
    const errors = (await Promise.all([caught(add()), caught(add())])).filter((error) => error !== null);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(ConflictError);
    expect(errors[0]).toMatchObject({ retryable: true, outcome: 'not-executed' });
    expect(await balance('a')).toBe(1);
  });

  it('are run again after a deadlock, also when it hit a savepoint', async () => {
    for (const nested of [false, true]) {
      await fresh('a', 'b');
      const meet = meeting();
      const move = (from: string, to: string) =>
        database.transaction(
          async () => {
            await accounts.update(from, { balance: increment(-1) });
            await meet();
            const last = () => accounts.update(to, { balance: increment(1) });
            await (nested ? database.transaction(last) : last());
          },
          { retries: 3 },
        );
      await Promise.all([move('a', 'b'), move('b', 'a')]);
      expect([await balance('a'), await balance('b')]).toEqual([0, 0]);
    }
  });

  it('are not run again for an error of their own', async () => {
    let attempts = 0;
    const call = database.transaction(
      async () => {
        attempts++;
        throw new ConflictError('made by hand', { retryable: true });
      },
      { retries: 3 },
    );
    await expect(call).rejects.toThrow('made by hand');
    expect(attempts).toBe(1);
  });
});

real('two transactions whose steps interleave', () => {
  const levels = ['read committed', 'repeatable read', 'serializable'] as const;
  /** Both read before either writes; gives how many were stored. */
  const both = async (
    isolation: (typeof levels)[number],
    work: (step: () => Promise<void>, i: number) => Promise<void>,
  ) => {
    const meet = meeting();
    const runs = [0, 1].map((i) => caught(database.transaction(() => work(meet, i), { isolation })));
    return (await Promise.all(runs)).filter((error) => error === null).length;
  };

  it.each([
    ['read committed', 2],
    ['repeatable read', 1],
    ['serializable', 1],
  ] as const)('lose an update on `%s` only when both are stored: %i', async (isolation, stored) => {
    await fresh('a');
    const count = await both(isolation, async (meet) => {
      const row = await accounts.get('a');
      await meet();
      await accounts.update('a', { balance: row.balance + 1 });
    });
    expect(count).toBe(stored);
    expect(await balance('a')).toBe(1);
  });

  it.each([
    ['read committed', 2],
    ['repeatable read', 2],
    ['serializable', 1],
  ] as const)('skew a write on `%s` when both are stored: %i', async (isolation, stored) => {
    await fresh('a', 'b');
    await accounts.updateMany({}, { balance: 1 }, { all: true });
    const count = await both(isolation, async (meet, i) => {
      const on = await accounts.count({ balance: 1 });
      await meet();
      if (on > 1) await accounts.update(i === 0 ? 'a' : 'b', { balance: 0 });
    });
    expect(count).toBe(stored);
    expect(await accounts.count({ balance: 1 })).toBe(2 - stored);
  });
});

describe('what a transaction holds', () => {
  it('is one connection, given back whatever the end', async () => {
    const own = openedAt(url, { max: 1 });
    const mine = new Repository(own, Account);
    const idle = { total: 1, idle: 1, waiting: 0 };
    await fresh();
    await own.transaction(() => mine.insert({ id: 'a' }));
    expect(own.stats()).toMatchObject(idle);
    await expect(own.transaction(() => mine.insert({ id: 'a' }))).rejects.toMatchObject({ code: 'DUPLICATE_KEY' });
    expect(own.stats()).toMatchObject(idle);
    await caught(own.transaction(() => Promise.reject(new Error('x'))));
    await caught(own.transaction(() => own.query('select wrong')));
    await caught(own.transaction(() => own.transaction(() => own.query('select wrong'))));
    expect(own.stats()).toMatchObject(idle);
    expect(await mine.count()).toBe(1);
    expect(await own.query("select current_setting('transaction_isolation') as level")).toEqual([
      { level: 'read committed' },
    ]);
  });

  it('has the isolation and the mode that were asked for', async () => {
    const ask = () =>
      database.query(
        "select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as ro",
      );
    expect(await database.transaction(ask, { isolation: 'serializable', readOnly: true })).toEqual([
      { level: 'serializable', ro: 'on' },
    ]);
    expect(await database.transaction(ask, { isolation: 'repeatable read' })).toEqual([
      { level: 'repeatable read', ro: 'off' },
    ]);
    await expect(
      database.transaction(() => database.transaction(ask, { isolation: 'serializable' })),
    ).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'isolation' }] });
  });

  it('is joined by `query`, `prepared` and `ensureSchema`', async () => {
    const Late = entity('late_table', { id: integer().primaryKey() });
    await caught(
      database.transaction(async () => {
        expect((await database.ensureSchema([Late])).created).toContain('table late_table');
        await database.query('insert into late_table (id) values ($1)', [1]);
        expect(await database.prepared('late', 'select id from late_table')).toEqual([{ id: 1 }]);
        throw new Error('undo');
      }),
    );
    expect(await database.query("select to_regclass('late_table')::text as found")).toEqual([{ found: null }]);
  });

  it('serves other calls between two batches of a stream', async () => {
    await fresh(...Array.from({ length: 25 }, (_, i) => `n${String(i).padStart(2, '0')}`));
    const seen = await database.transaction(async () => {
      const ids: string[] = [];
      for await (const row of accounts.stream({}, { orderBy: { id: 'asc' }, batch: 4 })) {
        ids.push(row.id);
        await accounts.update(row.id, { balance: 1 });
        await database.transaction(() => accounts.update(row.id, { balance: increment(1) }));
      }
      for await (const row of accounts.stream({}, { batch: 3 })) if (row.id === 'n05') break;
      return ids;
    });
    expect(seen).toHaveLength(25);
    expect(await accounts.count({ balance: 2 })).toBe(25);
  });

  it('gives a stream in a nested transaction its rows too, when it began outside of that', async () => {
    await fresh('a', 'b', 'c');
    const rows = await database.transaction(async () => {
      const stream = accounts.stream({}, { batch: 1 });
      const first = (await stream.next()).value;
      const second = await database.transaction(async () => (await stream.next()).value);
      return [first, second];
    });
    expect(rows.map((row) => row?.id).sort()).toHaveLength(2);
    expect(await accounts.count()).toBe(3);
  });
});

real('a connection that breaks', () => {
  it('at BEGIN: ConnectionError, work does not run, and no client is lost', async () => {
    const wire = await lossyWire(url);
    const own = openedAt(wire.url, { max: 1 });
    const watch = uncaught();
    await own.connect();
    for (const what of ['request', 'reply'] as const) {
      wire.lose(what, 'begin');
      let ran = false;
      const error = await caught(
        own.transaction(async () => {
          ran = true;
        }),
      );
      expect(error).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed' });
      expect(ran).toBe(false);
      expect(await own.query('select 1 as one')).toEqual([{ one: 1 }]);
      expect(own.stats()).toMatchObject({ total: 1, idle: 1 });
    }
    watch.stop();
    expect(watch.errors).toEqual([]);
    await own.close();
    await wire.close();
  });

  it('at ROLLBACK: the error of the work comes out, and the client is dropped', async () => {
    const wire = await lossyWire(url);
    const own = openedAt(wire.url, { max: 1 });
    const mine = new Repository(own, Account);
    await fresh();
    const error = new Error('the first');
    const call = own.transaction(async () => {
      await mine.insert({ id: 'a' });
      wire.lose('request', 'rollback');
      throw error;
    });
    expect(await caught(call)).toBe(error);
    expect(await mine.count()).toBe(0);
    await own.close();
    await wire.close();
  });

  it('at COMMIT, after the server has stored it: the call succeeds', async () => {
    const wire = await lossyWire(url);
    const own = openedAt(wire.url, { max: 2 });
    const mine = new Repository(own, Account);
    await fresh();
    const committed: string[] = [];
    const call = own.transaction(async (tx) => {
      tx.afterCommit(() => committed.push('a'));
      await mine.insert({ id: 'a' });
      wire.lose('reply', 'commit');
      return 'result';
    });
    expect(await call).toBe('result');
    expect(committed).toEqual(['a']);
    expect(await balance('a')).toBe(0);
    await own.close();
    await wire.close();
  });

  it('at COMMIT, before it came to the server: nothing is stored, and the error says so', async () => {
    const wire = await lossyWire(url);
    const own = openedAt(wire.url, { max: 2 });
    const mine = new Repository(own, Account);
    await fresh();
    const call = own.transaction(async () => {
      await mine.insert({ id: 'a' });
      wire.lose('request', 'commit');
    });
    expect(await caught(call)).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed', retryable: true });
    expect(await accounts.count()).toBe(0);
    await own.close();
    await wire.close();
  });

  it('at COMMIT, with nobody to ask: the outcome is unknown', async () => {
    const wire = await lossyWire(url);
    const own = openedAt(wire.url, { max: 1, connectTimeout: '500ms' });
    const mine = new Repository(own, Account);
    await fresh();
    let closing: Promise<void> | null = null;
    const call = own.transaction(async () => {
      await mine.insert({ id: 'a' });
      wire.lose('reply', 'commit');
      closing = own.close();
    });
    expect(await caught(call)).toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
    await closing;
    await wire.close();
  });

  it('in the middle, because the server ended it: nothing is stored, and the next transaction works', async () => {
    await fresh();
    const own = openedAt(url, { max: 1 });
    const mine = new Repository(own, Account);
    const watch = uncaught();
    const call = own.transaction(async () => {
      await mine.insert({ id: 'a' });
      const [row] = await own.query<{ pid: number }>('select pg_backend_pid() as pid');
      await database.query('select pg_terminate_backend($1)', [row!.pid]);
      await mine.insert({ id: 'b' });
    });
    expect(await caught(call)).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed' });
    expect(await accounts.count()).toBe(0);
    await own.transaction(() => mine.insert({ id: 'c' }));
    expect(own.stats()).toMatchObject({ total: 1, idle: 1 });
    watch.stop();
    expect(watch.errors).toEqual([]);
  });

  it('before COMMIT: a call whose reply is lost, or that ends at its timeout, says that nothing of it is stored', async () => {
    const wire = await lossyWire(url);
    const own = openedAt(wire.url, { max: 1 });
    const mine = new Repository(own, Account);
    await fresh();
    const lost = own.transaction(async () => {
      await mine.insert({ id: 'a' });
      wire.lose('reply', '"balance" =');
      await mine.update('a', { balance: 1 });
    });
    expect(await caught(lost)).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed' });
    await accounts.insert({ id: 'locked' });
    await database.transaction(async () => {
      await accounts.update('locked', { balance: 1 });
      const late = database.detached(() =>
        own.transaction(() => mine.update('locked', { balance: 2 }, { timeout: '200ms' })),
      );
      expect(await caught(late)).toMatchObject({ code: 'TIMEOUT', outcome: 'not-executed' });
    });
    expect(await balance('locked')).toBe(1);
    expect(await accounts.count()).toBe(1);
    await own.close();
    await wire.close();
  });

  it('at a statement of the caller, which may be a COMMIT: the outcome is unknown', async () => {
    const wire = await lossyWire(url);
    const own = openedAt(wire.url, { max: 1 });
    await fresh();
    const call = own.transaction(async () => {
      await new Repository(own, Account).insert({ id: 'a' });
      wire.lose('reply', 'commit');
      await own.query('commit');
    });
    expect(await caught(call)).toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
    expect(await accounts.count()).toBe(1);
    await own.close();
    await wire.close();
  });

  it('by the timeout of the transaction, during a statement: that is cancelled on the server', async () => {
    const own = openedAt(url, { max: 1 });
    const call = caught(own.transaction(() => own.query("select pg_sleep(600), 'overdue'"), { timeout: '400ms' }));
    await until(() => running(database, "'overdue'"));
    expect(await call).toMatchObject({ code: 'TIMEOUT', outcome: 'not-executed' });
    await until(async () => !(await running(database, "'overdue'")));
    expect(await own.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('the end', () => {
  it('is no success when the server made a ROLLBACK of COMMIT', async () => {
    const settings = parseOptions({ url });
    const connections = new Connections(settings);
    const deadline = new Deadline(30_000, undefined);
    const session = await connections.acquire(deadline);
    await session.run(plain('begin'), deadline);
    await caught(session.run(plain('select wrong'), deadline));
    expect(await caught(commitOn(session, deadline, settings.resource))).toBeInstanceOf(TransactionAbortedError);
    session.release();
    deadline.clear();
    await connections.close(10_000);
  });

  it('is told when a statement of the caller ended the transaction already', async () => {
    await fresh();
    const call = database.transaction(async () => {
      await accounts.insert({ id: 'a' });
      await database.query('rollback');
    });
    expect(await caught(call)).toMatchObject({ code: 'TRANSACTION_ABORTED', outcome: 'unknown' });
    expect(await accounts.count()).toBe(0);
  });

  it('comes after what was started and not awaited', async () => {
    await fresh();
    const late: Promise<unknown>[] = [];
    await database.transaction(async () => {
      late.push(accounts.insert({ id: 'a' }));
    });
    expect(await balance('a')).toBe(0);
    await Promise.all(late);
    const lost: Promise<unknown>[] = [];
    await caught(
      database.transaction(async () => {
        lost.push(caught(accounts.insert({ id: 'b' })), caught(accounts.insert({ id: 'c' })));
        throw new Error('undo');
      }),
    );
    expect((await Promise.all(lost)).some((error) => error instanceof TransactionClosedError)).toBe(true);
    expect(await accounts.count()).toBe(1);
  });

  it('comes with an error of a deferred constraint', async () => {
    await database.query('create table once (n int unique deferrable initially deferred)');
    const call = database.transaction(async () => {
      await database.query('insert into once values (1)');
      await database.query('insert into once values (1)');
    });
    expect(await caught(call)).toMatchObject({ code: 'DUPLICATE_KEY', outcome: 'not-executed' });
    expect(await database.query('select n from once')).toEqual([]);
  });
});

real('a prepared statement that a changed table made stale', () => {
  it('loses its transaction, which runs again as a whole where it may', async () => {
    const single = openedAt(url, { max: 1 });
    await single.query('create table shifting (id text primary key, balance int4 not null)');
    const Shifting = entity('shifting', { id: text().max(20).primaryKey(), balance: integer() });
    const rows = new Repository(single, Shifting);
    const types = ['int8', 'numeric'];
    for (const retries of [0, 1]) {
      await rows.deleteMany({}, { all: true });
      await rows.insert({ id: 'a', balance: 1 });
      // Known to the connection with the old type.
      await rows.find({ id: 'a' });
      await database.query(`alter table shifting alter column balance type ${types[retries]}`);
      let attempts = 0;
      const call = single.transaction(
        async () => {
          attempts++;
          return (await rows.find({ id: 'a' }))[0]!.balance;
        },
        { retries },
      );
      if (retries === 1) expect(await call).toBe(1);
      else expect(await caught(call)).toMatchObject({ cause: { code: '0A000' } });
      expect(attempts).toBe(retries + 1);
    }
  });
});
