import { describe, expect, it } from 'vitest';
import { entity, integer, PostgresRepository, text, timestamp } from '../../src/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 2 });

// Tables that others made: their times have microseconds.
const Event = entity('events', {
  id: integer().primaryKey(),
  at: timestamp(),
  seen: timestamp().optional(),
  kind: text(),
});
const Tick = entity('ticks', { at: timestamp().primaryKey(), n: integer() });
await database.query('create table events (id int8 primary key, at timestamptz not null, seen timestamptz, kind text)');
await database.query('create table ticks (at timestamptz primary key, n int8 not null)');
const ROWS = 120;
// Thirty rows to a millisecond, some to the same microsecond; every fourth was not seen; half of them before 1970.
await database.query(`insert into events select i,
    timestamptz '1969-12-31 23:59:59.998Z' + (i * 33 / 2) * interval '1 microsecond' * 2,
    case when i % 4 > 0 then timestamptz '2024-03-31 01:00Z' + (i % 7) * interval '7 microseconds' end,
    'kind ' || i % 2 from generate_series(1, ${ROWS}) i`);
await database.query(
  `insert into ticks select timestamptz '2024-01-01 00:00Z' + i * interval '1 microsecond', i from generate_series(1, 50) i`,
);
const events = new PostgresRepository(database, Event);
const ticks = new PostgresRepository(database, Tick);

type Order = NonNullable<Parameters<typeof events.paginateByCursor>[1]>['orderBy'];

/** The keys of all pages, forwards and then backwards from the last one. */
async function walk(orderBy: Order, limit: number): Promise<[number[], number[]]> {
  const forwards: number[] = [];
  const backwards: number[] = [];
  let page = await events.paginateByCursor({}, { orderBy, limit });
  for (;;) {
    forwards.push(...page.rows.map(({ id }) => id));
    // One that repeats rows would go on for ever.
    if (page.next === null || forwards.length > ROWS) break;
    page = await events.paginateByCursor({}, { orderBy, limit, after: page.next });
  }
  for (;;) {
    backwards.unshift(...page.rows.map(({ id }) => id));
    if (page.previous === null || backwards.length > ROWS) break;
    page = await events.paginateByCursor({}, { orderBy, limit, before: page.previous });
  }
  return [forwards, backwards];
}

describe('pages by cursor over times with microseconds', () => {
  it.each<[Order, string]>([
    [{ at: 'asc' }, 'at, id'],
    [{ at: 'desc' }, 'at desc, id desc'],
    [{ seen: 'asc' }, 'seen nulls first, id'],
    [{ seen: 'desc' }, 'seen desc nulls last, id desc'],
    [{ kind: 'asc', at: 'desc' }, 'kind, at desc, id desc'],
    [{ seen: 'desc', at: 'asc' }, 'seen desc nulls last, at, id'],
  ])('%j give every row once, in the order of the server', async (orderBy, sql) => {
    const expected = (await database.query<{ id: number }>(`select id from events order by ${sql}`)).map(
      ({ id }) => id,
    );
    for (const limit of [7, 11]) {
      const [forwards, backwards] = await walk(orderBy, limit);
      expect(forwards).toEqual(expected);
      expect(backwards).toEqual(expected);
    }
  });

  it('whatever the time zone of the session', async () => {
    const single = openedAt(url, { max: 1 });
    await single.query("set time zone 'Asia/Kathmandu'");
    const there = new PostgresRepository(single, Event);
    const { next } = await events.paginateByCursor({}, { orderBy: { at: 'asc' }, limit: 40 });
    const here = await events.paginateByCursor({}, { orderBy: { at: 'asc' }, limit: 40, after: next! });
    expect(await there.paginateByCursor({}, { orderBy: { at: 'asc' }, limit: 40, after: next! })).toEqual(here);
    expect(here.rows).toHaveLength(40);
  });

  it('where the time is the key', async () => {
    const seen: number[] = [];
    let page = await ticks.paginateByCursor({}, { limit: 7 });
    for (;;) {
      seen.push(...page.rows.map(({ n }) => n));
      if (page.next === null || seen.length > 50) break;
      page = await ticks.paginateByCursor({}, { limit: 7, after: page.next });
    }
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('give rows as every other read does: with dates', async () => {
    const { rows } = await events.paginateByCursor({}, { orderBy: { at: 'asc' }, limit: ROWS });
    expect(rows).toEqual(await events.find({}, { orderBy: { at: 'asc' } }));
    const { rows: some } = await events.paginateByCursor(
      {},
      { orderBy: { at: 'asc' }, select: ['id', 'at'], limit: 1 },
    );
    expect(JSON.stringify(some)).toBe('[{"id":1,"at":"1969-12-31T23:59:59.998Z"}]');
  });

  it('a time of a page that comes back in a filter is what was seen: milliseconds', async () => {
    const { rows } = await ticks.paginateByCursor({}, { limit: 1 });
    expect(await ticks.count({ at: rows[0]!.at })).toBe(0);
  });
});
