import assert from 'node:assert/strict';
import type { Middleware } from '../../core/middleware.js';
import { QueryError } from '../../errors/runtime.js';
import type { Command } from '../../query/command.js';
import { Slot } from './entities.js';
import { type ContractCase, fails, type Given, law, type Row, type Verbs, verbsOf } from './kit.js';

/** Slots whose commands go through the middleware. */
async function through(given: Given, use: readonly Middleware[], ...drafts: object[]): Promise<Verbs> {
  await given.slots(...drafts);
  return verbsOf(given.database, Slot, { use });
}

async function all(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const CODES: readonly Row[] = [{ code: 'a' }, { code: 'b' }, { code: 'c' }];

/** What middleware sees and may do. */
export const passing: readonly ContractCase[] = [
  law('middleware sees each command once, in its order, and what comes back in the other', async (given) => {
    const seen: string[] = [];
    const named =
      (name: string): Middleware =>
      async (command, next) => {
        seen.push(`${name} ${command.kind}`);
        const result = await next(command);
        seen.push(`${name} back`);
        return result;
      };
    const slots = await through(given, [named('first'), named('second')], ...CODES);
    assert.equal(await slots.count({ code: 'a' }), 1);
    assert.deepEqual(seen, ['first count', 'second count', 'second back', 'first back']);
    seen.length = 0;
    assert.deepEqual(
      (await all(slots.stream({}, { orderBy: { code: 'asc' } }))).map(({ code }) => code),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(seen, ['first find', 'second find', 'second back', 'first back']);
  }),
  law(
    'middleware that hands everything on changes nothing, and a verb that sends nothing calls none',
    async (given) => {
      let calls = 0;
      const slots = await through(given, [
        async (command, next) => {
          calls++;
          return next(command);
        },
      ]);
      const row = await slots.insert({ code: 'a', rank: 1 });
      assert.deepEqual(await slots.get(row['id']), row);
      assert.deepEqual(await slots.find({}, { limit: 0 }), []);
      assert.deepEqual(await slots.insertMany([]), []);
      assert.deepEqual(await all(slots.stream({}, { limit: 0 })), []);
      assert.equal(calls, 2);
      assert.deepEqual((await slots.ensureSchema()).created, []);
      assert.equal(calls, 3);
    },
  ),
  law('middleware may answer by itself, rows of a stream too', async (given) => {
    const slots = await through(given, [
      async (command) => (command.kind === 'find' ? [{ id: 'x', code: 'answered' }] : 42),
    ]);
    assert.equal(await slots.count(), 42);
    assert.deepEqual(await slots.findOne({ code: 'a' }), { id: 'x', code: 'answered' });
    assert.deepEqual(await all(slots.stream()), [{ id: 'x', code: 'answered' }]);
  }),
  law('middleware may ask twice, hand on another command, and go on after an error', async (given) => {
    const kinds: Command['kind'][] = [];
    const slots = await through(
      given,
      [
        async (command, next) => {
          kinds.push(command.kind);
          if (command.kind !== 'exists') return next(command);
          const { entity, shape, where, values } = command;
          return (await next({ kind: 'count', entity, shape, where, values })) === 3 && (await next(command));
        },
        async (command, next) => {
          if (command.kind !== 'insert') return next(command);
          return next(command).catch(() => next({ ...command, rows: command.rows.slice(1) }));
        },
      ],
      ...CODES,
    );
    assert.equal(await slots.exists({}), true);
    assert.deepEqual(
      (await slots.insertMany([{ code: 'a' }, { code: 'd' }])).map(({ code }) => code),
      ['d'],
    );
    assert.deepEqual(kinds, ['exists', 'insert']);
  }),
  law('middleware is told whether rows are streamed, and the limits of the call', async (given) => {
    const told: object[] = [];
    const slots = await through(given, [
      async (command, next, call) => {
        told.push({ ...call });
        return next(command);
      },
    ]);
    const { signal } = new AbortController();
    await slots.count({}, { signal, timeout: '1m' });
    await all(slots.stream({}, { batch: 7 }));
    assert.deepEqual(told, [
      { signal, timeoutMs: 60_000, stream: false, transaction: null },
      { batch: 7, stream: true, transaction: null },
    ]);
  }),
  law('what middleware throws comes out, and nothing is sent', async (given) => {
    const no = new QueryError('No');
    const slots = await through(given, [
      () => {
        throw no;
      },
    ]);
    for (const call of [() => slots.insert({ code: 'a' }), () => slots.count(), () => all(slots.stream())])
      await fails(call, QueryError, (error) => assert.equal(error, no));
    assert.equal(await (await given.slots()).count(), 0);
  }),
  law('middleware that gives nothing, or hands nothing on, is named as the mistake', async (given) => {
    const mistakes: readonly Middleware[] = [
      async () => undefined,
      async (_, next) => next(undefined as never),
      async (_, next) => next({} as never),
    ];
    for (const mistake of mistakes) {
      const slots = await through(given, [mistake]);
      await fails(() => slots.find(), TypeError);
      await fails(() => slots.insert({ code: 'a' }), TypeError);
      await fails(() => all(slots.stream()), TypeError);
    }
    const slots = await through(given, [
      async (command, next) => next(command.kind === 'find' ? ({ ...command, kind: 'count' } as Command) : command),
    ]);
    await fails(() => all(slots.stream()), TypeError);
    for (const use of [1, 'no', [null], [{}]]) assert.throws(() => verbsOf(given.database, Slot, { use }), TypeError);
  }),
  law('middleware of a repository in a transaction runs inside it', async (given) => {
    const slots = await through(given, [async (command, next) => next(command)]);
    await fails(
      () =>
        given.database.transaction(async () => {
          await slots.insert({ code: 'a' });
          throw new QueryError('No');
        }),
      QueryError,
    );
    assert.equal(await slots.count(), 0);
  }),
];
