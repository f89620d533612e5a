import type { Answer } from './story/step.js';
import { story, type TimedAnswer } from './story/story.js';

/** The engines did not all give the same answer. */
export class AnswersDifferError extends Error {
  override readonly name = 'AnswersDifferError';
}

/** JSON in which the order of the keys does not matter. */
export function canonical(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** @throws AnswersDifferError that names each step and part in which an engine differs from the first one. */
export function assertAgreement(engines: Readonly<Record<string, readonly TimedAnswer[]>>): void {
  const [[first, answers] = ['', []], ...others] = Object.entries(engines);
  const lines: string[] = [];
  for (const [i, { title }] of story.entries()) {
    for (const [engine, given] of others) {
      for (const part of differences(answers[i]!.answer, given[i]!.answer)) {
        const of = (all: readonly TimedAnswer[]) => canonical(all[i]!.answer[part]);
        lines.push(`${i + 1}. ${title}: ${part}\n  ${first}: ${of(answers)}\n  ${engine}: ${of(given)}`);
      }
    }
  }
  if (lines.length > 0) throw new AnswersDifferError(`The answers differ:\n${lines.join('\n')}`);
}

function differences(a: Answer, b: Answer): string[] {
  const parts = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...parts].filter((part) => canonical(a[part]) !== canonical(b[part]));
}
