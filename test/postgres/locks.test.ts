import { describe, expect, inject, it } from 'vitest';
import {
  ConflictError,
  entity,
  enumOf,
  integer,
  PostgresRepository,
  Repository,
  softDelete,
  text,
} from '../../src/index.js';
import type { Command } from '../../src/query/command.js';
import { postgresDatabase } from '../setup/databases.js';
import { commandOf, compile } from '../unit/postgres/compiled.js';
import { openedAt, running, until } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 10 });
const observer = openedAt(url, { max: 1 });
const Job = entity('jobs', {
  id: integer().primaryKey(),
  state: enumOf('waiting', 'done').default('waiting'),
  worker: text().max(20).optional(),
  ...softDelete(),
});
await database.ensureSchema([Job]);
const jobs = new PostgresRepository(database, Job);

const caught = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error) => error,
  );

async function fresh(count: number): Promise<void> {
  await database.query('truncate jobs');
  await jobs.insertMany(Array.from({ length: count }, (_, i) => ({ id: i + 1 })));
}

/** Runs `work` while another transaction has locked the row 1. */
async function whileLocked(lock: 'update' | 'share', work: () => Promise<void>): Promise<void> {
  await database.transaction(async () => {
    await jobs.get(1, { lock });
    await database.detached(work);
  });
}

describe.skipIf(!inject('postgresReal'))('a lock', () => {
  it('lets 8 workers share a table of jobs: each job is taken once', async () => {
    await fresh(200);
    const taken: number[][] = [];
    const turns: (() => void)[] = [];
    // All have a batch before any goes on: without `skipLocked` they would wait for each other for ever.
    const meet = (): Promise<void> =>
      new Promise((resolve) => {
        turns.push(resolve);
        if (turns.length === 8) for (const go of turns) go();
      });
    const worker = async (name: string): Promise<void> => {
      for (let first = true; ; first = false) {
        const left = await database.transaction(async () => {
          const batch = await jobs.find(
            { state: 'waiting' },
            { orderBy: { id: 'asc' }, limit: 7, lock: 'update', skipLocked: true },
          );
          if (first) await meet();
          taken.push(batch.map(({ id }) => id));
          for (const { id } of batch) await jobs.update(id, { state: 'done', worker: name });
          return batch.length;
        });
        if (left === 0) return;
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, i) => worker(`w${i}`)));
    expect(taken.slice(0, 8).every((batch) => batch.length === 7)).toBe(true);
    expect(taken.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(await jobs.count({ state: 'done' })).toBe(200);
  });

  it('of `get`, `findById` and `findOne` keeps writers waiting until its transaction ends', async () => {
    const verbs = [
      () => jobs.get(1, { lock: 'update' }),
      () => jobs.findById(1, { lock: 'no key update' }),
      () => jobs.findOne({ state: 'waiting' }, { orderBy: { id: 'asc' }, lock: 'share' }),
      () => jobs.find({ id: 1 }, { lock: 'key share' }),
    ];
    for (const verb of verbs) {
      await fresh(2);
      const order: string[] = [];
      let other: Promise<unknown> = Promise.resolve();
      await database.transaction(async () => {
        await verb();
        other = database.detached(() => jobs.purge(1)).then(() => order.push('deleted'));
        await until(() => database.detached(() => running(observer, 'delete from "jobs"')));
        order.push('end');
      });
      await other;
      expect(order).toEqual(['end', 'deleted']);
    }
  });

  it('with `noWait` throws a ConflictError that may be tried again, and the row is free afterwards', async () => {
    await fresh(1);
    await whileLocked('update', async () => {
      const error = await caught(database.transaction(() => jobs.get(1, { lock: 'update', noWait: true })));
      expect(error).toBeInstanceOf(ConflictError);
      expect(error).toMatchObject({ retryable: true, outcome: 'not-executed' });
    });
    expect(await database.transaction(() => jobs.get(1, { lock: 'update', noWait: true }))).toMatchObject({ id: 1 });
  });

  it('is shared where both ask for `share`, and not with `update`', async () => {
    await fresh(1);
    await whileLocked('share', async () => {
      await database.transaction(async () => {
        expect(await jobs.findById(1, { lock: 'share', skipLocked: true })).toMatchObject({ id: 1 });
        expect(await jobs.findById(1, { lock: 'update', skipLocked: true })).toBeNull();
        // Without a lock nobody waits.
        expect(await jobs.findById(1)).toMatchObject({ id: 1 });
      });
    });
  });

  it('takes the first row that is free: `skipLocked` comes before `limit`', async () => {
    await fresh(3);
    await whileLocked('update', async () => {
      const one = () =>
        jobs.findOne({ state: 'waiting' }, { orderBy: { id: 'asc' }, lock: 'update', skipLocked: true });
      expect(await database.transaction(one)).toMatchObject({ id: 2 });
    });
  });
});

