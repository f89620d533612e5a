import { formatWithOptions } from 'node:util';
import ts from 'typescript';

/** What a page says that a line prints: `console.log(1 + 1); // 2`. */
export interface Shown {
  readonly mark: symbol;
  /** The words of the comment, and of the lines behind it that begin with `//   `; `...` stands for anything. */
  readonly said: string;
}

/** The code with a mark in each `console.log` that has a comment behind it, which tells what was printed there. */
export function markShown(code: string): { readonly code: string; readonly shown: readonly Shown[] } {
  const file = ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true);
  const shown: Shown[] = [];
  const marks: { readonly at: number; readonly text: string }[] = [];
  const visit = (node: ts.Node): void => {
    const [comment] = ts.isExpressionStatement(node) ? (ts.getTrailingCommentRanges(code, node.end) ?? []) : [];
    if (comment !== undefined && ts.isExpressionStatement(node) && isLog(node.expression)) {
      const name = `docs:${shown.length}`;
      shown.push({ mark: Symbol.for(name), said: wordsOf(code.slice(comment.pos)) });
      marks.push({ at: node.expression.arguments[0]!.getStart(), text: `Symbol.for('${name}'), ` });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const marked = marks
    .toSorted((a, b) => b.at - a.at)
    .reduce((text, { at, text: mark }) => text.slice(0, at) + mark + text.slice(at), code);
  return { code: marked, shown };
}

function wordsOf(comment: string): string {
  const [lines] = /^\/\/.*(?:\n *\/\/ {3}.*)*/.exec(comment)!;
  return lines
    .replaceAll(/^ *\/\/ */gm, '')
    .replaceAll('\n', ' ')
    .trim();
}

function isLog(node: ts.Expression): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.getText() === 'console.log' && node.arguments.length > 0;
}

/** What was printed at each place, from the calls of `console.log`: the page's own words where they fit. A line that ran several times has all of it. */
export function printedAt(shown: readonly Shown[], calls: readonly (readonly unknown[])[]): readonly string[] {
  return shown.map(({ mark, said }) => {
    const printed = calls
      .filter(([first]) => first === mark)
      .map(([, ...values]) =>
        formatWithOptions({ compact: true, breakLength: Number.POSITIVE_INFINITY, depth: null }, ...values),
      )
      .join('; ');
    return fits(said, printed) ? said : printed;
  });
}

function fits(said: string, printed: string): boolean {
  const [pattern, text] = [said, printed].map((each) =>
    each.trim().replaceAll(/\s+/g, ' ').replaceAll('[ ', '[').replaceAll(' ]', ']'),
  );
  const parts = pattern!.split('...').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text!);
}
