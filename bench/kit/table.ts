/** What a row is about. */
export interface Named {
  readonly name: string;
}

/** A text, or why there is none. */
export type Cell = string | { readonly missing: string };

export interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

export interface Table {
  readonly title: string;
  /** What was done. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** A row for each: what it has, and why it has no figure. */
export function rowsOf<Each extends Named>(
  all: readonly Each[],
  cells: (each: Each) => readonly Cell[],
): readonly Row[] {
  return all.map((each) => ({ name: each.name, cells: cells(each) }));
}

/** A table in Markdown, whose columns stand below each other on a terminal too. */
export function tableText({ title, about, columns, rows }: Table): string {
  const reasons = new Map<string, string[]>();
  const lines = rows.map(({ name, cells }) => [
    name,
    ...cells.map((cell) => {
      if (typeof cell === 'string') return cell;
      const names = reasons.get(cell.missing) ?? [];
      if (!names.includes(name)) reasons.set(cell.missing, [...names, name]);
      return '-';
    }),
  ]);
  const head = ['', ...columns];
  const widths = head.map((text, i) => Math.max(text.length, 3, ...lines.map((line) => line[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const notes = [...reasons].map(([reason, names]) => `\`-\` ${names.join(', ')}: ${reason}.`);
  return [
    `### ${title}`,
    '',
    about,
    '',
    line(head),
    rule,
    ...lines.map(line),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}
