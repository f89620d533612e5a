import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyEntity } from '../../src/schema/types.js';
import { clear, seed, threeEngines } from './fuzz/engines.js';
import { Item, Thing } from './fuzz/entities.js';
import { type Draft, dataset, hostileText } from './fuzz/generators.js';
import { agree, canonical, Subject, Tally } from './fuzz/interpret.js';
import { type ReadSpec, read, textLeaf } from './fuzz/reads.js';
import { type WriteSpec, write } from './fuzz/writes.js';

// One program, three engines: what memory answers, PostgreSQL and MongoDB answer too. A failure prints the program, shrunk,
// and the seed; FC_SEED runs it again, FC_RUNS says how many programs each test runs.
const runs = process.env['FC_RUNS'] === undefined ? undefined : Number(process.env['FC_RUNS']);
const timeout = 120_000 + 500 * (runs ?? 0);

const { databases } = await threeEngines('differential', [Thing, Item]);

type Engines = readonly [memory: Subject, ...others: Subject[]];

async function prepare(entity: AnyEntity, drafts: readonly Draft[]): Promise<Engines> {
  const subjects = databases.map((database) => new Subject(database, entity).at(0));
  await Promise.all(
    databases.map(async (database, i) => {
      await clear(database, entity);
      await subjects[i]!.verbs.insertMany(drafts);
    }),
  );
  return subjects as unknown as Engines;
}

/** Runs one step on every engine and expects one outcome. */
async function same(
  [memory, ...others]: Engines,
  step: unknown,
  run: (subject: Subject) => Promise<string>,
): Promise<string> {
  const verb = (step as { readonly verb?: string }).verb ?? '';
  const expected = await run(memory);
  for (const each of others) {
    const found = await run(each);
    if (!agree(expected, found, verb)) {
      throw new Error(
        `${each.name} differs from memory\n${fc.stringify(step)}\nmemory: ${expected}\n${each.name}: ${found}`,
      );
    }
  }
  return expected;
}

async function reads(engines: Engines, spec: ReadSpec, tally: Tally): Promise<void> {
  const stored = await engines[0].all();
  const told = await same(engines, spec, (subject) =>
    subject.read(spec, stored, subject === engines[0] ? tally : new Tally()),
  );
  tally.reads++;
  if (!['[]', 'null', '0', 'false'].includes(told)) tally.readsWithRows++;
}

async function writes(engines: Engines, spec: WriteSpec, step: number, tally: Tally): Promise<void> {
  const stored = await engines[0].all();
  const told = await same(engines, spec, (subject) =>
    subject.at(step).write(spec, stored, subject === engines[0] ? tally : new Tally()),
  );
  tally.writes++;
  if (/^[A-Za-z]+Error/.test(told)) tally.refused++;
  else if (told !== '0' && told !== 'null' && told !== '[]') tally.writesThatChanged++;
  await same(engines, spec, async (subject) => canonical(await subject.all()));
}

function check<T>(property: fc.IAsyncProperty<T>, usual: number): Promise<void> {
  return fc.assert(property, { seed, numRuns: runs ?? usual, endOnFailure: false });
}

describe('PostgreSQL, MongoDB and memory answer alike', { timeout }, () => {
  it('to every read of every dataset', async () => {
    const tally = new Tally();
    const property = fc.asyncProperty(
      dataset,
      fc.array(read, { minLength: 4, maxLength: 10 }),
      async (drafts, specs) => {
        const engines = await prepare(Thing, drafts);
        for (const spec of specs) await reads(engines, spec, tally);
      },
    );
    await check(property, 400);
    console.log(`[differential] ${JSON.stringify(tally)}`);
    expect(tally.readsWithRows / tally.reads).toBeGreaterThan(0.3);
  });

  it('to every text pattern cut out of a stored text, its case toggled or not', async () => {
    const tally = new Tally();
    const texts = fc.array(fc.tuple(hostileText, hostileText, hostileText), { minLength: 1, maxLength: 8 });
    const property = fc.asyncProperty(
      texts,
      fc.array(textLeaf, { minLength: 4, maxLength: 10 }),
      async (rows, leaves) => {
        const drafts = rows.map(([s, y, w], i) => ({
          id: `${i}0000000-0000-4000-8000-000000000000`,
          b: true,
          s,
          k: `${Array.from(s).slice(0, 5).join('')}${i}`,
          o: { y, p: { w } },
        }));
        const engines = await prepare(Thing, drafts);
        for (const where of leaves)
          await reads(
            engines,
            {
              verb: 'find',
              where,
              order: [['id', 'asc']],
              limit: null,
              offset: 0,
              select: ['id'],
              batch: 1,
              deleted: undefined,
            },
            tally,
          );
      },
    );
    await check(property, 400);
    console.log(`[differential] ${JSON.stringify(tally)}`);
    expect(tally.readsWithRows / tally.reads).toBeGreaterThan(0.3);
    expect(tally.patternsThatOccur / tally.patterns).toBeGreaterThan(0.3);
  });

  it('to every write, and hold the same rows after it', async () => {
    const tally = new Tally();
    const property = fc.asyncProperty(
      dataset,
      fc.array(write, { minLength: 2, maxLength: 6 }),
      async (drafts, specs) => {
        const engines = await prepare(Thing, drafts);
        for (const [i, spec] of specs.entries()) await writes(engines, spec, i + 1, tally);
      },
    );
    await check(property, 400);
    console.log(`[differential] ${JSON.stringify(tally)}`);
    expect(tally.writesThatChanged / tally.writes).toBeGreaterThan(0.3);
  });

  it('to sequences of writes and reads of rows that are deleted softly, counted by version and fenced', async () => {
    const tally = new Tally();
    const step = fc.oneof(
      write.map((spec) => ({ write: spec })),
      read.map((spec) => ({ read: spec })),
    );
    const property = fc.asyncProperty(
      dataset,
      fc.array(step, { minLength: 4, maxLength: 12 }),
      async (drafts, steps) => {
        const engines = await prepare(Item, drafts);
        for (const [i, each] of steps.entries()) {
          if ('write' in each) await writes(engines, each.write, i + 1, tally);
          else await reads(engines, each.read, tally);
        }
        await same(engines, 'the end', async (subject) => canonical(await subject.all()));
      },
    );
    await check(property, 240);
    console.log(`[differential] ${JSON.stringify(tally)}`);
    expect(tally.readsWithRows / tally.reads).toBeGreaterThan(0.3);
    expect(tally.writesThatChanged / tally.writes).toBeGreaterThan(0.3);
  });
});
