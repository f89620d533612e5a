import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/core/ports.js';
import { Repository } from '../../src/core/repository.js';
import type { AnyEntity } from '../../src/schema/types.js';
import { clear, seed, threeEngines } from './fuzz/engines.js';
import { Item, Thing } from './fuzz/entities.js';
import { type Draft, dataset } from './fuzz/generators.js';
import { canonical, filterOf, Tally } from './fuzz/interpret.js';
import { type OrderSpec, order, type WhereSpec, where } from './fuzz/reads.js';

// Whatever the order, the rows and the size of the pages: a walk by cursors, forwards and backwards, is one find, on every engine.
const runs = process.env['FC_RUNS'] === undefined ? 300 : Number(process.env['FC_RUNS']);

const { databases } = await threeEngines('pages', [Thing, Item]);

interface Program {
  readonly drafts: readonly Draft[];
  readonly order: OrderSpec;
  readonly limit: number;
  readonly where: WhereSpec | null;
  readonly deleted: 'with' | undefined;
  readonly remove: readonly number[];
}

const program: fc.Arbitrary<Program> = fc.record({
  drafts: dataset,
  order,
  limit: fc.integer({ min: 1, max: 4 }),
  where: fc.option(where, { freq: 2 }),
  deleted: fc.constantFrom('with' as const, undefined),
  remove: fc.uniqueArray(fc.nat(9), { maxLength: 2 }),
});

type Row = Record<string, unknown>;

/** A repository without its types, over empty tables, with the rows of a program, some of them deleted. */
async function stored(database: Database, entity: AnyEntity, { drafts, remove }: Program): Promise<any> {
  await clear(database, entity);
  const verbs = new Repository<AnyEntity>(database as never, entity, {
    cursorKey: 'a key of the tests',
    clock: { now: () => 0 },
  });
  await verbs.insertMany(drafts);
  for (const i of remove) if (i < drafts.length) await verbs.delete(drafts[i]!['id'] as string);
  return verbs;
}

interface Walked {
  readonly rows: Row[];
  readonly previous: string | null;
  readonly next: string | null;
}

/** The pages from one on, the way that its cursor leads, in the order of their rows. */
async function walk(
  verbs: any,
  filter: object,
  options: Row,
  first: Walked,
  to: 'next' | 'previous',
): Promise<Walked[]> {
  const pages = [first];
  for (let page = first; page[to] !== null; ) {
    page = await verbs.paginateByCursor(filter, { ...options, [to === 'next' ? 'after' : 'before']: page[to] });
    pages.push(page);
    if (pages.length > 20) throw new Error('The walk does not end');
  }
  return to === 'next' ? pages : pages.reverse();
}

const rowsOf = (pages: readonly Walked[]): string => canonical(pages.flatMap(({ rows }) => rows));

async function check(entity: AnyEntity): Promise<void> {
  let walks = 0;
  const property = fc.asyncProperty(program, async (each) => {
    const told = new Set<string>();
    let filter: object | undefined;
    for (const database of databases) {
      const verbs = await stored(database, entity, each);
      filter ??= each.where === null ? {} : filterOf(each.where, await verbs.find({}), new Tally());
      const deleted = entity === Item ? each.deleted : undefined;
      const options = { orderBy: Object.fromEntries(each.order), limit: each.limit, deleted };
      const found = canonical(await verbs.find(filter, { ...options, limit: 1_000 }));
      const forwards = await walk(verbs, filter, options, await verbs.paginateByCursor(filter, options), 'next');
      expect(rowsOf(forwards), `${database.engine}, forwards`).toBe(found);
      expect(forwards[0]!.previous).toBeNull();
      const backwards = await walk(verbs, filter, options, forwards.at(-1)!, 'previous');
      expect(rowsOf(backwards), `${database.engine}, backwards`).toBe(found);
      if (forwards.length > 1) walks++;
      told.add(found);
    }
    expect(told.size, 'the engines differ').toBe(1);
  });
  await fc.assert(property, { seed, numRuns: runs, endOnFailure: false });
  expect(walks / (runs * databases.length), 'most walks have one page').toBeGreaterThan(0.3);
}

describe('a walk by cursors gives what one find gives', { timeout: 120_000 + 500 * runs }, () => {
  it('on every engine, in every order, forwards and backwards', () => check(Thing));

  it('of rows that are deleted softly', () => check(Item));
});
