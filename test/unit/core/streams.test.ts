import { expect, it } from 'vitest';
import {
  entity,
  MemoryDatabase,
  type Middleware,
  Repository,
  TransactionClosedError,
  text,
} from '../../../src/index.js';

const Tag = entity('tags', { id: text().max(20).primaryKey() });

it('a stream that passes through middleware belongs to the transaction that it was asked for in', async () => {
  const database = new MemoryDatabase();
  const kinds: string[] = [];
  const noted: Middleware = (command, next) => {
    kinds.push(command.kind);
    return next(command);
  };
  const tags = new Repository(database, Tag, { use: [noted] });
  await tags.insert({ id: 'a' });
  const before = tags.stream();
  const made = await database.transaction(async () => {
    await tags.insert({ id: 'b' });
    const seen: string[] = [];
    for await (const { id } of before) seen.push(id);
    expect(seen).toEqual(['a']);
    return tags.stream();
  });
  await expect(made.next()).rejects.toBeInstanceOf(TransactionClosedError);
  expect(kinds).toEqual(['insert', 'insert', 'find', 'find']);
});

it('a stream that is never read asks the database nothing through middleware', async () => {
  const kinds: string[] = [];
  const tags = new Repository(new MemoryDatabase(), Tag, {
    use: [
      (command, next) => {
        kinds.push(command.kind);
        return next(command);
      },
    ],
  });
  tags.stream();
  await tags.count();
  expect(kinds).toEqual(['count']);
});
