import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Database, MemoryDatabase, MongoDatabase, PostgresDatabase } from 'trivet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AnswersDifferError,
  askAll,
  assertAgreement,
  compareAnswers,
  type TimedAnswer,
} from '../../examples/01-places/answers.js';
import { expectedAnswers } from '../../examples/01-places/expected.js';
import { readPlaces } from '../../examples/01-places/file.js';
import { loadPlaces } from '../../examples/01-places/load.js';
import { Places } from '../../examples/01-places/place.js';
import { Progress } from '../../examples/01-places/progress.js';
import { type Answer, CHANGED_AT, LOADED_AT, questions } from '../../examples/01-places/questions.js';
import { table } from '../../examples/01-places/table.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

const postgres = await postgresDatabase();
const mongo = await mongoDatabase();

// Every eightieth place, and those that some question would otherwise find none of.
const rare = /^(million|arctic|antarctic)$/;
const deserted = /^PPL(CH|H|Q|W)$/;
const slice = readPlaces().filter(
  ({ country, details, tags }, i) =>
    i % 80 === 0 ||
    /^(IS|AQ|CW)$/.test(country) ||
    deserted.test(details.feature) ||
    tags.some((tag) => rare.test(tag)),
);

const expected: Readonly<Record<string, Answer>> = expectedAnswers(slice);

const at = (moment: Date) => ({ now: () => moment.getTime() });

async function fill(database: Database): Promise<void> {
  const places = new Places(database, { clock: at(LOADED_AT) });
  await places.ensureSchema();
  await loadPlaces(places, slice, { batch: 400 });
}

/** The answers of an engine, after its places were loaded. */
async function answersOf(database: Database, Repository = Places): Promise<TimedAnswer[]> {
  await fill(database);
  return askAll(new Repository(database, { clock: at(CHANGED_AT) }));
}

describe('the ten questions', () => {
  const sql = new PostgresDatabase({ url: postgres.url });
  const docs = new MongoDatabase({ url: mongo.url, name: mongo.name });
  afterAll(() => Promise.all([sql.close(), docs.close()]));

  for (const [engine, database] of Object.entries({ PostgreSQL: sql, MongoDB: docs, memory: new MemoryDatabase() })) {
    test(`${engine} answers each of them as plain JavaScript does`, async () => {
      const comparisons = compareAnswers(expected, { [engine]: await answersOf(database) });
      expect(comparisons).toHaveLength(10);
      assertAgreement(comparisons);
      for (const each of comparisons) expect(each.given.get(engine)?.answer).toStrictEqual(each.expected);
    });
  }

  test('none is answered by nothing: each number and list of the file has something in it', () => {
    for (const [key, answer] of Object.entries(expected)) {
      for (const [part, value] of Object.entries(answer)) {
        if (key === 'delete' && part === 'after') expect(value).toBe(0);
        else expect(typeof value === 'number' ? value : value.length, `${key}: ${part}`).toBeGreaterThan(0);
      }
    }
  });
});

describe('a wrong answer', () => {
  let right: TimedAnswer[];
  beforeAll(async () => {
    right = await answersOf(new MemoryDatabase());
  });

  test('of an engine is named with its question, its part and both values, and nothing else is', async () => {
    class Careless extends Places {
      override async countries() {
        return (await super.countries()).slice(1);
      }
    }
    const wrong = await answersOf(new MemoryDatabase(), Careless);
    const error = await thrownBy(() => assertAgreement(compareAnswers(expected, { right, wrong })));
    expect(error).toBeInstanceOf(AnswersDifferError);
    expect(error.message).toMatch(/^Question 5, /m);
    expect(error.message).toMatch(/^ {2}countries: wrong says "AE" at \[0\] of \d+, the file "AD" of \d+$/m);
    expect(error.message.split('\n')).toHaveLength(3);
  });

  for (const [i, [key, { title }]] of Object.entries(questions).entries()) {
    test(`to the question "${title}" is found, in whichever part it is`, async () => {
      for (const [part, value] of Object.entries(expected[key]!)) {
        const answer = { ...right[i]!.answer, [part]: typeof value === 'number' ? value + 1 : value.slice(1) };
        const wrong = right.with(i, { answer, milliseconds: 0 });
        const error = await thrownBy(() => assertAgreement(compareAnswers(expected, { wrong })));
        expect(error.message).toContain(`Question ${i + 1}, "${title}"`);
        expect(error.message.match(/^Question/gm)).toHaveLength(1);
      }
    });
  }

  test('has a cross in the table, and a right one a tick', () => {
    const wrong = right.with(0, { answer: { places: 1 }, milliseconds: 0 });
    const lines = table(compareAnswers(expected, { right, wrong }), 110).split('\n');
    expect(lines[0]).toMatch(/right +wrong$/);
    expect(lines.find((line) => line.startsWith(' 1 '))).toMatch(/✓ [\d,]+ ms +✗ 0 ms$/);
    expect(lines.find((line) => line.startsWith('10 '))).toMatch(/✓ [\d,]+ ms +✓ [\d,]+ ms$/);
  });
});

test('loading stops at the batch in which the signal was aborted', async () => {
  const places = new Places(new MemoryDatabase());
  const controller = new AbortController();
  const loading = loadPlaces(places, slice, {
    batch: 100,
    signal: controller.signal,
    onProgress: (loaded) => loaded === 200 && controller.abort(),
  });
  await expect(loading).rejects.toThrow();
  expect(await places.count()).toBe(200);
});

test('progress is a line for each quarter where the output is no terminal, and a bar where it is', () => {
  const show = (isTTY: boolean): string => {
    let text = '';
    const progress = new Progress({ isTTY, write: (more: string) => (text += more) }, 'Loading', 8);
    for (let done = 1; done <= 8; done++) progress.show(done);
    progress.end();
    return text;
  };
  expect(show(false).match(/^Loading +\d+ % .*$/gm)).toHaveLength(4);
  expect(show(false)).not.toContain('\r');
  expect(show(true)).toContain('█'.repeat(16) + '░'.repeat(16));
  expect(show(true).endsWith('\r\x1b[K')).toBe(true);
});

test('an example that does not exist fails with a list of those that do', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'examples/run.ts', '99'], { cwd: root }, (error, _, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/no example `99`/);
  expect(stderr).toMatch(/npm run example -- 01 {3}The 135,233 places/);
  expect(stderr).toMatch(/npm run example -- 02 {3}A blog from one set of entities/);
});

/** What the work throws; a work that throws nothing fails. */
async function thrownBy(work: () => void): Promise<Error> {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected an error, but nothing was thrown');
}
