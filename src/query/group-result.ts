import { QueryError } from '../errors/runtime.js';
import type { FieldModel, StoredRow } from '../schema/model.js';
import type { GroupCommand } from './command.js';

/** The error of a sum that its type cannot hold. `column` is the measure's, where it is known which one it was. */
export function sumOverflow(entity: string, column: FieldModel | null): QueryError {
  const which = column === null ? 'A sum' : `The sum \`${column.path}\``;
  const advice =
    column?.kind === 'integer'
      ? 'is past 2^53, where a number is not exact: declare the field as `bigint()`'
      : 'is past what a real can hold: declare the field as `decimal()`';
  return new QueryError(`${which} over \`${entity}\` ${advice}`, { outcome: 'executed' });
}

/** Refuses sums that are not what they would seem: rounded integers, and infinite reals. */
export function checkSums({ entity, keys, measures, columns }: GroupCommand, rows: readonly StoredRow[]): void {
  measures.forEach(({ op }, i) => {
    const column = columns[keys.length + i]!;
    if ((op !== 'sum' && op !== 'avg') || (column.kind !== 'integer' && column.kind !== 'real')) return;
    const holds = column.kind === 'integer' ? Number.isSafeInteger : Number.isFinite;
    for (const row of rows) {
      const value = row[column.name];
      if (value !== null && !holds(value)) throw sumOverflow(entity.name, column);
    }
  });
}
