import { afterAll, describe, expect, it } from 'vitest';
import { entity, index, integer, Repository, text } from '../../src/index.js';
import { alterSchema, diffSchema } from '../../src/migrate/index.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const id = integer().primaryKey();

describe('alterSchema() on MongoDB', () => {
  it('makes what is missing and alters what loses nothing, and the second time nothing', async () => {
    const Old = entity('things', { id, name: text().max(20) });
    const New = entity(
      'things',
      { id, name: text().max(40).unique(), note: text().max(50).optional() },
      { indexes: [index('note')] },
    );
    const Other = entity('others', { id });
    await database.ensureSchema([Old]);
    await new Repository(database, Old).insert({ id: 1, name: 'a' });
    const report = await alterSchema(database, [New, Other]);
    expect(report.drift).toEqual([]);
    expect([...report.changed].sort()).toEqual([
      'alter validator things',
      'create collection others',
      'create index things_name_key',
      'create index things_note_idx',
    ]);
    expect((await diffSchema(database, [New, Other])).changes).toEqual([]);
    expect(await database.ensureSchema([New, Other])).toEqual({ created: [], drift: [] });
    expect(await alterSchema(database, [New, Other])).toEqual({ changed: [], drift: [] });
  });

  it('leaves alone what the documents forbid, and says so', async () => {
    const Old = entity('twice', { id, code: text().max(20) });
    const New = entity('twice', { id, code: text().max(20).unique() });
    await database.ensureSchema([Old]);
    await new Repository(database, Old).insertMany([
      { id: 1, code: 'a' },
      { id: 2, code: 'a' },
    ]);
    const { changed, drift } = await alterSchema(database, [New]);
    expect(changed).toEqual([]);
    expect(drift).toEqual([expect.stringMatching(/^Index twice_code_key was left alone: /)]);
  });

  it('tells what may be a rename', async () => {
    await database.ensureSchema([entity('named_before', { id, name: text() })]);
    await new Repository(database, entity('named_before', { id, name: text() })).insert({ id: 1, name: 'a' });
    const { changed, drift } = await alterSchema(database, [entity('named_after', { id, name: text() })]);
    expect(changed).toEqual(['create collection named_after']);
    expect(drift).toContainEqual(expect.stringContaining('under its earlier name: a migration can rename it.'));
  });

  it('makes an index anew that is another one now', async () => {
    const of = (direction: 'asc' | 'desc') =>
      entity('ranked', { id, rank: integer() }, { indexes: [index({ rank: direction })] });
    await database.ensureSchema([of('asc')]);
    expect(await alterSchema(database, [of('desc')])).toMatchObject({
      changed: ['alter index ranked_rank_idx'],
      drift: [],
    });
    expect((await diffSchema(database, [of('desc')])).changes).toEqual([]);
  });
});
