import type { Answer } from './story/step.js';
import { story, type TimedAnswer } from './story/story.js';

/** Every step with its answer and how long each engine took for it. */
export function print(engines: Readonly<Record<string, readonly TimedAnswer[]>>, width: number): string {
  const [answers = []] = Object.values(engines);
  const lines: string[] = [];
  for (const [i, { title }] of story.entries()) {
    const times = Object.entries(engines).map(([name, given]) => `${name} ${Math.round(given[i]!.milliseconds)} ms`);
    lines.push(
      '',
      `${String(i + 1).padStart(2)}  ${title}`,
      ...partsOf(answers[i]!.answer, width - 4),
      `    (${times.join(', ')})`,
    );
  }
  return lines.join('\n');
}

function partsOf(answer: Answer, width: number): string[] {
  return Object.entries(answer).flatMap(([name, value]) => {
    if (!Array.isArray(value) || !value.some(isObject)) return [cut(`    ${name}: ${shown(value)}`, width)];
    return [`    ${name}:`, ...value.map((each) => cut(`      ${shown(each)}`, width))];
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

/** Such as `title: Against maps, views: 7`. */
function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/:00\.000Z$/, '');
  if (typeof value === 'number') return value.toLocaleString('en');
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shown).join(', ');
  if (typeof value !== 'object' || value === null) return String(value ?? 'none');
  return Object.entries(value)
    .map(([name, each]) => `${name}: ${Array.isArray(each) ? `[${each.map(shown).join(', ')}]` : shown(each)}`)
    .join(', ');
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
