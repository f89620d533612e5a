import type { Clause, Keyset, KeysetTerm } from '../query/clause.js';
import { castType, pathSql, type Table } from './fields.js';
import { type Parameters, slot, type Valued } from './plans.js';
import { encoderOf } from './values.js';

/** How the SQL of one keyset is written: fields as paths, slots as parameters. */
interface Writer {
  path(term: KeysetTerm): string;
  value(term: KeysetTerm): string;
}

function writer<C extends Valued>(table: Table, parameters: Parameters<C>, alias: string): Writer {
  return {
    path: ({ field }) => pathSql(table, field, 'typed', alias),
    value: ({ field, slot: at }) => slot(parameters, at, encoderOf(field), castType(field)),
  };
}

/**
 * The rows behind a position, in the form that an index serves whatever the depth: one comparison of rows where that says it,
 * else a bound on the first term beside the alternatives. Without the bound every row before the position is read.
 */
export function keysetSql<C extends Valued>(
  keyset: Keyset,
  table: Table,
  parameters: Parameters<C>,
  alias: string,
): string {
  return conditionSql(keyset, writer(table, parameters, alias));
}

type Arm = <C extends Valued>(table: Table, parameters: Parameters<C>) => string;

/** A filter with a keyset in it as two, the rows of the first all before those of the second. */
export interface KeysetArms {
  readonly rest: readonly Clause[];
  readonly arms: readonly [Arm, Arm];
}

/**
 * The arms of a filter where one condition would be no range of an index: the position has a value and nulls lie behind it, or
 * it is null and values lie behind it. Null for any other filter.
 */
export function keysetArms(where: Clause): KeysetArms | null {
  const clauses = where.op === 'and' ? where.clauses : [where];
  const found = clauses.find((each) => each.op === 'or' && each.keyset !== undefined);
  const keyset = found?.op === 'or' ? found.keyset : undefined;
  const first = keyset?.[0];
  if (keyset === undefined || first === undefined || !first.field.nullable) return null;
  const isNull = first.slot < 0;
  if (isNull !== (first.direction === 'asc')) return null;
  const near: Arm = (table, parameters) => conditionSql(keyset, writer(table, parameters, ''), false);
  const far: Arm = (table, parameters) =>
    `${writer(table, parameters, '').path(first)} is ${isNull ? 'not null' : 'null'}`;
  return { rest: clauses.filter((each) => each !== found), arms: [near, far] };
}

/** `far`: with the rows whose first field is null where the position is not, or not null where the position is. */
function conditionSql(keyset: Keyset, write: Writer, far = true): string {
  const [first, ...rest] = keyset;
  if (first === undefined) return 'false';
  if (isRowComparison(keyset, far)) {
    const paths = keyset.map(write.path).join(', ');
    return `(${paths}) ${first.direction === 'asc' ? '>' : '<'} (${keyset.map(write.value).join(', ')})`;
  }
  const path = write.path(first);
  if (first.slot < 0) {
    const same = rest.length === 0 ? 'false' : `(${path} is null and ${conditionSql(rest, write)})`;
    return far && first.direction === 'asc' ? `(${path} is not null or ${same})` : same;
  }
  const sign = first.direction === 'asc' ? '>' : '<';
  let sql = `${path} ${sign} ${write.value(first)}`;
  if (rest.length > 0) {
    const bound = `${path} ${sign}= ${write.value(first)}`;
    sql = `(${bound} and (${sql} or (${path} = ${write.value(first)} and ${conditionSql(rest, write)})))`;
  }
  return far && first.direction === 'desc' && first.field.nullable ? `(${sql} or ${path} is null)` : sql;
}

/**
 * One direction, and no null in the position. Nulls of the rows lie before every value ascending, where a comparison with them
 * is rightly not true; descending they lie behind.
 */
function isRowComparison(keyset: Keyset, far: boolean): boolean {
  const direction = keyset[0]!.direction;
  return (
    keyset.length > 1 &&
    keyset.every(
      (term, i) =>
        term.slot >= 0 &&
        term.direction === direction &&
        (direction === 'asc' || !term.field.nullable || (i === 0 && !far)),
    )
  );
}
