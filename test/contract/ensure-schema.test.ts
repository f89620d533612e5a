import { afterAll, describe, expect, it } from 'vitest';
import { entity, MemoryDatabase, MongoDatabase, PostgresDatabase, uuid } from '../../src/index.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

const postgres = await postgresDatabase();
const mongo = await mongoDatabase();
const engines = [
  ['PostgreSQL', new PostgresDatabase({ url: postgres.url }), 'table'],
  ['MongoDB', new MongoDatabase({ url: mongo.url, name: mongo.name }), 'collection'],
  ['memory', new MemoryDatabase(), 'table'],
] as const;
afterAll(() => Promise.all(engines.map(([, database]) => database.close())));

describe.each(engines)('ensureSchema() of a database on %s', (_name, database, what) => {
  it('takes the limits that every call takes, by the same names, and makes nothing the second time', async () => {
    const Late = entity('late_things', { id: uuid().primaryKey() });
    const make = (options?: object) => database.ensureSchema([Late], options);
    await expect(make({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(make({ timeout: '0ms' })).rejects.toThrow('Expected `timeout` to be from 1 ms');
    await expect(make({ timeoutMs: 5 })).rejects.toThrow('Unknown option `timeoutMs`');
    expect(await make({ timeout: '1m' })).toEqual({ created: [`${what} late_things`], drift: [] });
    expect(await make()).toEqual({ created: [], drift: [] });
  });
});
