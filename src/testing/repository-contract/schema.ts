import assert from 'node:assert/strict';
import { DuplicateKeyError } from '../../errors/data.js';
import type { SchemaReport } from '../../query/command.js';
import { Narrow, Wide } from './entities.js';
import { type ContractCase, fails, law, models, refuses, verbsOf } from './kit.js';

export const schema: readonly ContractCase[] = [
  law('`ensureSchema` a second time makes nothing, finds no drift and leaves the rows', async (given) => {
    const samples = await given.samples({ label: 'kept', detail: { count: 1 } });
    const report = await given.database.run<SchemaReport>({ kind: 'ensureSchema', entities: models });
    assert.deepEqual(report.created, []);
    assert.deepEqual(report.drift, []);
    assert.equal(await samples.count({ label: 'kept', 'detail.count': 1 }), 1);
  }),
  law('`ensureSchema` of no entities makes nothing', async (given) => {
    const report = await given.database.run<SchemaReport>({ kind: 'ensureSchema', entities: [] });
    assert.deepEqual(report, { created: [], drift: [] });
  }),
  law(
    '`ensureSchema` adds what an entity has gained, and rows written before have null there',
    async ({ database }) => {
      const narrow = verbsOf(database, Narrow);
      const wide = verbsOf(database, Wide);
      await narrow.ensureSchema();
      const old = await narrow.insert({ name: 'old', inside: { a: 1 } });
      await wide.ensureSchema();
      const seen = await wide.get(old['id']);
      assert.deepEqual(seen, { id: old['id'], name: 'old', extra: null, code: null, inside: { a: 1, b: null } });
      await wide.insert({ name: 'new', code: 'c' });
      await fails(() => wide.insert({ name: 'again', code: 'c' }), DuplicateKeyError);
      assert.deepEqual((await wide.ensureSchema()).created, []);
      assert.equal(await wide.deleteMany({}, { all: true }), 2);
    },
  ),
  law('what an entity does not name is dropped on read and left alone by writes', async ({ database }) => {
    const narrow = verbsOf(database, Narrow);
    const wide = verbsOf(database, Wide);
    await narrow.ensureSchema();
    await wide.ensureSchema();
    const row = await wide.insert({ name: 'x', extra: 'kept', inside: { a: 1, b: 'kept' } });
    const { id } = row;
    assert.deepEqual(await narrow.get(id), { id, name: 'x', inside: { a: 1 } });
    assert.deepEqual(await narrow.find({ 'inside.a': 1 }), [{ id, name: 'x', inside: { a: 1 } }]);
    assert.deepEqual(await narrow.update(id, { name: 'y', 'inside.a': 2 }), { id, name: 'y', inside: { a: 2 } });
    assert.deepEqual(await wide.get(id), { ...row, name: 'y', inside: { a: 2, b: 'kept' } });
    await refuses(() => narrow.find({ extra: 'kept' }), 'extra');
    await narrow.deleteMany({}, { all: true });
  }),
  law('fields and columns may be named like words of a query language, in every verb', async (given) => {
    const words = await given.words(
      { order: 1, select: 'a', group: { where: 'x', from: 1 } },
      { order: 2, select: 'b', group: { where: 'y' } },
    );
    const rows = await words.find(
      { order: 1, 'group.where': 'x' },
      { orderBy: { select: 'asc', 'group.from': 'desc' } },
    );
    assert.equal(rows.length, 1);
    const { user } = rows[0]!;
    const changed = await words.update(user, { 'group.from': 5, camelCase: 'c', select: null, renamed: 'r' });
    assert.deepEqual(changed, {
      user,
      order: 1,
      select: null,
      camelCase: 'c',
      renamed: 'r',
      group: { where: 'x', from: 5 },
    });
    assert.deepEqual(await words.get(user), changed);
    assert.deepEqual(await words.find({ renamed: 'r', camelCase: 'c' }), [changed]);
    assert.deepEqual(await words.distinct('order'), [1, 2]);
    assert.equal((await words.upsert({ order: 2, select: 'z' }, { on: 'order' })).row['select'], 'z');
    assert.deepEqual(await words.delete(user), changed);
  }),
];
