import { describe, expect, it } from 'vitest';
import { ConflictError, entity, increment, integer, MemoryDatabase, Repository, text } from '../../../src/index.js';

const Account = entity('accounts', { id: text().max(20).primaryKey(), balance: integer().default(0) });

async function opened() {
  const database = new MemoryDatabase();
  const accounts = new Repository(database, Account);
  await accounts.insert({ id: 'a' });
  return { database, accounts };
}

describe('a transaction in memory', () => {
  it('loses against a detached call that changed the same row, before it wrote or after', async () => {
    for (const first of [true, false]) {
      const { database, accounts } = await opened();
      const call = database.transaction(async () => {
        await accounts.get('a');
        if (!first) await accounts.update('a', { balance: 5 });
        await database.detached(() => accounts.update('a', { balance: 9 }));
        if (first) await accounts.update('a', { balance: 5 });
      });
      await expect(call).rejects.toBeInstanceOf(ConflictError);
      expect((await accounts.get('a')).balance).toBe(9);
    }
  });

  it('lets reads outside see what was before, and writes outside wait for its end', async () => {
    const { database, accounts } = await opened();
    const log: string[] = [];
    let go = (): void => {};
    const begun = new Promise<void>((resolve) => {
      go = resolve;
    });
    let end = (): void => {};
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    const call = database.transaction(async () => {
      await accounts.update('a', { balance: increment(1) });
      go();
      await ending;
      log.push('end');
    });
    await begun;
    const write = accounts.update('a', { balance: increment(10) }).then(() => log.push('write'));
    expect((await accounts.get('a')).balance).toBe(0);
    end();
    await Promise.all([call, write]);
    expect(log).toEqual(['end', 'write']);
    expect((await accounts.get('a')).balance).toBe(11);
  });
});
