import { createHash } from 'node:crypto';
import type { FieldModel, IndexModel } from '../schema/model.js';
import { FOLDINGS, wordEnds } from '../util/words.js';
import { literal, pathSql, type Table } from './fields.js';

/** A column that the server fills, and keeps fresh, by itself. */
export interface GeneratedColumn {
  readonly name: string;
  /** Type and expression, as in a definition. */
  readonly definition: string;
}

const ENDS = literal(`[${wordEnds((hex) => `\\U${hex.padStart(8, '0')}`)}]+`);
/** Control characters that could put a space where there is none, if two of their hexadecimal digits were read one digit late. */
const CONTROLS = '[\\u0001-\\u0008\\u000e\\u000f]';
const EACH_CONTROL = new RegExp(CONTROLS, 'g');
const REPLACEMENT = '\ufffd';

/** Whether words that differ share one lexeme: only their texts tell them apart. */
export function sharesLexeme(word: string): boolean {
  return word.replace(EACH_CONTROL, REPLACEMENT).includes(REPLACEMENT);
}

/** The lexeme of a word: hexadecimal digits behind a letter, of which the server's parser cannot make anything else. */
export function lexemeOf(word: string): string {
  return `x${Buffer.from(word.replace(EACH_CONTROL, REPLACEMENT)).toString('hex')}`;
}

/**
 * Folded as `wordsOf` folds, whatever the locale of the database. Each script is translated only where a text has letters of it: for
 * every letter the server walks through the table.
 */
function foldedSql(text: string): string {
  return FOLDINGS.reduce((folded, { from, to }) => {
    const letters = Array.from(from).sort();
    const has = `${text} collate "C" ~ ${literal(`[${letters[0]}-${letters.at(-1)}]`)}`;
    return `translate(${folded}, case when ${has} then ${literal(from)} else '' end, ${literal(to)})`;
  }, `lower(${text} collate "C")`);
}

function wordsSql(text: string): string {
  return `regexp_replace(${foldedSql(text)} collate "C", ${ENDS}, ' ', 'g')`;
}

/** The words of fields, as `spaced` writes them; two spaces between those of two fields, so that no term lies across. */
export function spacedSql(table: Table, fields: readonly FieldModel[]): string {
  return fields.map((field) => `' ' || coalesce(${wordsSql(pathSql(table, field, 'text'))}, '') || ' '`).join(' || ');
}

/** The lexemes of fields of a search index, with their weights. */
export function vectorSql(table: Table, { parts }: IndexModel, fields: readonly FieldModel[]): string {
  return parts
    .filter(({ field }) => fields.includes(field))
    .map(({ field, weight = 'D' }) => {
      const words = `nullif(btrim(${wordsSql(pathSql(table, field, 'text'))}), '')`;
      const safe = `regexp_replace(' ' || ${words}, ${literal(CONTROLS)}, '${REPLACEMENT}', 'g')`;
      const lexemes = `replace(encode((${safe})::bytea, 'hex'), '20', ' x')`;
      return `setweight(coalesce(to_tsvector('pg_catalog.simple'::regconfig, ${lexemes}), ''), '${weight}')`;
    })
    .join(' || ');
}

const columns = new WeakMap<Table, GeneratedColumn>();

/**
 * The column behind a search. Its name tells what is in it: where the entity asks for other fields or weights it is another column, and
 * no search reads one that holds something else.
 */
export function searchColumn(table: Table, index: IndexModel): GeneratedColumn {
  const known = columns.get(table);
  if (known !== undefined) return known;
  const sql = vectorSql(
    table,
    index,
    index.parts.map(({ field }) => field),
  );
  const hash = createHash('sha256').update(sql).digest('hex').slice(0, 8);
  const column = { name: `~search_${hash}`, definition: `tsvector generated always as (${sql}) stored` };
  columns.set(table, column);
  return column;
}
