import type { Command, SearchCommand } from '../../../src/query/command.js';
import type { SearchTerm } from '../../../src/query/search-text.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { type Defect, defect, freshShape } from './planted.js';

/** Changes the command of a search. */
function searching(change: (command: SearchCommand) => Partial<SearchCommand>): (command: Command) => Command {
  return (command) => (command.kind === 'search' ? { ...command, ...change(command), shape: freshShape() } : command);
}

/** Changes the terms of a search. */
function terms(
  change: (terms: SearchCommand['terms']) => Partial<SearchCommand['terms']>,
): (command: Command) => Command {
  return searching((command) => ({ terms: { ...command.terms, ...change(command.terms) } }));
}

const apart = (all: readonly SearchTerm[]): SearchTerm[] => all.flatMap((term) => term.map((word) => [word]));

export const searchDefects: readonly Defect[] = [
  defect('a search is content with the first word', {
    command: terms(({ required }) => ({ required: required.slice(0, 1) })),
  }),
  defect('a search takes no notice of what must not be there', { command: terms(() => ({ excluded: [] })) }),
  defect('a search looks for the words of a phrase one by one', {
    command: terms(({ required }) => ({ required: apart(required) })),
  }),
  defect('a search leaves out the rows that hold any word of a phrase that must not be there', {
    command: terms(({ excluded }) => ({ excluded: apart(excluded) })),
  }),
  defect('a search folds accents', {
    command: terms(({ required }) => ({
      required: required.map((term) => term.map((word) => word.normalize('NFD').replace(/\p{M}/gu, ''))),
    })),
  }),
  defect('a search looks through every field, whatever `fields` says', {
    command: searching(({ index }) => ({ fields: index.parts.map(({ field }) => field) })),
  }),
  defect('a search looks at deleted rows, too', {
    command: searching(({ where }) =>
      where.op === 'and'
        ? { where: { ...where, clauses: where.clauses.filter((each) => each.op !== 'isNull') } }
        : { where: where.op === 'isNull' ? { op: 'and', clauses: [] } : where },
    ),
  }),
  defect('a search gives its rows in the order of their keys', {
    run: (command, memory) => {
      if (command.kind !== 'search') return undefined;
      const key = command.entity.key[0]!.name;
      const whole = { ...command, select: command.entity.fields, limit: 1_000, offset: 0, shape: freshShape() };
      const shown = new Set(['score', ...command.select.map(({ name }) => name)]);
      return memory.run<StoredRow[]>(whole).then((rows) => {
        rows.sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1));
        const page = rows.slice(command.offset, command.offset + command.limit);
        return page.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => shown.has(name))));
      });
    },
  }),
  defect('a search begins at the first row, whatever `offset` says', { command: searching(() => ({ offset: 0 })) }),
  defect('a search ranks no row', {
    row: (row) => ('score' in row ? { ...row, score: 0 } : row),
  }),
];
