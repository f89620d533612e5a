import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ConflictError,
  entity,
  increment,
  integer,
  Repository,
  SchemaError,
  TransactionAbortedError,
  text,
} from '../../src/index.js';
import { MongoDatabase, MongoRepository } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';
import { lossyWire } from '../setup/lossy-wire.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const Account = entity('accounts', {
  id: text().max(20).primaryKey(),
  balance: integer().default(0),
  tag: text().max(20).optional().unique(),
});
await database.ensureSchema([Account]);
const accounts = new MongoRepository(database, Account);

const caught = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error) => error,
  );

beforeEach(async () => {
  await accounts.deleteMany({}, { all: true });
  await accounts.insertMany([{ id: 'a' }, { id: 'b' }]);
});

/** Both have taken their snapshot before either writes; later visits pass. */
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

describe('transactions that lose against each other', () => {
  it('are run again, as a whole, after a write conflict, and `afterCommit` runs once each', async () => {
    const meet = meeting();
    let attempts = 0;
    const committed: number[] = [];
    const add = (n: number) =>
      database.transaction(
        async (tx) => {
          attempts++;
          tx.afterCommit(() => committed.push(n));
          const { balance } = await accounts.get('a');
          await meet();
          await accounts.update('a', { balance: balance + 1 });
        },
        { retries: 8 },
      );
    await Promise.all([add(1), add(2)]);
    expect(attempts).toBeGreaterThanOrEqual(3);
    expect(committed.sort()).toEqual([1, 2]);
    expect((await accounts.get('a')).balance).toBe(2);
  });

  it('throw ConflictError without retries, also out of a nested one, and store nothing of the loser', async () => {
    const meet = meeting();
    const add = () =>
      database.transaction(async () => {
        await accounts.get('b');
        await meet();
        await database.transaction(() => accounts.update('a', { balance: increment(1) }));
      });
    const errors = (await Promise.all([caught(add()), caught(add())])).filter((error) => error !== null);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(ConflictError);
    expect(errors[0]).toMatchObject({ retryable: true, outcome: 'not-executed' });
    expect((await accounts.get('a')).balance).toBe(1);
  });

  it('can skew a write, so `serializable` is refused before anything is sent', async () => {
    let ran = false;
    const call = database.transaction(
      async () => {
        ran = true;
      },
      { isolation: 'serializable' },
    );
    await expect(call).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'isolation' }] });
    expect(ran).toBe(false);
  });

  it('see one snapshot from their first read', async () => {
    await database.transaction(async () => {
      expect(await accounts.count()).toBe(2);
      await database.detached(() => accounts.insert({ id: 'c' }));
      expect(await accounts.count()).toBe(2);
    });
    expect(await accounts.count()).toBe(3);
  });
});

describe('what is in a transaction', () => {
  it('may start together, as its first operations', async () => {
    for (let round = 0; round < 20; round++) {
      await database.transaction(async () => {
        const found = await Promise.all([
          accounts.get('a'),
          accounts.count(),
          accounts.find({}, { limit: 1 }),
          accounts.distinct('id'),
        ]);
        expect(found[1]).toBe(2);
      });
    }
  });

  it('is undone as a whole when a nested one fails, although its error was caught', async () => {
    const error = new Error('nested');
    const call = database.transaction(async () => {
      await accounts.insert({ id: 'c' });
      expect(await caught(database.transaction(() => Promise.reject(error)))).toBe(error);
      expect(await caught(accounts.count())).toBeInstanceOf(TransactionAbortedError);
    });
    expect(await caught(call)).toMatchObject({ code: 'TRANSACTION_ABORTED', cause: error });
    expect(await accounts.count()).toBe(2);
  });

  it('is an `aggregate`, and an `upsert` of either form', async () => {
    const undo = new Error('undo');
    const call = database.transaction(async () => {
      await accounts.upsert({ id: 'c', tag: 'x' }, { on: 'id' });
      await accounts.upsert({ id: 'c', tag: 'x', balance: 5 }, { on: 'tag' });
      expect(await accounts.aggregate([{ $match: { _id: 'c' } }])).toMatchObject([{ _id: 'c', balance: 5 }]);
      throw undo;
    });
    expect(await caught(call)).toBe(undo);
    expect(await accounts.count()).toBe(2);
  });

  it('is no schema: making collections in it is refused', async () => {
    const Other = entity('others', { id: integer().primaryKey() });
    await database.transaction(async () => {
      await expect(new Repository(database, Other).ensureSchema()).rejects.toBeInstanceOf(SchemaError);
      await database.detached(() => database.ensureSchema([Other]));
      expect(await accounts.count()).toBe(2);
    });
  });

  it('is a stream of several batches, with other calls between them', async () => {
    await accounts.insertMany(Array.from({ length: 20 }, (_, i) => ({ id: `n${i}` })));
    await database.transaction(async () => {
      let seen = 0;
      for await (const row of accounts.stream({}, { batch: 3 })) {
        seen++;
        await accounts.update(row.id, { balance: increment(1) });
      }
      expect(seen).toBe(22);
      for await (const row of accounts.stream({}, { batch: 2 })) if (row.id !== '') break;
      expect(await accounts.count({ balance: 1 })).toBe(22);
    });
    expect(await accounts.count({ balance: 1 })).toBe(22);
  });
});

describe('a wire that breaks', () => {
  const open = async () => {
    const direct = new URL(url);
    direct.searchParams.set('directConnection', 'true');
    const wire = await lossyWire(direct.href);
    const own = new MongoDatabase({ url: wire.url, name, connectTimeout: '500ms' });
    const close = async (): Promise<void> => {
      await own.close();
      await wire.close();
    };
    return { wire, own, mine: new Repository(own, Account), close };
  };

  it('before the commit, which is never sent then: the call says that nothing of it is stored', async () => {
    const { wire, own, mine, close } = await open();
    let failure: unknown;
    const call = own.transaction(async () => {
      await mine.insert({ id: 'c' });
      wire.lose('reply', 'findAndModify');
      failure = await caught(mine.update('c', { balance: 1 }));
    });
    expect(await caught(call)).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed' });
    expect(failure).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed' });
    expect(await accounts.count()).toBe(2);
    await close();
  });

  it.each(['request', 'reply'] as const)(
    'at the commit, and loses the %s: the commit is sent again, alone',
    async (what) => {
      const { wire, own, mine, close } = await open();
      let attempts = 0;
      const committed: string[] = [];
      await own.transaction(async (tx) => {
        attempts++;
        tx.afterCommit(() => committed.push('c'));
        await mine.insert({ id: 'c' });
        wire.lose(what, 'commitTransaction');
      });
      expect(attempts).toBe(1);
      expect(committed).toEqual(['c']);
      expect(await accounts.count()).toBe(3);
      await close();
    },
  );

  it('at the commit for good, after the server has stored it: the outcome is unknown, and the work does not run again', async () => {
    const { wire, own, mine, close } = await open();
    let attempts = 0;
    const call = own.transaction(
      async () => {
        attempts++;
        await mine.insert({ id: 'c' });
        wire.lose('reply', 'commitTransaction', true);
      },
      { retries: 3 },
    );
    expect(await caught(call)).toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
    expect(attempts).toBe(1);
    expect(await accounts.count()).toBe(3);
    await close();
  });
});
