import type { Table } from '../kit/table.js';

/** What is told of each table, by the place of its column; -1 is the last. */
const TOLD: readonly { readonly title: string; readonly column: number; readonly name: string }[] = [
  { title: 'L1 hit', column: 3, name: 'L1 hit' },
  { title: 'L2 hit, one at a time', column: 3, name: 'L2 hit' },
  { title: 'L2 hit, one at a time', column: 7, name: 'L2 hit, two tags' },
  { title: 'Miss', column: 3, name: 'miss' },
  { title: 'Miss', column: 7, name: 'miss, two tags' },
  { title: 'Stampede', column: 5, name: 'loads of a stampede' },
  { title: 'Invalidation of a tag', column: -1, name: 'invalidation, ms' },
  { title: 'Memory per entry', column: 0, name: 'bytes in Redis' },
  { title: 'Stale reads', column: 0, name: 'stale by key' },
  { title: 'Stale reads', column: 2, name: 'stale by tag' },
];

/** All measures in a table; of those that were not run there is nothing. */
export function summaryOf(tables: readonly Table[]): Table {
  const told = TOLD.flatMap(({ title, column, name }) => {
    const table = tables.find((each) => each.title === title);
    return table === undefined ? [] : [{ table, column, name }];
  });
  return {
    title: 'Summary',
    about:
      'Hits and misses as the CPU time of the process in proportion to the first row, which is steadier than the time; the loads of a stampede over processes; the largest tag.',
    columns: told.map(({ name }) => name),
    rows: tables[0]!.rows.map(({ name }, i) => ({
      name,
      cells: told.map(({ table, column }) => table.rows[i]!.cells.at(column)!),
    })),
  };
}
