/** A table of text for people: columns are as wide as they need to be, and the last one has no padding. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_each, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))));
  return all.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - lengthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** Without what only gives a colour. */
function lengthOf(cell: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is made of one.
  return cell.replace(/\u001b\[\d+m/g, '').length;
}

export function milliseconds(duration: number | null): string {
  if (duration === null) return '';
  if (duration < 1_000) return `${Math.round(duration)} ms`;
  return duration < 60_000 ? `${(duration / 1_000).toFixed(1)} s` : `${(duration / 60_000).toFixed(1)} min`;
}

/** Such as `2 migrations`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count === 0 ? 'no' : count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** `2026-11-26 09:30:00Z`. */
export function moment(at: Date | null): string {
  return at === null
    ? ''
    : at
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
}
