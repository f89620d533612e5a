import assert from 'node:assert/strict';
import { StaleFenceError } from '../../errors/data.js';
import { type ContractCase, fails, type Given, law, type Row, refuses, type Verbs } from './kit.js';
import { increment } from './loose.js';

const ID = '00000000-0000-4000-8000-000000000000';

/** Three jobs with the fences 0, 6 and 6, and their keys. */
async function threeJobs(given: Given): Promise<{ readonly jobs: Verbs; readonly ids: readonly unknown[] }> {
  const jobs = await given.jobs();
  const rows = await jobs.insertMany([{ name: 'a' }, { name: 'b', fence: 6n }, { name: 'c', fence: 6n }]);
  return { jobs, ids: rows.map((row) => row['id']) };
}

async function told(jobs: Verbs): Promise<unknown[]> {
  return (await jobs.find({}, { orderBy: { name: 'asc' } })).map((row: Row) => [
    row['step'],
    row['fence'],
    row['version'],
  ]);
}

const START = [
  [0, 0n, 1],
  [0, 6n, 1],
  [0, 6n, 1],
];

export const fencingMany: readonly ContractCase[] = [
  law('`updateEach` writes each row with its own token, and nothing when one of them is stale', async (given) => {
    const { jobs, ids } = await threeJobs(given);
    await fails(() => jobs.updateEach(ids.map((id) => ({ id, step: 9, fence: 5n }))), StaleFenceError);
    const last = { id: ids[2], step: 9 };
    await fails(() => jobs.updateEach([{ ...last, id: ID, fence: 9n }]), StaleFenceError);
    assert.deepEqual(await told(jobs), START);
    const own = [5n, 6n, 8n].map((fence, i) => ({ id: ids[i], step: i + 1, fence }));
    assert.equal((await jobs.updateEach(own)).matched, 3);
    assert.deepEqual(await told(jobs), [
      [1, 5n, 2],
      [2, 6n, 2],
      [3, 8n, 2],
    ]);
    await fails(() => jobs.updateEach([{ ...last, fence: 7n }]), StaleFenceError);
    // Elements with a token and without one are different commands.
    assert.equal(
      (
        await jobs.updateEach([
          { id: ids[0], step: 4 },
          { ...last, fence: 9n },
        ])
      ).matched,
      2,
    );
    assert.deepEqual(await told(jobs), [
      [4, 5n, 3],
      [2, 6n, 2],
      [9, 9n, 3],
    ]);
  }),
  law('`bulk` writes nothing when a token is stale', async (given) => {
    const { jobs, ids } = await threeJobs(given);
    const writes = (fence: bigint) => [{ delete: ids[2] }, { update: ids[1], set: { step: increment(5) }, fence }];
    await fails(() => jobs.bulk(writes(5n)), StaleFenceError);
    assert.deepEqual(await told(jobs), START);
    assert.deepEqual(await jobs.bulk(writes(7n)), { matched: 1, inserted: 0, deleted: 1 });
    assert.deepEqual(await told(jobs), [
      [0, 0n, 1],
      [5, 7n, 2],
    ]);
  }),
  law('what is no token is refused before anything is sent', async (given) => {
    const { verbs, sent } = given.watched('Job');
    for (const fence of [
      -1n,
      2n ** 63n,
      1,
      0,
      -1,
      1.5,
      Number.NaN,
      2 ** 60,
      '1',
      '',
      null,
      true,
      {},
      [],
      increment(1n),
    ]) {
      await refuses(() => verbs.update(ID, { step: 1 }, { fence }), 'fence');
      await refuses(() => verbs.delete(ID, { fence }), 'fence');
      await refuses(() => verbs.updateEach([{ id: ID, step: 1, fence }]), '[0].fence');
      await refuses(() => verbs.bulk([{ update: ID, set: { step: 1 }, fence }]), '[0].fence');
      await refuses(() => verbs.insert({ name: 'a', fence }), 'fence');
    }
    await refuses(() => verbs.update(ID, { step: 'x' }, { fence: '1', version: '1' }), 'step', 'fence', 'version');
    assert.equal(sent.length, 0);
  }),
  law('a token is taken only where it is compared: by key, and of an entity that is fenced', async (given) => {
    const { verbs, sent } = given.watched('Job');
    const options = { fence: 1n };
    await refuses(() => verbs.updateOne({ name: 'a' }, { step: 1 }, options), 'fence');
    await refuses(() => verbs.updateMany({ name: 'a' }, { step: 1 }, options), 'fence');
    await refuses(() => verbs.deleteMany({ name: 'a' }, options), 'fence');
    await refuses(() => verbs.restore(ID, options), 'fence');
    await refuses(() => verbs.purge(ID, options), 'fence');
    await refuses(() => verbs.insert({ name: 'a' }, options), 'fence');
    await refuses(() => verbs.bulk([{ delete: ID, fence: 1n }]), '[0].fence');
    const draft = { name: 'a', fence: 1n };
    await refuses(() => verbs.upsert(draft, { on: 'name' }), 'fence');
    await refuses(() => verbs.getOrInsert(draft, { on: 'name' }), 'fence');
    await refuses(() => verbs.upsertMany([draft], { on: 'name' }), '[0].fence');
    await refuses(() => verbs.bulk([{ upsert: draft, on: 'name' }]), '[0].upsert.fence');
    for (const fence of [1n, increment(1n), null]) {
      await refuses(() => verbs.update(ID, { fence }), 'fence');
      await refuses(() => verbs.updateOne({ name: 'a' }, { fence }), 'fence');
      await refuses(() => verbs.updateMany({ name: 'a' }, { fence }), 'fence');
      await refuses(() => verbs.bulk([{ update: ID, set: { fence } }]), '[0].set.fence');
    }
    const other = given.watched('Account');
    await refuses(() => other.verbs.update(ID, { balance: 1 }, options), 'fence');
    await refuses(() => other.verbs.delete(ID, options), 'fence');
    await refuses(() => other.verbs.updateEach([{ id: ID, balance: 1, ...options }]), '[0].fence');
    await refuses(() => other.verbs.bulk([{ update: ID, set: { balance: 1 }, ...options }]), '[0].fence');
    assert.equal(sent.length + other.sent.length, 0);
  }),
];
