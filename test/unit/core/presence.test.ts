import { entity, integer, MemoryDatabase, type Middleware, Repository, text, uuid } from 'trivet';
import { expect, it } from 'vitest';
import { caught } from '../../setup/outcomes.js';

const Stock = entity('stock', {
  id: uuid().primaryKey(),
  sku: text().max(20).unique().generated(),
  pieces: integer().generated(),
});

it('what middleware did not fill in is missed behind it, told by the place of its draft', async () => {
  const fillsNothing: Middleware = (command, next) => next(command);
  const stock = new Repository(new MemoryDatabase(), Stock, { use: [fillsNothing] });
  const error = await caught(stock.upsertMany([{ sku: 'a', pieces: 1 }, { pieces: 2 }], { on: 'sku' }));
  expect(error.issues).toEqual([{ path: '[1].sku', message: 'must be given a value: `on` looks the row up by it' }]);
});
