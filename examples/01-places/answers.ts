import { isDeepStrictEqual } from 'node:util';
import type { Places } from './place.js';
import { type Answer, type Question, questions } from './questions.js';

/** An engine's answer and how long it took. */
export interface TimedAnswer {
  readonly answer: Answer;
  readonly milliseconds: number;
}

/** A question with the answer that the file gives and those that the engines gave. */
export interface Comparison {
  readonly title: string;
  readonly expected: Answer;
  readonly given: ReadonlyMap<string, TimedAnswer>;
  /** The engines whose answer is another one. */
  readonly wrong: readonly string[];
}

/** An engine's answers are not those of the file. */
export class AnswersDifferError extends Error {
  override readonly name = 'AnswersDifferError';
}

/** The answers of one engine, one after another: some questions change rows. */
export async function askAll(places: Places, signal?: AbortSignal): Promise<TimedAnswer[]> {
  const answers: TimedAnswer[] = [];
  for (const question of Object.values<Question>(questions)) {
    signal?.throwIfAborted();
    const started = performance.now();
    const answer = await question.ask(places);
    answers.push({ answer, milliseconds: performance.now() - started });
  }
  return answers;
}

/** Holds the answers of each engine, by its name, against the expected ones. */
export function compareAnswers(
  expected: Readonly<Record<string, Answer>>,
  engines: Readonly<Record<string, readonly TimedAnswer[]>>,
): Comparison[] {
  return Object.entries<Question>(questions).map(([key, { title }], i) => {
    const own = expected[key]!;
    const given = new Map(Object.entries(engines).map(([engine, answers]) => [engine, answers[i]!]));
    const wrong = [...given.keys()].filter((engine) => !isDeepStrictEqual(given.get(engine)!.answer, own));
    return { title, expected: own, given, wrong };
  });
}

/** @throws AnswersDifferError that names each question whose answers differ, and shows where they do. */
export function assertAgreement(comparisons: readonly Comparison[]): void {
  const lines: string[] = [];
  for (const [i, { title, expected, given, wrong }] of comparisons.entries()) {
    if (wrong.length > 0) lines.push(`Question ${i + 1}, "${title}"`);
    for (const engine of wrong) {
      const { answer } = given.get(engine)!;
      for (const part of new Set([...Object.keys(expected), ...Object.keys(answer)])) {
        if (isDeepStrictEqual(answer[part], expected[part])) continue;
        lines.push(`  ${part}: ${engine} says ${difference(answer[part], expected[part])}`);
      }
    }
  }
  if (lines.length > 0) throw new AnswersDifferError(`Answers differ from those of the file:\n${lines.join('\n')}`);
}

/** Such as `7, the file 8`; of lists only the first items that differ. */
function difference(given: Answer[string] | undefined, expected: Answer[string] | undefined): string {
  if (!Array.isArray(given) || !Array.isArray(expected)) {
    return `${JSON.stringify(given)}, the file ${JSON.stringify(expected)}`;
  }
  const at = expected.findIndex((item, i) => item !== given[i]);
  const first = at === -1 ? expected.length : at;
  const item = (list: readonly unknown[]) => (first < list.length ? JSON.stringify(list[first]) : 'nothing');
  return `${item(given)} at [${first}] of ${given.length}, the file ${item(expected)} of ${expected.length}`;
}
