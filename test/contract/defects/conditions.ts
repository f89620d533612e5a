import type { Clause } from '../../../src/query/clause.js';
import { compareText, foldAscii } from '../../../src/util/text.js';
import { clauseFault, leafFault } from './faults.js';
import { allRows, type Defect, defect, type Fault, freshShape, isFiltered, valueAt } from './planted.js';

const ORDERED: Readonly<Record<string, (result: number) => boolean>> = {
  gt: (result) => result > 0,
  gte: (result) => result >= 0,
  lt: (result) => result < 0,
  lte: (result) => result <= 0,
};

/** Compares ordered conditions of one kind in another way; equality stays. */
function compared(kind: string, compare: (a: any, b: any) => number): Fault {
  return leafFault((leaf, value, operand) => {
    const holds = ORDERED[leaf.op];
    if (holds === undefined || leaf.field.kind !== kind) return undefined;
    return value !== null && holds(compare(value, operand));
  });
}

export const conditionDefects: readonly Defect[] = [
  defect(
    '`ne` loses the rows whose field is null',
    clauseFault((clause) =>
      clause.op === 'ne' ? { op: 'and', clauses: [clause, { op: 'isNotNull', field: clause.field }] } : clause,
    ),
  ),
  defect(
    '`noneOf` loses the rows whose field is null',
    clauseFault((clause) =>
      clause.op === 'noneOf' ? { op: 'and', clauses: [clause, { op: 'isNotNull', field: clause.field }] } : clause,
    ),
  ),
  defect(
    '`not` of a text match loses the rows whose field is null',
    clauseFault((clause) =>
      clause.op === 'not' && clause.clause.field.kind !== 'list'
        ? { op: 'and', clauses: [clause, { op: 'isNotNull', field: clause.clause.field }] }
        : clause,
    ),
  ),
  defect(
    '`not` of a list condition loses the rows whose list is null',
    clauseFault((clause) =>
      clause.op === 'not' && clause.clause.field.kind === 'list'
        ? { op: 'and', clauses: [clause, { op: 'isNotNull', field: clause.clause.field }] }
        : clause,
    ),
  ),
  defect(
    'a negated comparison loses the rows whose field is null',
    clauseFault((clause) => {
      if (clause.op !== 'or') return clause;
      const compares = clause.clauses.filter((each) => each.op in ORDERED);
      return compares.length > 0
        ? { op: 'or', clauses: clause.clauses.filter((each) => each.op !== 'isNull') }
        : clause;
    }),
  ),
  defect(
    '`anyOf` with null among its values misses the rows whose field is null',
    clauseFault((clause) => {
      if (clause.op !== 'or') return clause;
      const equals = clause.clauses.some((each) => each.op === 'anyOf' || each.op === 'eq');
      return equals ? { op: 'or', clauses: clause.clauses.filter((each) => each.op !== 'isNull') } : clause;
    }),
  ),
  defect(
    '`or` of nothing is true',
    clauseFault((clause) => (clause.op === 'or' && clause.clauses.length === 0 ? { op: 'and', clauses: [] } : clause)),
  ),
  defect(
    '`or` looks at its first clause only',
    clauseFault((clause) => (clause.op === 'or' ? { op: 'or', clauses: clause.clauses.slice(0, 1) } : clause)),
  ),
  defect(
    '`and` looks at its first two clauses only',
    clauseFault((clause) => (clause.op === 'and' ? { op: 'and', clauses: clause.clauses.slice(0, 2) } : clause)),
  ),
  defect(
    '`gte` leaves out the value itself',
    clauseFault((clause) => (clause.op === 'gte' ? { ...clause, op: 'gt' } : clause)),
  ),
  defect(
    '`lte` leaves out the value itself',
    clauseFault((clause) => (clause.op === 'lte' ? { ...clause, op: 'lt' } : clause)),
  ),
  defect(
    '`gt` takes the value too',
    clauseFault((clause) => (clause.op === 'gt' ? { ...clause, op: 'gte' } : clause)),
  ),
  defect(
    '`lt` takes the value too',
    clauseFault((clause) => (clause.op === 'lt' ? { ...clause, op: 'lte' } : clause)),
  ),
  defect(
    '`lt` and `lte` hold where the field is null',
    clauseFault((clause) =>
      clause.op === 'lt' || clause.op === 'lte'
        ? { op: 'or', clauses: [clause, { op: 'isNull', field: clause.field }] }
        : clause,
    ),
  ),
  defect(
    '`isNull` does not see through an object that is null',
    leafFault((leaf, value) => {
      if (leaf.op !== 'isNull' || leaf.field.segments.length < 2) return undefined;
      return value === null ? undefined : false;
    }),
  ),
  defect('a path below an object that is null is not null', {
    command: async (command, memory) => {
      if (!isFiltered(command)) return command;
      const rows = await allRows(memory, command.entity);
      const values = [...command.values];
      const where = (function walk(clause: Clause): Clause {
        if (clause.op === 'and' || clause.op === 'or') return { op: clause.op, clauses: clause.clauses.map(walk) };
        if (clause.op !== 'isNull' || clause.field.segments.length < 2) return clause;
        const above = clause.field.segments.slice(0, -1);
        const kept = rows.filter((row) => valueAt(row, above) !== null && valueAt(row, clause.field.segments) === null);
        const [key] = command.entity.key;
        return {
          op: 'or',
          clauses: kept.map((row) => ({ op: 'eq', field: key!, slot: values.push(row[key!.name]) - 1 })),
        };
      })(command.where);
      return { ...command, where, values, shape: freshShape() };
    },
  }),
  defect('decimals are compared as text', compared('decimal', compareText)),
  defect(
    'decimals are compared as floating point numbers',
    compared('decimal', (a, b) => Number(a) - Number(b)),
  ),
  defect(
    'decimals are equal as floating point numbers',
    leafFault((leaf, value, operand) =>
      leaf.op === 'eq' && leaf.field.kind === 'decimal'
        ? value !== null && Number(value) === Number(operand)
        : undefined,
    ),
  ),
  defect(
    'bigints are compared as numbers',
    compared('bigint', (a, b) => Number(a) - Number(b)),
  ),
  defect(
    'bigints are equal as numbers',
    leafFault((leaf, value, operand) =>
      leaf.op === 'eq' && leaf.field.kind === 'bigint'
        ? value !== null && Number(value) === Number(operand)
        : undefined,
    ),
  ),
  defect(
    'timestamps are compared by second',
    compared('timestamp', (a, b) => Math.floor(a / 1000) - Math.floor(b / 1000)),
  ),
  defect(
    'texts are compared by UTF-16 unit',
    compared('text', (a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  ),
  defect(
    'texts are compared by locale',
    compared('text', (a, b) => a.localeCompare(b, 'en')),
  ),
  defect(
    'texts are equal without case',
    leafFault((leaf, value, operand) =>
      leaf.op === 'eq' && leaf.field.kind === 'text'
        ? value !== null && foldAscii(value) === foldAscii(operand)
        : undefined,
    ),
  ),
  defect(
    'texts are equal without trailing spaces',
    leafFault((leaf, value, operand) =>
      leaf.op === 'eq' && leaf.field.kind === 'text'
        ? value !== null && value.trimEnd() === operand.trimEnd()
        : undefined,
    ),
  ),
  defect(
    'texts are equal after normalisation',
    leafFault((leaf, value, operand) =>
      leaf.op === 'eq' && leaf.field.kind === 'text'
        ? value !== null && value.normalize() === operand.normalize()
        : undefined,
    ),
  ),
];
