import type { Comparison } from './answers.js';
import type { Answer } from './questions.js';

/** The questions, each with the file's answer and, for each engine, whether it agrees and how long it took. */
export function table(comparisons: readonly Comparison[], width: number): string {
  const engines = [...(comparisons[0]?.given.keys() ?? [])];
  const cells = comparisons.map(({ given, wrong }) =>
    engines.map((engine) => {
      const { milliseconds } = given.get(engine)!;
      return `${wrong.includes(engine) ? '✗' : '✓'} ${Math.round(milliseconds).toLocaleString('en')} ms`;
    }),
  );
  const columns = engines.map((engine, i) => Math.max(engine.length, ...cells.map((row) => row[i]!.length)));
  const left = Math.max(40, width - columns.reduce((sum, each) => sum + each + 2, 0));
  const lines = [line('Question, and the answer of the file', engines), '─'.repeat(left + total(columns))];
  for (const [i, { title, expected }] of comparisons.entries()) {
    lines.push(line(`${String(i + 1).padStart(2)}  ${title}`, cells[i]!));
    for (const text of wrapped(expected, left - 4)) lines.push(`    ${text}`);
  }
  return lines.join('\n');

  function line(first: string, rest: readonly string[]): string {
    return first.padEnd(left) + rest.map((each, i) => `  ${each.padStart(columns[i]!)}`).join('');
  }
}

function total(columns: readonly number[]): number {
  return columns.reduce((sum, each) => sum + each + 2, 0);
}

/** The parts of an answer, as many on a line as fit. */
function wrapped(answer: Answer, width: number): string[] {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(answer)) {
    const part = `${name}: ${short(value, width - name.length - 2)}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length + 3 <= width) lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(part);
  }
  return lines;
}

function short(value: Answer[string], width: number): string {
  if (typeof value === 'number') return value.toLocaleString('en');
  if (typeof value === 'string') return cut(value, width);
  const text = value.map((each) => each ?? 'null').join(', ');
  const count = ` (${value.length})`;
  return text.length <= width ? text : cut(text, width - count.length) + count;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