describe('a lock is refused before anything is sent', () => {
  it('outside a transaction, where it would end at once', async () => {
    const calls = [
      () => jobs.find({}, { lock: 'update' }),
      () => jobs.findOne({ id: 1 }, { lock: 'share', noWait: true }),
      () => jobs.findById(1, { lock: 'update', skipLocked: true }),
      () => jobs.get(1, { lock: 'key share' }),
      () => database.transaction(() => database.detached(() => jobs.get(1, { lock: 'update' }))),
    ];
    for (const call of calls) {
      const error = await caught(call());
      expect(error).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'lock' }] });
      expect(error.message).toContain('inside `database.transaction()`');
    }
  });

  it('in a read-only transaction, and the transaction goes on', async () => {
    await fresh(1);
    const counted = await database.transaction(
      async () => {
        expect(await caught(jobs.get(1, { lock: 'share' }))).toMatchObject({
          code: 'VALIDATION',
          issues: [{ path: 'lock', message: 'cannot be taken in a transaction with `readOnly: true`' }],
        });
        return jobs.count();
      },
      { readOnly: true },
    );
    expect(counted).toBe(1);
  });

  it.each<[object, readonly string[]]>([
    [{ lock: 'for update' }, ['lock']],
    [{ lock: true, limit: -1 }, ['limit', 'lock']],
    [{ skipLocked: true }, ['skipLocked']],
    [{ lock: 'update', skipLocked: 1 }, ['skipLocked']],
    [{ lock: 'update', skipLocked: true, noWait: true }, ['noWait']],
    [{ lok: 'update' }, ['lok']],
  ])('when it is wrong: %j', async (options, paths) => {
    const error = await caught(database.transaction(() => jobs.find({}, options)));
    expect(error).toMatchObject({ code: 'VALIDATION' });
    expect(error.issues.map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  it('by a portable repository, and by the verbs that lock nothing', async () => {
    const portable = new Repository(database, Job);
    const options: object = { lock: 'update' };
    const calls = [
      () => portable.find({}, options),
      () => portable.get(1, options),
      () => jobs.count({}, options),
      () => jobs.paginate({}, options),
      () => jobs.update(1, { worker: 'x' }, options),
      () => jobs.stream({}, options).next(),
    ];
    for (const call of calls) {
      const error = await caught(database.transaction(async () => call()));
      expect(error).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'lock' }] });
    }
  });
});

describe('a lock as SQL', () => {
  const sent = (options: object): Promise<Command> =>
    commandOf(Job, ({ database: noted }) => new PostgresRepository(noted, Job).find({ state: 'waiting' }, options));

  it.each([
    [{ lock: 'update' }, ' for update'],
    [{ lock: 'no key update', noWait: true }, ' for no key update nowait'],
    [{ lock: 'share', skipLocked: true }, ' for share skip locked'],
    [{ lock: 'key share' }, ' for key share'],
  ])('%j', async (options, end) => {
    const { text: sql } = compile(await sent({ ...options, limit: 5, offset: 2 }));
    expect(sql.endsWith(` limit $2::int8 offset $3::int8${end}`), sql).toBe(true);
  });

  it('is a part of the shape, so that no two locks share a plan', async () => {
    const all = [
      {},
      { lock: 'update' },
      { lock: 'share' },
      { lock: 'update', noWait: true },
      { lock: 'update', skipLocked: true },
    ];
    const shapes = await Promise.all(
      all.map(async (options) => ((await sent(options)) as { readonly shape: string }).shape),
    );
    expect(new Set(shapes).size).toBe(all.length);
  });
});

describe.skipIf(!inject('postgresReal'))('a transaction that meets a locked row', () => {
  it('runs again where it says `retryLocked`, and not without', async () => {
    await fresh(1);
    for (const retryLocked of [false, true]) {
      let attempts = 0;
      let free = (): void => {};
      const held = new Promise<void>((resolve) => {
        free = resolve;
      });
      const holder = database.transaction(async () => {
        await jobs.get(1, { lock: 'update' });
        await held;
      });
      await until(async () => {
        const rows = await observer.query("select 1 from pg_locks where mode = 'RowShareLock' and granted");
        return rows.length > 0;
      });
      const taker = database.transaction(
        async () => {
          if (++attempts === 2) {
            free();
            await database.detached(() => holder);
          }
          return (await jobs.get(1, { lock: 'update', noWait: true })).id;
        },
        { retries: 3, retryLocked },
      );
      if (retryLocked) expect(await taker).toBe(1);
      else expect(await caught(taker)).toBeInstanceOf(ConflictError);
      free();
      await holder;
      expect(attempts).toBe(retryLocked ? 2 : 1);
    }
  });

  it('is told so by name when the option is wrong', async () => {
    const options: object = { retryLocked: 1 };
    expect(await caught(database.transaction(async () => 1, options))).toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: 'retryLocked' }],
    });
  });
});

describe('a write of raw SQL in a read-only transaction', () => {
  it('is refused for what it is, and the connection is not dropped', async () => {
    const single = openedAt(url, { max: 1 });
    const backend = async () => (await single.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]!.pid;
    const before = await backend();
    const error = await caught(
      single.transaction(() => single.query('update jobs set worker = null'), { readOnly: true }),
    );
    expect(error).toMatchObject({ code: 'QUERY', serverCode: '25006', retryable: false });
    expect(error.message).toContain('`readOnly: true`');
    expect(await backend()).toBe(before);
  });
});
