import assert from 'node:assert/strict';
import { NotFoundError } from '../../errors/data.js';
import { QueryError } from '../../errors/runtime.js';
import { ANN, hooked, no } from './hooked-kit.js';
import { type ContractCase, fails, law, type Row } from './kit.js';

const ID = '0190a5f2-7c3e-7d11-9b1e-0123456789ab';

/** What hooks do behind a write, and in one transaction with it. */
export const afterWriting: readonly ContractCase[] = [
  law('`afterWrite` and `afterDelete` tell what was done, of nothing nothing', async (given) => {
    const plain = await given.writers();
    const events: Row[] = [];
    const note = (event: Row) => void events.push(event);
    const writers = hooked(given, { afterWrite: note, afterDelete: note });
    const told = async (work: () => Promise<unknown>) => {
      events.length = 0;
      const result = await work();
      return { result, events: [...events] };
    };
    const draft = { ...ANN, slug: 's' };
    const inserted = await told(() => writers.insert(draft));
    const row = inserted.result as Row;
    const one = (verb: string, action: string | undefined, each: unknown) => ({
      verb,
      ...(action !== undefined && { action }),
      rows: [each],
      count: 1,
    });
    assert.deepEqual(inserted.events, [one('insert', 'inserted', row)]);
    const { id } = row;
    const updated = await told(() => writers.update(id, { level: 2 }));
    assert.deepEqual(updated.events, [one('update', 'updated', updated.result)]);
    const first = await told(() => writers.updateOne({ name: 'ann' }, { level: 3 }));
    assert.deepEqual(first.events, [one('updateOne', 'updated', first.result)]);
    const many = await told(() => writers.updateMany({ name: 'ann' }, { level: 4 }));
    assert.deepEqual(many.events, [{ verb: 'updateMany', action: 'updated', rows: [], count: 1 }]);
    const upserted = await told(() => writers.upsert(draft, { on: 'name' }));
    assert.deepEqual(upserted.events, [one('upsert', 'updated', (upserted.result as Row)['row'])]);
    const deleted = await told(() => writers.delete(id));
    assert.deepEqual(deleted.events, [one('delete', undefined, deleted.result)]);
    const restored = await told(() => writers.restore(id));
    assert.deepEqual(restored.events, [one('restore', 'restored', restored.result)]);
    const purged = await told(() => writers.purge(id));
    assert.deepEqual(purged.events, [one('purge', undefined, purged.result)]);
    const made = await told(() => writers.getOrInsert(draft, { on: 'name' }));
    assert.deepEqual(made.events, [one('getOrInsert', 'inserted', (made.result as Row)['row'])]);
    const all = await told(() => writers.insertMany([{ ...draft, name: 'Bob', slug: 'b' }]));
    assert.deepEqual(all.events, [{ verb: 'insertMany', action: 'inserted', rows: all.result, count: 1 }]);
    const gone = await told(() => writers.deleteMany({ name: 'bob' }));
    assert.deepEqual(gone.events, [{ verb: 'deleteMany', rows: [], count: 1 }]);
    for (const nothing of [
      () => writers.getOrInsert(draft, { on: 'name' }),
      () => writers.update(((made.result as Row)['row'] as Row)['id'], {}),
      () => writers.updateOne({ name: 'nobody' }, { level: 1 }),
      () => writers.updateMany({ name: 'nobody' }, { level: 1 }),
      () => writers.deleteMany({ name: 'nobody' }),
      () => writers.insertMany([]),
    ])
      assert.deepEqual((await told(nothing)).events, []);
    await fails(() => writers.update(id, { level: 1 }), NotFoundError);
    await fails(() => writers.delete(id), NotFoundError);
    assert.deepEqual(events, []);
    assert.equal(await plain.count(), 1);
  }),
  law('a hook that throws after a write or a deletion undoes it, with what the hooks wrote', async (given) => {
    const parcels = await given.parcels();
    const plain = await given.writers({ ...ANN, slug: 's' });
    const [row] = await plain.find();
    const logging = async () => {
      await parcels.insert({ tenant: 't', code: 'logged' });
      throw no;
    };
    const writers = hooked(given, {
      beforeDelete: async () => void (await parcels.insert({ tenant: 't', code: 'before' })),
      afterWrite: logging,
      afterDelete: logging,
    });
    for (const work of [
      () => writers.insert({ ...ANN, name: 'Bob', slug: 'b' }),
      () => writers.insertMany([{ ...ANN, name: 'Bob', slug: 'b' }]),
      () => writers.update(row!['id'], { level: 2 }),
      () => writers.updateMany({}, { level: 2 }, { all: true }),
      () => writers.upsert({ ...ANN, slug: 'b' }, { on: 'name' }),
      () => writers.delete(row!['id']),
      () => writers.purge(row!['id']),
      () => writers.deleteMany({}, { all: true }),
    ])
      await fails(work, QueryError, (error) => assert.equal(error, no));
    await fails(
      () => hooked(given, { beforeDelete: () => parcels.insert({ tenant: 't', code: 'x' }) }).delete(ID),
      NotFoundError,
    );
    assert.deepEqual(await plain.find({}, { deleted: 'with' }), [row]);
    assert.equal(await parcels.count(), 0);
  }),
  law('the hooks after a write join the transaction around, and `afterCommit` waits for its end', async (given) => {
    const plain = await given.writers();
    const log: string[] = [];
    const writers = hooked(given, {
      afterWrite: (event, tx) => {
        log.push(`wrote ${event.count}`);
        tx.afterCommit(() => void log.push('committed'));
      },
    });
    await given.database.transaction(async () => {
      await writers.insert({ ...ANN, slug: 's' });
      log.push('still inside');
    });
    await writers.insert({ ...ANN, name: 'Bob', slug: 'b' });
    assert.deepEqual(log, ['wrote 1', 'still inside', 'committed', 'wrote 1', 'committed']);
    await fails(
      () =>
        given.database.transaction(async () => {
          await writers.insert({ ...ANN, name: 'Cid', slug: 'c' });
          throw no;
        }),
      QueryError,
    );
    assert.equal(log.length, 6);
    assert.equal(await plain.count(), 2);
  }),
];
