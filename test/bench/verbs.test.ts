import { afterAll, describe, expect, it } from 'vitest';
import { measured } from '../../bench/verbs/main.js';
import { MEASURES } from '../../bench/verbs/measures.js';
import { openMongo } from '../../bench/verbs/mongo.js';
import { openPostgres } from '../../bench/verbs/postgres.js';
import { validate } from '../../bench/verbs/validate.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

const { url: postgresUrl } = await postgresDatabase();
const { url: mongoUrl } = await mongoDatabase();
const engines = [
  ['PostgreSQL', await openPostgres(postgresUrl)],
  ['MongoDB', await openMongo(mongoUrl)],
] as const;
afterAll(() => Promise.all(engines.flatMap(([, pair]) => pair.map((ways) => ways.close()))));

describe.each(engines)('the bench of verbs on %s', (name, pair) => {
  it('gives the same rows by the raw driver and by a repository', async () => {
    await validate(pair);
  });

  it('does not take a way that gives other rows', async () => {
    const [raw, ours] = pair;
    const spoiled = { ...ours, byId: (id: number) => ours.byId(id + 1) };
    await expect(validate([raw, spoiled])).rejects.toThrow('byId is not the same in');
  });

  it('has figures for each measure', async () => {
    const table = await measured(name, pair, { measures: MEASURES, rounds: 1, effort: 0.01 });
    expect(table.rows.map((row) => row.name)).toEqual(MEASURES.map(({ about }) => about));
    for (const { cells } of table.rows) {
      expect(cells).toHaveLength(table.columns.length);
      for (const cell of cells) expect(Number(cell)).not.toBeNaN();
    }
  });
});
