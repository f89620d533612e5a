import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { AbortedError, AfterCommitError, TimeoutError, TransactionClosedError } from '../../errors/runtime.js';
import { type ContractCase, fails, law, refuses } from './kit.js';
import { codes } from './transactions.js';

class Stop extends Error {}

/** How a transaction ends, and what comes after. */
export const transactionEnds: readonly ContractCase[] = [
  law('a call after the end of its `transaction` throws TransactionClosedError, from a timer too', async (given) => {
    const slots = await given.slots();
    const { database } = given;
    let go = (): void => {};
    const later = new Promise<void>((resolve) => {
      go = resolve;
    });
    const late: Promise<void>[] = [];
    const tx = await database.transaction(async (given) => {
      await slots.insert({ code: 'a' });
      const insert = () => slots.insert({ code: 'late' });
      // A continuation keeps the context that it was made in, as a timer does.
      late.push(later.then(() => fails(insert, TransactionClosedError)));
      late.push(later.then(() => fails(() => database.transaction(insert), TransactionClosedError)));
      late.push(
        later.then(() =>
          fails(() => slots.stream()[Symbol.asyncIterator]().next() as Promise<unknown>, TransactionClosedError),
        ),
      );
      return given;
    });
    go();
    await Promise.all(late);
    assert.throws(() => tx.afterCommit(() => {}), TransactionClosedError);
    await slots.insert({ code: 'b' });
    assert.equal(await codes(given, slots), 'a b');
  }),
  law('a `stream` belongs to the `transaction` that it was asked for in, wherever it is read', async (given) => {
    const slots = await given.slots({ code: 'a' });
    const before = slots.stream();
    const [made, read] = await given.database.transaction(async () => {
      await slots.insert({ code: 'b' });
      const seen: unknown[] = [];
      for await (const row of before) seen.push(row['code']);
      return [slots.stream()[Symbol.asyncIterator](), seen];
    });
    assert.deepEqual(read, ['a']);
    await fails(() => made.next() as Promise<unknown>, TransactionClosedError);
  }),
  law('`afterCommit` runs once, after the commit and before the result, in order', async (given) => {
    const slots = await given.slots();
    const { database } = given;
    const log: string[] = [];
    const result = await database.transaction(async (tx) => {
      tx.afterCommit(async () => {
        log.push(`first ${await codes(given, slots)}`);
        await slots.insert({ code: 'b' });
      });
      await slots.insert({ code: 'a' });
      await database.transaction(async (inner) => inner.afterCommit(() => log.push('nested')));
      tx.afterCommit(() => log.push('last'));
      log.push('work');
      return 'result';
    });
    assert.equal(result, 'result');
    assert.deepEqual(log, ['work', 'first a', 'nested', 'last']);
    assert.equal(await codes(given, slots), 'a b');
  }),
  law('`afterCommit` of a `transaction` that is undone does not run', async (given) => {
    const slots = await given.slots();
    const log: string[] = [];
    await fails(
      () =>
        given.database.transaction(async (tx) => {
          tx.afterCommit(() => log.push('never'));
          await slots.insert({ code: 'a' });
          throw new Stop();
        }),
      Stop,
    );
    assert.deepEqual(log, []);
  }),
  law(
    'an error in `afterCommit` is an AfterCommitError: the `transaction` is stored, and the others run',
    async (given) => {
      const slots = await given.slots();
      const log: string[] = [];
      const error = new Stop();
      await fails(
        () =>
          given.database.transaction(async (tx) => {
            await slots.insert({ code: 'a' });
            tx.afterCommit(() => {
              throw error;
            });
            tx.afterCommit(() => log.push('second'));
            return 'result';
          }),
        AfterCommitError,
        (thrown) => {
          assert.deepEqual(thrown.errors, [error]);
          assert.equal(thrown.result, 'result');
          assert.equal(thrown.outcome, 'executed');
          assert.equal(thrown.retryable, false);
        },
      );
      assert.deepEqual(log, ['second']);
      assert.equal(await codes(given, slots), 'a');
    },
  ),
  law('a `transaction` ends with its signal: `tx.signal` aborts, and nothing is stored', async (given) => {
    const slots = await given.slots();
    const controller = new AbortController();
    const seen: unknown[] = [];
    await fails(
      () =>
        given.database.transaction(
          async (tx) => {
            await slots.insert({ code: 'a' });
            tx.signal.addEventListener('abort', () => seen.push(tx.signal.reason));
            controller.abort(new Stop());
            await new Promise(() => {});
          },
          { signal: controller.signal },
        ),
      AbortedError,
      ({ outcome, cause }) => {
        assert.equal(outcome, 'not-executed');
        assert.ok(cause instanceof Stop);
      },
    );
    assert.ok(seen[0] instanceof AbortedError);
    assert.equal(await codes(given, slots), '');
    const { signal } = controller;
    await fails(() => given.database.transaction(() => slots.insert({ code: 'b' }), { signal }), AbortedError);
    assert.equal(await codes(given, slots), '');
  }),
  law('a `transaction` that does not end within its timeout is undone with a TimeoutError', async (given) => {
    const slots = await given.slots();
    const reasons: unknown[] = [];
    await fails(
      () =>
        given.database.transaction(
          async (tx) => {
            await slots.insert({ code: 'a' });
            await new Promise((resolve) => tx.signal.addEventListener('abort', resolve));
            reasons.push(tx.signal.reason);
            await fails(
              () => slots.insert({ code: 'b' }),
              TransactionClosedError,
              (error) => reasons.push(error),
            );
          },
          { timeout: '300ms' },
        ),
      TimeoutError,
      ({ outcome }) => assert.equal(outcome, 'not-executed'),
    );
    assert.ok(reasons[0] instanceof TimeoutError);
    assert.equal(await codes(given, slots), '');
  }),
  law('a `transaction` leaves no listener on the caller’s signal', async (given) => {
    const slots = await given.slots();
    const { signal } = new AbortController();
    await given.database.transaction(() => slots.insert({ code: 'a' }), { signal, timeout: '1h' });
    await fails(() => given.database.transaction(() => slots.insert({ code: 'a' }), { signal }), Error);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  }),
  law('transactions at the same time keep apart', async (given) => {
    const slots = await given.slots();
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        given.database.transaction(async () => {
          await slots.insert({ code: `first${i}` });
          await slots.insert({ code: `second${i}` });
          if (i % 2 === 1) throw new Stop();
        }),
      ),
    );
    assert.equal(results.filter(({ status }) => status === 'rejected').length, 4);
    assert.equal(await codes(given, slots), 'first0 first2 first4 first6 second0 second2 second4 second6');
  }),
  law('wrong options of `transaction` are refused by name, and its work does not run', async (given) => {
    const { database } = given;
    const run = (options: unknown) => () =>
      database.transaction(async () => {
        throw new Stop();
      }, options as object);
    await refuses(run({ isolation: 'snapshot', retries: -1, readOnly: 1 }), 'isolation', 'retries', 'readOnly');
    await refuses(run({ retry: 3 }), 'retry');
    await refuses(run({ timeout: 5 }), 'timeout');
    await refuses(run({ signal: {} }), 'signal');
    await refuses(() => database.transaction(undefined as never), '');
    await database.transaction(() => refuses(run({ readOnly: false }), 'readOnly'), { readOnly: true });
  }),
];
