import type { UpdateEachCommand, UpsertManyCommand } from '../query/command.js';
import { assignmentsSql } from './compile-assign.js';
import { whereSql } from './compile-where.js';
import { columnList, conflictSql, fieldsOf, guardSql, manyRows } from './compile-write.js';
import { quote, quoteItem, type Table } from './fields.js';
import { Parameters, type Plan, type Valued } from './plans.js';
import { arrayOf, type Encoded, hex } from './values.js';

const EACH = '"~each"';

/**
 * The parameters of many statements that differ only in values: one array for each, with an item for every statement. All travel as texts,
 * since an array of arrays must be rectangular, and are cast where they are used.
 */
class EachParameters extends Parameters<Valued> {
  readonly #each: ((one: Valued) => Encoded)[] = [];

  override add(source: (one: Valued) => Encoded, cast: string): string {
    return `${EACH}."~${this.#each.push(source) - 1}"::${cast}`;
  }

  /** `unnest($1::text[], ...) as "~each"("~0", ...)` */
  table(): string {
    const arrays = this.#each.map((_, i) => `$${i + 1}::text[]`).join(', ');
    const names = this.#each.map((_, i) => `"~${i}"`).join(', ');
    return `unnest(${arrays}) as ${EACH}(${names})`;
  }

  planEach(text: string): Plan<UpdateEachCommand> {
    const parameters = new Parameters<UpdateEachCommand>();
    for (const source of this.#each)
      parameters.add(
        ({ each }) =>
          arrayOf(
            each.map((values) => source({ values })),
            quoteEncoded,
          ),
        'text[]',
      );
    return parameters.plan(text, []);
  }
}

function quoteEncoded(item: string | Uint8Array): string {
  return quoteItem(typeof item === 'string' ? item : `\\x${hex(item)}`);
}

/** One update that takes its values from a table of parameters, a row for each. */
export function compileUpdateEach(command: UpdateEachCommand, table: Table): Plan<UpdateEachCommand> {
  const parameters = new EachParameters();
  const set = assignmentsSql(command.assignments, table, parameters);
  const where = whereSql(command.where, table, parameters);
  return parameters.planEach(`update ${table.sql} set ${set} from ${parameters.table()} where ${where}`);
}

/** Names of the columns that count; no field can have them. */
export const COUNTS = { inserted: '~inserted', written: '~written' } as const;

/**
 * Rows go in by the order of `on`, so that two calls at once lock the rows that both have in one order; not so where the database numbers
 * them, which is by their order in the call.
 */
export function compileUpsertMany(command: UpsertManyCommand, table: Table): Plan<UpsertManyCommand> {
  const { entity } = table;
  const fields = fieldsOf(entity, command.rows[0]!);
  const parameters = new Parameters<UpsertManyCommand>();
  const numbered = fields.length < entity.fields.length;
  const order = command.on.filter((field) => fields.includes(field)).map((field) => fields.indexOf(field) + 1);
  const sorted = numbered || order.length === 0 ? '' : ` order by ${order.join(', ')}`;
  const taken = command.taken.map((field) => quote(table.column(field))).map((name) => `${name} = excluded.${name}`);
  const changed = assignmentsSql(command.assignments, table, parameters, 'self.');
  const set = [...taken, ...(changed === '' ? [] : [changed])].join(', ');
  const written =
    `insert into ${table.sql} as self (${columnList(table, fields)}) ${manyRows(fields, parameters)}${sorted} ` +
    `${conflictSql(command.on, table, set, guardSql(command, table, parameters))} returning (self.xmax = 0) as fresh`;
  const counts = `count(*) filter (where fresh) as ${quote(COUNTS.inserted)}, count(*) as ${quote(COUNTS.written)}`;
  return parameters.plan(
    `with written as (${written}) select ${counts} from written`,
    Object.values(COUNTS).map((name) => ({ name, field: null })),
  );
}
