import assert from 'node:assert/strict';
import { scopedBy } from '../../core/scoped-by.js';
import { NotFoundError, StaleFenceError, StaleVersionError } from '../../errors/data.js';
import { Job, Loose, Tight } from './fenced-entities.js';
import { hooked } from './hooked-kit.js';
import { type ContractCase, fails, type Given, law, type Row, type Verbs, verbsOf } from './kit.js';
import { gte, increment } from './loose.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** A job at its first step, with this fence. */
async function jobAt(
  given: Given,
  fence: bigint,
): Promise<{ readonly jobs: Verbs; readonly id: unknown; readonly row: Row }> {
  const jobs = await given.jobs({ name: 'other' });
  const row = await jobs.insert({ name: 'a', fence });
  return { jobs, id: row['id'], row };
}

const stale = (work: () => Promise<unknown>): Promise<void> =>
  fails(work, StaleFenceError, (error) => {
    assert.equal(error.code, 'STALE_FENCE');
    assert.equal(error.entity, 'contract_jobs');
    assert.equal(error.retryable, false);
    assert.equal(error.outcome, 'not-executed');
  });

export const fencing: readonly ContractCase[] = [
  law('a new row has the fence 0, or that of its draft, which rows show and filters and orders know', async (given) => {
    const jobs = await given.jobs();
    assert.equal((await jobs.insert({ name: 'a' }))['fence'], 0n);
    const [b, c] = (await jobs.insertMany([
      { name: 'b', fence: 7n },
      { name: 'c', fence: 2n ** 63n - 1n },
    ])) as [Row, Row];
    assert.equal(b['fence'], 7n);
    assert.deepEqual(await jobs.get(c['id']), c);
    assert.deepEqual(await jobs.distinct('fence'), [0n, 7n, 2n ** 63n - 1n]);
    assert.equal(await jobs.count({ fence: gte(7n) }), 2);
    assert.equal((await jobs.findOne({}, { orderBy: { fence: 'desc' } }))?.['name'], 'c');
  }),
  law(
    '`update` with a token as new as the fence of the row, or newer, changes the row and stores the token',
    async (given) => {
      const { jobs, id, row } = await jobAt(given, 0n);
      for (const [step, fence] of [0n, 5n, 5n, 9n, 1_766_000_000_000_000n, 2n ** 63n - 1n].entries()) {
        const changed = await jobs.update(id, { step }, { fence });
        assert.deepEqual([changed['step'], changed['fence'], changed['version']], [step, fence, step + 2]);
        assert.deepEqual(await jobs.get(id), changed);
      }
      assert.equal((await jobs.findOne({ name: 'other' }))?.['fence'], 0n);
      assert.deepEqual((await jobs.get(id))['createdAt'], row['createdAt']);
    },
  ),
  law(
    '`update` with a token older than the fence of the row throws StaleFenceError and writes nothing',
    async (given) => {
      const { jobs, id, row } = await jobAt(given, 6n);
      for (const fence of [0n, 1n, 5n]) await stale(() => jobs.update(id, { step: 1 }, { fence }));
      assert.deepEqual(await jobs.get(id), row);
      const changed = await jobs.update(id, { step: 2 }, { fence: 8n });
      await stale(() => jobs.update(id, { step: 3 }, { fence: 7n }));
      assert.deepEqual(await jobs.get(id), changed);
    },
  ),
  law('fences are compared exactly, also where numbers would not tell them apart', async (given) => {
    const { jobs, id } = await jobAt(given, 2n ** 53n + 1n);
    await stale(() => jobs.update(id, { step: 1 }, { fence: 2n ** 53n }));
    const near = await jobs.update(id, { step: 2 }, { fence: 2n ** 60n + 1n });
    assert.equal(near['fence'], 2n ** 60n + 1n);
    await stale(() => jobs.delete(id, { fence: 2n ** 60n }));
    assert.deepEqual(await jobs.get(id), near);
  }),
  law('a write with a token of a row that is gone throws NotFoundError', async (given) => {
    const { jobs, id } = await jobAt(given, 6n);
    await fails(() => jobs.update(NOBODY, { step: 1 }, { fence: 1n }), NotFoundError);
    await fails(() => jobs.delete(NOBODY, { fence: 1n }), NotFoundError);
    await jobs.delete(id);
    for (const fence of [1n, 9n]) {
      await fails(() => jobs.update(id, { step: 1 }, { fence }), NotFoundError);
      await fails(() => jobs.delete(id, { fence }), NotFoundError);
    }
  }),
  law('a write without a token goes past the fence of the row and leaves it as it is', async (given) => {
    const { jobs, id } = await jobAt(given, 6n);
    const fence = async () => (await jobs.get(id))['fence'];
    assert.equal((await jobs.update(id, { step: 1 }))['fence'], 6n);
    assert.equal((await jobs.update(id, { step: 2 }, { fence: undefined }))['fence'], 6n);
    assert.equal((await jobs.updateOne({ name: 'a' }, { step: increment(1) }))?.['fence'], 6n);
    assert.equal(await jobs.updateMany({ name: 'a' }, { step: increment(1) }), 1);
    assert.equal((await jobs.upsert({ name: 'a', step: 5 }, { on: 'name' })).row['fence'], 6n);
    assert.equal((await jobs.upsertMany([{ name: 'a', step: 6 }], { on: 'name' })).matched, 1);
    assert.equal((await jobs.updateEach([{ id, step: 7 }])).matched, 1);
    assert.equal((await jobs.bulk([{ update: id, set: { step: increment(1) } }])).matched, 1);
    assert.equal(await fence(), 6n);
    assert.equal((await jobs.delete(id))['fence'], 6n);
    assert.equal((await jobs.restore(id))['fence'], 6n);
    assert.equal((await jobs.get(id))['step'], 8);
    await stale(() => jobs.update(id, { step: 9 }, { fence: 5n }));
  }),
  law('an empty patch with a token stores the token, and is refused like any other', async (given) => {
    const { jobs, id } = await jobAt(given, 0n);
    const changed = await jobs.update(id, {}, { fence: 4n });
    assert.deepEqual([changed['step'], changed['fence'], changed['version']], [0, 4n, 2]);
    await stale(() => jobs.update(id, {}, { fence: 3n }));
    assert.equal((await jobs.updateEach([{ id, fence: 5n }])).matched, 1);
    await stale(() => jobs.updateEach([{ id, fence: 4n }]));
    assert.deepEqual([(await jobs.get(id))['fence'], (await jobs.get(id))['version']], [5n, 3]);
  }),
  law('a token and a version are both asked for; who has lost the lock is told that first', async (given) => {
    const { jobs, id, row } = await jobAt(given, 6n);
    await stale(() => jobs.update(id, { step: 1 }, { fence: 5n, version: 1 }));
    await stale(() => jobs.update(id, { step: 1 }, { fence: 5n, version: 2 }));
    await fails(() => jobs.update(id, { step: 1 }, { fence: 6n, version: 2 }), StaleVersionError);
    await fails(() => jobs.update(id, { step: 1 }, { fence: 7n, version: 2 }), StaleVersionError);
    await stale(() => jobs.updateEach([{ id, step: 1, fence: 5n, version: 2 }]));
    await fails(() => jobs.updateEach([{ id, step: 1, fence: 7n, version: 2 }]), StaleVersionError);
    assert.deepEqual(await jobs.get(id), row);
    const changed = await jobs.update(id, { step: 1 }, { fence: 7n, version: 1 });
    assert.deepEqual([changed['step'], changed['fence'], changed['version']], [1, 7n, 2]);
    // The same commands in turn: what one asks is no part of another.
    assert.equal((await jobs.update(id, { step: 2 }, { version: 2 }))['fence'], 7n);
    assert.equal((await jobs.update(id, { step: 3 }, { fence: 8n }))['version'], 4);
    assert.equal((await jobs.update(id, { step: 4 }))['fence'], 8n);
    await stale(() => jobs.update(id, { step: 5 }, { fence: 7n }));
  }),
  law('`delete` with an older token throws StaleFenceError; a soft one stores a token that is newer', async (given) => {
    const { jobs, id, row } = await jobAt(given, 6n);
    await stale(() => jobs.delete(id, { fence: 5n }));
    assert.deepEqual(await jobs.get(id), row);
    const gone = await jobs.delete(id, { fence: 8n });
    assert.equal(gone['fence'], 8n);
    assert.ok(gone['deletedAt'] instanceof Date);
    assert.deepEqual(await jobs.get(id, { deleted: 'with' }), gone);
    await jobs.restore(id);
    await stale(() => jobs.update(id, { step: 1 }, { fence: 7n }));

    const shares = await given.shares({ job: 1, part: 1, fence: 6n }, { job: 1, part: 2, fence: 6n });
    await fails(() => shares.delete({ job: 1, part: 1 }, { fence: 5n }), StaleFenceError);
    assert.equal(await shares.count(), 2);
    const taken = { job: 1, part: 1, done: 0, fence: 6n };
    assert.deepEqual(await shares.delete({ job: 1, part: 1 }, { fence: 6n }), taken);
    await fails(() => shares.delete({ job: 1, part: 1 }, { fence: 6n }), NotFoundError);
    assert.equal(await shares.count(), 1);
  }),
  law('rows with a composite key are fenced, too', async (given) => {
    const shares = await given.shares({ job: 1, part: 1 }, { job: 1, part: 2 });
    const key = { job: 1, part: 1 };
    assert.deepEqual(await shares.update(key, { done: 1 }, { fence: 3n }), { ...key, done: 1, fence: 3n });
    await fails(() => shares.update(key, { done: 2 }, { fence: 2n }), StaleFenceError);
    assert.equal((await shares.updateEach([{ ...key, done: 3, fence: 4n }])).matched, 1);
    await fails(() => shares.updateEach([{ ...key, done: 4, fence: 3n }]), StaleFenceError);
    assert.deepEqual(await shares.find({}, { orderBy: { part: 'asc' } }), [
      { ...key, done: 3, fence: 4n },
      { job: 1, part: 2, done: 0, fence: 0n },
    ]);
  }),
  law('a row from before the entity was fenced was written by no token: it takes any', async ({ database }) => {
    const loose = verbsOf(database, Loose);
    const tight = verbsOf(database, Tight);
    await loose.ensureSchema();
    const [a, b, c] = (await loose.insertMany([{ step: 1 }, { step: 1 }, { step: 1 }])) as [Row, Row, Row];
    await tight.ensureSchema();
    assert.deepEqual(await tight.update(a['id'], { step: 2 }, { fence: 3n }), { id: a['id'], step: 2, fence: 3n });
    await fails(() => tight.update(a['id'], { step: 3 }, { fence: 2n }), StaleFenceError);
    assert.equal((await tight.updateEach([{ id: b['id'], step: 2, fence: 0n }])).matched, 1);
    assert.equal((await tight.delete(c['id'], { fence: 0n }))['id'], c['id']);
    assert.equal(await tight.deleteMany({}, { all: true }), 2);
  }),
  law('a row of another scope is not there, whatever its fence', async (given) => {
    const { jobs, id, row } = await jobAt(given, 6n);
    const mine = verbsOf(given.database, Job, { use: [scopedBy('tenant', () => 'me')] });
    const theirs = verbsOf(given.database, Job, { use: [scopedBy('tenant', () => 'they')] });
    for (const fence of [5n, 7n]) {
      await fails(() => theirs.update(id, { step: 1 }, { fence }), NotFoundError);
      await fails(() => theirs.delete(id, { fence }), NotFoundError);
    }
    assert.deepEqual(await jobs.get(id), row);
    await stale(() => mine.update(id, { step: 1 }, { fence: 5n }));
    assert.equal((await mine.update(id, { step: 1 }, { fence: 7n }))['fence'], 7n);
  }),
  law(
    'hooks see nothing of a token, cannot set the fence, and do not run behind a write that is refused',
    async (given) => {
      const { jobs, id } = await jobAt(given, 6n);
      const seen: unknown[] = [];
      const verbs = hooked(
        given,
        {
          beforeUpdate: (change, { operators }) => {
            seen.push([Object.keys(change), Object.keys(operators)]);
            return { ...change, note: 'hooked' };
          },
          afterWrite: ({ rows: [row] }) => seen.push(row['fence']),
          afterDelete: ({ rows: [row] }) => seen.push(row['fence']),
        },
        Job,
      );
      await stale(() => verbs.update(id, { step: 1 }, { fence: 5n }));
      await stale(() => verbs.updateEach([{ id, step: 1, fence: 5n }]));
      await stale(() => verbs.delete(id, { fence: 5n }));
      assert.deepEqual(seen, [
        [['step'], []],
        [['step'], []],
      ]);
      assert.deepEqual((await jobs.get(id))['version'], 1);
      seen.length = 0;
      assert.equal((await verbs.update(id, { step: 1 }, { fence: 7n }))['note'], 'hooked');
      assert.equal((await verbs.updateEach([{ id, step: 2, fence: 8n }])).matched, 1);
      assert.equal((await verbs.bulk([{ update: id, set: { step: 3 }, fence: 9n }])).matched, 1);
      assert.equal((await verbs.update(id, {}, { fence: 10n }))['fence'], 10n);
      await verbs.delete(id, { fence: 11n });
      const change = [['step'], []];
      assert.deepEqual(seen, [change, 7n, change, 8n, change, 9n, 10n, 11n]);
      const setting = hooked(given, { beforeUpdate: (patch) => ({ ...patch, fence: 99n }) }, Job);
      await jobs.restore(id);
      await fails(() => setting.update(id, { step: 9 }), TypeError);
      assert.equal((await jobs.get(id))['fence'], 11n);
    },
  ),
  law('of many updates with different tokens at once, none is stored behind a newer one', async (given) => {
    const { jobs, id } = await jobAt(given, 0n);
    const tokens = [5, 2, 7, 1, 8, 3, 6, 4];
    const tries = await Promise.allSettled(
      tokens.map((token) => jobs.update(id, { note: `by ${token}`, step: increment(1) }, { fence: BigInt(token) })),
    );
    const accepted = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    for (const each of tries)
      if (each.status === 'rejected') assert.ok(each.reason instanceof StaleFenceError, String(each.reason));
    accepted.sort((a, b) => a['version'] - b['version']);
    const fences = accepted.map((row) => row['fence']);
    assert.deepEqual(
      fences,
      [...fences].sort((a, b) => Number(a - b)),
    );
    for (const row of accepted) assert.equal(row['note'], `by ${row['fence']}`);
    assert.deepEqual(await jobs.get(id), accepted.at(-1));
    assert.equal(accepted.at(-1)?.['fence'], 8n);
    assert.equal(accepted.at(-1)?.['step'], accepted.length);
  }),
];
