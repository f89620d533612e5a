import { compareDecimal } from '../../../src/util/decimal.js';
import { compareText } from '../../../src/util/text.js';
import { orderFault } from './faults.js';
import { type Defect, defect, type Fault, freshShape } from './planted.js';

function natural(a: any, b: any, kind: string): number {
  switch (kind) {
    case 'decimal':
      return compareDecimal(a, b);
    case 'text':
    case 'uuid':
    case 'enum':
    case 'date':
    case 'objectId':
      return compareText(a, b);
    default:
      return a < b ? -1 : a > b ? 1 : 0;
  }
}

/** An order that differs for pairs of values that `compare` decides; nulls stay where they belong. */
function ordered(kind: string, compare: (a: any, b: any) => number): Fault {
  return orderFault((a, b, field, direction) => {
    const sign = direction === 'asc' ? 1 : -1;
    if (a === null || b === null) return sign * (a === b ? 0 : a === null ? -1 : 1);
    return sign * (field.kind === kind ? compare(a, b) : natural(a, b, field.kind));
  });
}

export const orderDefects: readonly Defect[] = [
  defect(
    'nulls come last ascending and first descending',
    orderFault((a, b, field, direction) => {
      const sign = direction === 'asc' ? 1 : -1;
      if (a === null || b === null) return sign * (a === b ? 0 : a === null ? 1 : -1);
      return sign * natural(a, b, field.kind);
    }),
  ),
  defect(
    'nulls come first descending',
    orderFault((a, b, field, direction) => {
      if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
      return (direction === 'asc' ? 1 : -1) * natural(a, b, field.kind);
    }),
  ),
  defect(
    'text is ordered by UTF-16 unit',
    ordered('text', (a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  ),
  defect(
    'text is ordered by locale',
    ordered('text', (a, b) => a.localeCompare(b, 'en') || compareText(a, b)),
  ),
  defect('decimals are ordered as text', ordered('decimal', compareText)),
  defect(
    'decimals are ordered as floating point numbers',
    ordered('decimal', (a, b) => Number(a) - Number(b)),
  ),
  defect(
    'bigints are ordered as numbers',
    ordered('bigint', (a, b) => Number(a) - Number(b)),
  ),
  defect(
    'integers are ordered as text',
    ordered('integer', (a, b) => compareText(String(a), String(b))),
  ),
  defect(
    'booleans are not ordered',
    ordered('boolean', () => 0),
  ),
  defect(
    'timestamps are ordered by second',
    ordered('timestamp', (a, b) => Math.floor(a / 1000) - Math.floor(b / 1000)),
  ),
  defect('only the first term of an order counts', {
    command: (command) =>
      'orderBy' in command ? { ...command, orderBy: command.orderBy.slice(0, 1), shape: freshShape() } : command,
  }),
  defect('only the direction of the first term counts', {
    command: (command) =>
      'orderBy' in command
        ? {
            ...command,
            orderBy: command.orderBy.map(({ field }) => ({ field, direction: command.orderBy[0]!.direction })),
            shape: freshShape(),
          }
        : command,
  }),
  defect('descending is ascending', {
    command: (command) =>
      'orderBy' in command
        ? {
            ...command,
            orderBy: command.orderBy.map(({ field }) => ({ field, direction: 'asc' as const })),
            shape: freshShape(),
          }
        : command,
  }),
  defect('an order by a path inside an object is not looked at', {
    command: (command) =>
      'orderBy' in command
        ? {
            ...command,
            orderBy: command.orderBy.filter(({ field }) => field.segments.length === 1),
            shape: freshShape(),
          }
        : command,
  }),
  defect('ties are broken by the order of insertion', {
    command: (command) =>
      command.kind === 'find' && command.orderBy[0]?.field.key === false
        ? { ...command, orderBy: command.orderBy.filter(({ field }) => !field.key), shape: freshShape() }
        : command,
  }),
];
