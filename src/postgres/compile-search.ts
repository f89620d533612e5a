import type { SearchCommand } from '../query/command.js';
import type { SearchTerm } from '../query/search-text.js';
import { spaced } from '../util/words.js';
import { columnsOf, orderSql, rootsOf, selectSql } from './compile-read.js';
import { whereSql } from './compile-where.js';
import { quote, type Table } from './fields.js';
import { Parameters, type Plan } from './plans.js';
import { lexemeOf, searchColumn, sharesLexeme, spacedSql, vectorSql } from './search-sql.js';
import { textArray } from './values.js';

const SCORE = '~score';

/** What the column of lexemes cannot tell of a term: the order of its words, and in which fields they are. */
function needsText({ fields, index }: SearchCommand): (term: SearchTerm) => boolean {
  const some = fields.length < index.parts.length;
  return (term) => some || term.length > 1 || sharesLexeme(term[0]!);
}

/** Which tests a search needs beside that of the column: part of the key of its plan. */
export function searchForm(command: SearchCommand): string {
  const { required, excluded } = command.terms;
  const needs = needsText(command);
  return `${required.some(needs) ? '+' : ''}${excluded.some(needs) ? '-' : ''}${command.offset === 0 ? '' : 'o'}`;
}

/**
 * The column, which an index serves, finds the rows that hold the words; what it cannot tell is looked up in the texts of those. The
 * order is that of a query of the words alone.
 */
export function compileSearch(command: SearchCommand, table: Table): Plan<SearchCommand> {
  const { fields, index } = command;
  const parameters = new Parameters<SearchCommand>();
  const column = quote(searchColumn(table, index).name);
  const tests = [`${column} @@ ${parameters.add(matchQuery, 'tsquery')}`, whereSql(command.where, table, parameters)];
  const form = searchForm(command);
  const holds = (terms: string): string =>
    `from (select ${spacedSql(table, fields)} as words offset 0) t cross join unnest(${terms}) as term where strpos(t.words, term)`;
  if (form.includes('+')) tests.push(`not exists (select ${holds(textsOf(parameters, 'required'))} = 0)`);
  if (form.includes('-')) tests.push(`not exists (select ${holds(textsOf(parameters, 'excluded'))} > 0)`);
  const words = parameters.add(wordsQuery, 'tsquery');
  const ranked = fields.length === index.parts.length ? column : vectorSql(table, index, fields);
  const roots = rootsOf(table, command.select);
  const selected = [...(roots.length === 0 ? [] : [selectSql(table, roots)]), `ts_rank(${ranked}, ${words})::float8`];
  const key = orderSql(
    table,
    table.entity.key.map((field) => ({ field, direction: 'asc' })),
  );
  const order = key === '' ? '' : `, ${key}`;
  let text = `select ${selected.join(', ')} as ${quote(SCORE)} from ${table.sql} where ${tests.join(' and ')} order by ${quote(SCORE)} desc${order}`;
  text += ` limit ${parameters.add((each) => String(each.limit), 'int8')}`;
  if (command.offset > 0) text += ` offset ${parameters.add((each) => String(each.offset), 'int8')}`;
  return parameters.plan(text, [...columnsOf(roots), { name: 'score', field: null }]);
}

/** All words that a row must hold. Lexemes are hexadecimal digits: nothing of them can be an operator. */
function wordsQuery({ terms }: SearchCommand): string {
  return [...new Set(terms.required.flat())].map((word) => `'${lexemeOf(word)}'`).join(' & ');
}

/** The same, and the words that it must not hold where the column can tell. */
function matchQuery(command: SearchCommand): string {
  const needs = needsText(command);
  const told = command.terms.excluded.filter((term) => !needs(term));
  return [wordsQuery(command), ...told.map(([word]) => `!'${lexemeOf(word!)}'`)].join(' & ');
}

function textsOf(parameters: Parameters<SearchCommand>, which: 'required' | 'excluded'): string {
  return parameters.add((command) => textArray(command.terms[which].filter(needsText(command)).map(spaced)), 'text[]');
}
