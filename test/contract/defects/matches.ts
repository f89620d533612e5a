import { compareText, foldAscii } from '../../../src/util/text.js';
import { clauseFault, leafFault } from './faults.js';
import { type Defect, defect, type Fault } from './planted.js';

/** Matches texts in another way. */
function matched(
  match: (op: string, value: string, pattern: string, ignoreCase: boolean) => boolean | undefined,
): Fault {
  return leafFault((leaf, value, operand) => {
    if (leaf.op !== 'contains' && leaf.op !== 'startsWith' && leaf.op !== 'endsWith') return undefined;
    if (match(leaf.op, '', operand, leaf.ignoreCase) === undefined) return undefined;
    return value !== null && match(leaf.op, value, operand, leaf.ignoreCase) === true;
  });
}

const literally: Readonly<Record<string, (value: string, pattern: string) => boolean>> = {
  contains: (value, pattern) => value.includes(pattern),
  startsWith: (value, pattern) => value.startsWith(pattern),
  endsWith: (value, pattern) => value.endsWith(pattern),
};

/** Whether a text fits a LIKE pattern as a whole; in linear steps back to the last `%`, as no regular expression would. */
function like(value: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let wild = -1;
  let from = 0;
  while (at < value.length) {
    if (pattern[next] === '%') {
      wild = next++;
      from = at;
    } else if (next < pattern.length && (pattern[next] === '_' || pattern[next] === value[at])) {
      next++;
      at++;
    } else if (wild >= 0) {
      next = wild + 1;
      at = ++from;
    } else return false;
  }
  while (pattern[next] === '%') next++;
  return next === pattern.length;
}

function regExp(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}

const anchored = (op: string, source: string) =>
  `${op === 'startsWith' ? '^' : ''}(?:${source})${op === 'endsWith' ? '$' : ''}`;
const escaped = (pattern: string) => pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export const textDefects: readonly Defect[] = [
  defect(
    'ignoring case folds beyond ASCII',
    matched((op, value, pattern, ignoreCase) =>
      ignoreCase ? literally[op]!(value.toLowerCase(), pattern.toLowerCase()) : undefined,
    ),
  ),
  defect(
    'ignoring case folds as regular expressions do',
    matched((op, value, pattern, ignoreCase) =>
      ignoreCase ? new RegExp(anchored(op, escaped(pattern)), 'iu').test(value) : undefined,
    ),
  ),
  defect(
    '`ignoreCase` is not looked at',
    matched((op, value, pattern, ignoreCase) => (ignoreCase ? literally[op]!(value, pattern) : undefined)),
  ),
  defect(
    'case is always ignored',
    matched((op, value, pattern, ignoreCase) =>
      ignoreCase ? undefined : literally[op]!(foldAscii(value), foldAscii(pattern)),
    ),
  ),
  defect(
    'ignoring case, only the pattern is folded',
    matched((op, value, pattern, ignoreCase) => (ignoreCase ? literally[op]!(value, foldAscii(pattern)) : undefined)),
  ),
  defect(
    '`startsWith` takes its text as a LIKE pattern',
    matched((op, value, pattern) => (op === 'startsWith' ? like(value, `${pattern}%`) : undefined)),
  ),
  defect(
    '`contains` takes its text as a LIKE pattern',
    matched((op, value, pattern) => (op === 'contains' ? like(value, `%${pattern}%`) : undefined)),
  ),
  defect(
    '`endsWith` takes its text as a LIKE pattern',
    matched((op, value, pattern) => (op === 'endsWith' ? like(value, `%${pattern}`) : undefined)),
  ),
  defect(
    '`contains` takes its text as a regular expression',
    matched((op, value, pattern) => (op === 'contains' ? (regExp(pattern, '')?.test(value) ?? false) : undefined)),
  ),
  defect(
    '`endsWith` matches before a final line break',
    matched((op, value, pattern) =>
      op === 'endsWith' ? value.endsWith(pattern) || value.endsWith(`${pattern}\n`) : undefined,
    ),
  ),
  defect(
    '`startsWith` matches at every line',
    matched((op, value, pattern) =>
      op === 'startsWith' ? value.split('\n').some((line) => line.startsWith(pattern)) : undefined,
    ),
  ),
  defect(
    '`endsWith` is `contains`',
    clauseFault((clause) => (clause.op === 'endsWith' ? { ...clause, op: 'contains' } : clause)),
  ),
  defect(
    '`startsWith` ends its range at the next UTF-16 unit',
    matched((op, value, pattern, ignoreCase) => {
      if (op !== 'startsWith' || ignoreCase) return undefined;
      const end = pattern.slice(0, -1) + String.fromCharCode(pattern.charCodeAt(pattern.length - 1) + 1);
      return value >= pattern && value < end && compareText(value, end) < 0;
    }),
  ),
];

export const listDefects: readonly Defect[] = [
  defect(
    '`hasAll` is satisfied by one',
    clauseFault((clause) => (clause.op === 'hasAll' ? { ...clause, op: 'hasAny' } : clause)),
  ),
  defect(
    '`hasAny` wants all',
    clauseFault((clause) => (clause.op === 'hasAny' ? { ...clause, op: 'hasAll' } : clause)),
  ),
  defect(
    'lists are equal in any order',
    leafFault((leaf, value, operand) => {
      if (leaf.op !== 'eq' || leaf.field.kind !== 'list') return undefined;
      return (
        value !== null &&
        JSON.stringify([...value].map(String).sort()) === JSON.stringify([...operand].map(String).sort())
      );
    }),
  ),
  defect(
    'a list equals another that it begins with',
    leafFault((leaf, value, operand) => {
      if (leaf.op !== 'eq' || leaf.field.kind !== 'list') return undefined;
      return value !== null && operand.every((item: unknown, i: number) => String(item) === String(value[i]));
    }),
  ),
  defect(
    'an empty list is null in filters',
    leafFault((leaf, value) => {
      if ((leaf.op !== 'isNull' && leaf.op !== 'isNotNull') || leaf.field.kind !== 'list') return undefined;
      return (value === null || value.length === 0) === (leaf.op === 'isNull');
    }),
  ),
];
