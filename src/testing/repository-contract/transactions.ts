import assert from 'node:assert/strict';
import { DuplicateKeyError, ValidationError } from '../../errors/data.js';
import { QueryError, TransactionAbortedError } from '../../errors/runtime.js';
import { type ContractCase, fails, type Given, law, type Verbs } from './kit.js';
import { count, increment } from './loose.js';

class Stop extends Error {}

/** The codes that are stored, sorted, as a call outside of every transaction sees them. */
export async function codes(given: Given, slots: Verbs): Promise<string> {
  const rows = await given.database.detached(() => slots.find({}, { orderBy: { code: 'asc' } }));
  return rows.map((row) => row['code']).join(' ');
}

/** What happens inside a transaction, and what it leaves. */
export const transactions: readonly ContractCase[] = [
  law('a `transaction` gives what its work gives, and stores what it wrote', async (given) => {
    const slots = await given.slots({ code: 'a', rank: 1 });
    const result = await given.database.transaction(async () => {
      await slots.insert({ code: 'b' });
      const row = await slots.findOne({ code: 'a' });
      await slots.update(row!['id'], { rank: increment(1) });
      await slots.upsert({ code: 'c', rank: 5 }, { on: 'code' });
      return slots.count();
    });
    assert.equal(result, 3);
    assert.equal(await codes(given, slots), 'a b c');
    assert.equal((await slots.findOne({ code: 'a' }))!['rank'], 2);
  }),
  law('every read inside a `transaction` sees what it wrote', async (given) => {
    const slots = await given.slots({ code: 'a', rank: 1 });
    await given.database.transaction(async () => {
      await slots.insert({ code: 'b', rank: 1 });
      const seen = [
        (await slots.find({ code: 'b' })).length,
        await slots.count({ code: 'b' }),
        (await slots.exists({ code: 'b' })) ? 1 : 0,
        (await slots.distinct('code', { code: 'b' })).length,
        (await slots.groupBy(['code'], { n: count() }, { where: { code: 'b' } })).length,
        (await slots.paginate({ code: 'b' }, {})).rows.length,
        (await slots.paginateByCursor({ code: 'b' }, {})).rows.length,
      ];
      assert.deepEqual(seen, [1, 1, 1, 1, 1, 1, 1]);
      assert.equal((await slots.paginate({}, { count: 'estimated', limit: 1 })).total, 2);
    });
  }),
  law('a `transaction` whose work throws stores nothing and throws the same error', async (given) => {
    const slots = await given.slots({ code: 'a', rank: 1 }, { code: 'z' });
    const error = new Stop('no');
    const call = given.database.transaction(async () => {
      await slots.insert({ code: 'b' });
      await slots.updateMany({ code: 'a' }, { rank: 2 });
      await slots.deleteMany({ code: 'z' });
      throw error;
    });
    await assert.rejects(call, (thrown) => thrown === error);
    assert.equal(await codes(given, slots), 'a z');
    assert.equal((await slots.findOne({ code: 'a' }))!['rank'], 1);
  }),
  law('work of a `transaction` that throws at once, without a promise, stores nothing', async (given) => {
    const work = (): never => {
      throw new Stop('at once');
    };
    await fails(() => given.database.transaction(work), Stop);
  }),
  law(
    'every verb joins the `transaction`: it sees what the transaction wrote, and is undone with it',
    async (given) => {
      const slots = await given.slots({ code: 'a', rank: 1 }, { code: 'b', rank: 2 });
      await fails(
        () =>
          given.database.transaction(async () => {
            const c = await slots.insert({ code: 'c', rank: 3 });
            assert.deepEqual(await slots.findById(c['id']), c);
            assert.deepEqual(await slots.get(c['id']), c);
            assert.deepEqual(await slots.findOne({ code: 'c' }), c);
            assert.equal((await slots.find()).length, 3);
            assert.equal(await slots.count(), 3);
            assert.equal(await slots.exists({ code: 'c' }), true);
            assert.deepEqual(await slots.distinct('code'), ['a', 'b', 'c']);
            assert.equal((await slots.updateOne({ code: 'c' }, { rank: 4 }))!['rank'], 4);
            assert.equal(await slots.updateMany({ code: 'a' }, { rank: 9 }), 1);
            assert.equal((await slots.upsert({ code: 'c', rank: 6 }, { on: 'code' })).action, 'updated');
            assert.equal((await slots.upsert({ code: 'd' }, { on: 'code' })).action, 'inserted');
            assert.equal((await slots.delete(c['id']))['code'], 'c');
            assert.equal(await slots.deleteMany({ code: 'b' }), 1);
            const seen: string[] = [];
            for await (const row of slots.stream({}, { orderBy: { code: 'asc' }, batch: 1 })) seen.push(row['code']);
            assert.deepEqual(seen, ['a', 'd']);
            throw new Stop();
          }),
        Stop,
      );
      assert.equal(await codes(given, slots), 'a b');
      assert.equal((await slots.findOne({ code: 'a' }))!['rank'], 1);
    },
  ),
  law('nobody outside sees a `transaction` before it has ended', async (given) => {
    const slots = await given.slots({ code: 'a' });
    await given.database.transaction(async () => {
      await slots.insert({ code: 'b' });
      await slots.deleteMany({ code: 'a' });
      assert.equal(await codes(given, slots), 'a');
    });
    assert.equal(await codes(given, slots), 'b');
  }),
  law('`detached` leaves the `transaction`, and what it stored stays when that is undone', async (given) => {
    const slots = await given.slots();
    await fails(
      () =>
        given.database.transaction(async () => {
          await slots.insert({ code: 'inside' });
          await given.database.detached(() => slots.insert({ code: 'outside' }));
          await given.database.detached(() => given.database.transaction(() => slots.insert({ code: 'other' })));
          assert.equal(await slots.exists({ code: 'inside' }), true);
          throw new Stop();
        }),
      Stop,
    );
    assert.equal(await codes(given, slots), 'other outside');
    assert.equal(
      given.database.detached(() => 7),
      7,
    );
  }),
  law('calls of `Promise.all` inside a `transaction` are all of it, the first ones too', async (given) => {
    const slots = await given.slots({ code: 'a', rank: 0 });
    await given.database.transaction(async () => {
      await Promise.all(Array.from({ length: 12 }, (_, i) => slots.insert({ code: `n${String(i).padStart(2, '0')}` })));
      await Promise.all(Array.from({ length: 5 }, () => slots.updateMany({ code: 'a' }, { rank: increment(1) })));
    });
    assert.equal(await slots.count(), 13);
    assert.equal((await slots.findOne({ code: 'a' }))!['rank'], 5);
  }),
  law('of several calls that fail at once in a `transaction`, the first error comes out', async (given) => {
    const slots = await given.slots({ code: 'a' });
    await fails(
      () =>
        given.database.transaction(() =>
          Promise.all([slots.insert({ code: 'b' }), slots.insert({ code: 'a' }), slots.insert({ code: 'c' })]),
        ),
      DuplicateKeyError,
      (error) => assert.deepEqual(error.fields, ['code']),
    );
    assert.equal(await codes(given, slots), 'a');
  }),
  law('`insertMany` inside a `transaction`, of any number of rows, is undone with it', async (given) => {
    const slots = await given.slots();
    const drafts = Array.from({ length: 5_003 }, (_, i) => ({ code: `n${i}` }));
    await fails(
      () =>
        given.database.transaction(async () => {
          assert.equal((await slots.insertMany(drafts)).length, drafts.length);
          assert.equal(await slots.count(), drafts.length);
          throw new Stop();
        }),
      Stop,
    );
    assert.equal(await slots.count(), 0);
  }),
  law('a call that failed ends what a `transaction` can store, also when its error is caught', async (given) => {
    const slots = await given.slots({ code: 'a' });
    const late = (cause: unknown) => assert.ok(cause instanceof DuplicateKeyError);
    await fails(
      () =>
        given.database.transaction(async () => {
          await slots.insert({ code: 'b' });
          await fails(() => slots.insert({ code: 'a' }), DuplicateKeyError);
          await fails(
            () => slots.insert({ code: 'c' }),
            TransactionAbortedError,
            ({ cause }) => late(cause),
          );
          await fails(() => slots.count(), TransactionAbortedError);
        }),
      TransactionAbortedError,
      ({ cause, outcome }) => {
        late(cause);
        assert.equal(outcome, 'not-executed');
      },
    );
    assert.equal(await codes(given, slots), 'a');
  }),
  law('input that is refused before it is sent leaves a `transaction` as it is', async (given) => {
    const slots = await given.slots();
    await given.database.transaction(async () => {
      await slots.insert({ code: 'a' });
      await fails(() => slots.insert({ wrong: 1 }), ValidationError);
      await fails(() => slots.get('01930000-0000-7000-8000-000000000000'), Error);
      await slots.insert({ code: 'b' });
    });
    assert.equal(await codes(given, slots), 'a b');
  }),
  law('a `transaction` that is read-only refuses writes and reads on', async (given) => {
    const slots = await given.slots({ code: 'a' });
    const total = await given.database.transaction(
      async () => {
        await fails(
          () => slots.insert({ code: 'b' }),
          QueryError,
          (error) => assert.equal(error.outcome, 'not-executed'),
        );
        await fails(() => slots.deleteMany({}, { all: true }), QueryError);
        assert.equal((await slots.find()).length, 1);
        assert.equal(await slots.exists({ code: 'a' }), true);
        assert.deepEqual(await slots.distinct('code'), ['a']);
        assert.deepEqual(await slots.groupBy(['code'], { n: count() }), [{ code: 'a', n: 1 }]);
        return slots.count();
      },
      { readOnly: true },
    );
    assert.equal(total, 1);
  }),
  law('a `transaction` nested in another one is a part of it', async (given) => {
    const slots = await given.slots();
    const { database } = given;
    await fails(
      () =>
        database.transaction(async () => {
          assert.equal(await database.transaction(async () => (await slots.insert({ code: 'a' }))['code']), 'a');
          assert.equal(await slots.count(), 1);
          throw new Stop();
        }),
      Stop,
    );
    assert.equal(await slots.count(), 0);
    await database.transaction(async () => {
      await slots.insert({ code: 'a' });
      await Promise.all(['b', 'c'].map((code) => database.transaction(() => slots.insert({ code }))));
      await database.transaction(() => database.transaction(() => slots.insert({ code: 'd' })));
    });
    assert.equal(await codes(given, slots), 'a b c d');
  }),
  law('a nested `transaction` that fails is undone alone, and the one around it goes on', async (given) => {
    const slots = await given.slots({ code: 'taken' });
    const { database } = given;
    await database.transaction(async () => {
      await slots.insert({ code: 'a' });
      const nested = () =>
        database.transaction(async () => {
          await slots.insert({ code: 'lost' });
          await slots.insert({ code: 'taken' });
        });
      await fails(nested, DuplicateKeyError);
      await slots.insert({ code: 'b' });
      await fails(
        () =>
          database.transaction(async () => {
            await database.transaction(() => slots.insert({ code: 'inner' }));
            throw new Stop();
          }),
        Stop,
      );
      assert.equal(await slots.exists({ code: 'inner' }), false);
    });
    assert.equal(await codes(given, slots), 'a b taken');
  }),
];
