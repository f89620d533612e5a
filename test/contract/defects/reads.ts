import type { StoredRow } from '../../../src/schema/model.js';
import { allRows, type Defect, defect, type Fault, freshShape, valueAt } from './planted.js';

/** Answers reads that wait together in another order. */
function mixedAnswers(): Fault {
  const waiting: (() => void)[] = [];
  const answers: unknown[] = [];
  const flush = () => {
    answers.reverse();
    for (const answer of waiting.splice(0)) answer();
  };
  return {
    run: (command, memory) => {
      if (command.kind !== 'find') return undefined;
      return memory.run<unknown>(command).then(
        (rows) =>
          new Promise((resolve) => {
            answers.push(rows);
            if (waiting.push(() => resolve(answers.shift())) === 1) setImmediate(flush);
          }),
      );
    },
  };
}

export const readDefects: readonly Defect[] = [
  defect('`offset` is one too many', {
    command: (command) =>
      command.kind === 'find' && command.offset > 0 ? { ...command, offset: command.offset + 1 } : command,
  }),
  defect('`offset` is not looked at', {
    command: (command) => (command.kind === 'find' ? { ...command, offset: 0 } : command),
  }),
  defect('`offset` without `limit` is not looked at', {
    command: (command) => (command.kind === 'find' && command.limit === null ? { ...command, offset: 0 } : command),
  }),
  defect('`limit: 1` is not looked at', {
    command: (command) => (command.kind === 'find' && command.limit === 1 ? { ...command, limit: null } : command),
  }),
  defect('`limit` is one too many', {
    command: (command) =>
      command.kind === 'find' && command.limit !== null ? { ...command, limit: command.limit + 1 } : command,
  }),
  defect('`count` does not look at the filter', {
    run: (command, memory) =>
      command.kind === 'count' ? allRows(memory, command.entity).then((rows) => rows.length) : undefined,
  }),
  defect('`count` is a text', {
    run: (command, memory) => (command.kind === 'count' ? memory.run<number>(command).then(String) : undefined),
  }),
  defect('`exists` is always true', {
    run: (command) => (command.kind === 'exists' ? Promise.resolve(true) : undefined),
  }),
  defect('`exists` does not look at the filter', {
    run: (command, memory) =>
      command.kind === 'exists' ? allRows(memory, command.entity).then((rows) => rows.length > 0) : undefined,
  }),
  defect('`distinct` leaves null out', {
    run: (command, memory) =>
      command.kind === 'distinct'
        ? memory.run<unknown[]>(command).then((values) => values.filter((each) => each !== null))
        : undefined,
  }),
  defect('`distinct` gives null although no row has none', {
    run: (command, memory) =>
      command.kind === 'distinct'
        ? memory.run<unknown[]>(command).then((values) => (values[0] === null ? values : [null, ...values]))
        : undefined,
  }),
  defect('`distinct` gives its values in no order', {
    run: (command, memory) =>
      command.kind === 'distinct' ? memory.run<unknown[]>(command).then((values) => values.reverse()) : undefined,
  }),
  defect('`distinct` does not look at the filter', {
    command: (command) =>
      command.kind === 'distinct' ? { ...command, where: { op: 'and', clauses: [] }, shape: freshShape() } : command,
  }),
  defect('`distinct` tells equal timestamps apart', {
    run: (command, memory) =>
      command.kind === 'distinct' && command.field.kind === 'timestamp'
        ? allRows(memory, command.entity).then((rows) =>
            rows.map((row) => valueAt(row, command.field.segments)).sort((a, b) => Number(a) - Number(b)),
          )
        : undefined,
  }),
  defect('a stream belongs to the transaction that it is read in', { lateStreams: true }),
  defect('a stream loses its last batch', {
    stream: (_, rows, batch) => rows.slice(0, Math.max(0, Math.ceil(rows.length / batch) - 1) * batch),
  }),
  defect('a stream loses a last batch that is not full', {
    stream: (_, rows, batch) => rows.slice(0, Math.floor(rows.length / batch) * batch),
  }),
  defect('a stream loses a row between batches', {
    stream: (_, rows, batch) => rows.filter((_row, i) => i % (batch + 1) !== batch),
  }),
  defect('a stream does not look at its order', {
    stream: (command, rows) => (command.orderBy.length > 0 ? [...rows].reverse() : rows),
  }),
  defect('a signal that is aborted is not looked at', {
    options: (options) => (options === undefined ? options : { ...options, signal: undefined }),
  }),
  defect('where no row is found, another one is given', {
    run: (command, memory) => {
      if (command.kind !== 'find') return undefined;
      return memory.run<StoredRow[]>(command).then(async (rows) => {
        if (rows.length > 0 || command.limit !== 1 || command.offset > 0) return rows;
        return memory.run({ ...command, where: { op: 'and', clauses: [] }, shape: freshShape() });
      });
    },
  }),
  defect('calls that come together are given the rows of each other', mixedAnswers()),
  defect('hidden fields are given', {
    command: (command) => ('select' in command ? { ...command, select: command.entity.fields } : command),
  }),
];
