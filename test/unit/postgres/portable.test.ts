import { newDb } from 'pg-mem';
import { describe, expect, it } from 'vitest';
import { boolean, gte, integer, text, uuid } from '../../../src/index.js';
import { compiled, entity } from './compiled.js';

// A second parser of the dialect: the basic verbs are plain SQL, not what one server forgives. pg-mem knows no `= any($1)`,
// `unnest`, savepoints or names of constraints and does not roll back, so lists of values, inserts of many rows, upserts and errors are
// left to the real server.
const Note = entity('notes', {
  id: uuid().primaryKey(),
  title: text(),
  rank: integer().optional(),
  isOpen: boolean().default(true),
});

const { Client } = newDb().adapters.createPg();
const client = new Client();
await client.connect();
await client.query(
  'create table notes (id uuid primary key, title text not null, rank int8, is_open boolean not null)',
);

const ids = [1, 2, 3].map((digit) => `0000000${digit}-0000-4000-8000-000000000000`);

async function run(verb: (repository: any) => Promise<unknown>): Promise<any[]> {
  const { text: sql, values } = await compiled(Note, verb);
  return (await client.query(sql, values)).rows;
}

describe('the SQL of the basic verbs runs on another parser', () => {
  it('inserts, reads, changes and deletes', async () => {
    for (const [i, id] of ids.entries()) {
      const [row] = await run((notes) => notes.insert({ id, title: `t${i}`, ...(i > 0 && { rank: i }) }));
      expect(row).toMatchObject({ id, title: `t${i}`, isOpen: true });
    }
    expect((await run((notes) => notes.findById(ids[1]))).map((row) => row.title)).toEqual(['t1']);
    expect((await run((notes) => notes.find({ rank: gte(1), isOpen: true }))).map((row) => row.title)).toEqual([
      't1',
      't2',
    ]);
    expect(await run((notes) => notes.find({ rank: null }))).toHaveLength(1);
    expect(
      (await run((notes) => notes.find({}, { orderBy: { title: 'desc' }, limit: 2 }))).map((row) => row.id),
    ).toEqual([ids[2], ids[1]]);
    expect(Number((await run((notes) => notes.count({ title: 't1' })))[0].count)).toBe(1);
    const [changed] = await run((notes) => notes.update(ids[0], { title: 'new', isOpen: false }));
    expect(changed).toMatchObject({ id: ids[0], title: 'new', isOpen: false });
    expect((await run((notes) => notes.delete(ids[0]))).map((row) => row.id)).toEqual([ids[0]]);
    expect(Number((await run((notes) => notes.count()))[0].count)).toBe(2);
  });
});
