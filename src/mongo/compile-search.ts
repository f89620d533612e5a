import type { SearchCommand } from '../query/command.js';
import { resultField } from '../query/result-field.js';
import { isBare, type SearchTerm } from '../query/search-text.js';
import type { FieldModel } from '../schema/model.js';
import { variantsOf, wordEnds } from '../util/words.js';
import type { BsonTypes, Document } from './client.js';
import { compileProjection } from './compile-read.js';
import { compileWhere } from './compile-where.js';
import { rowReader } from './documents.js';
import type { Names } from './names.js';
import type { SearchPlan } from './plans.js';

/** No field begins so. */
const SCORE = '~score';
/** Beyond ASCII the characters stand for themselves: a search has many patterns, and this is in each of them, twice. */
const ENDS = wordEnds((hex) => (hex.length > 2 ? String.fromCodePoint(Number.parseInt(hex, 16)) : `\\x{${hex}}`));

/** The server's rank as a field of the row. */
const scoreField: FieldModel = resultField('real', 'score', { column: SCORE });

/** The plan of a search. */
export function compileSearch(command: SearchCommand, names: Names, bson: BsonTypes): SearchPlan {
  const sort: Document = { [SCORE]: { $meta: 'textScore' } };
  for (const field of names.entity.key) sort[names.path(field)] = 1;
  return {
    filter: compileWhere(command.where, names, bson),
    projection: { ...compileProjection(command.select, names), [SCORE]: { $meta: 'textScore' } },
    sort,
    read: rowReader([...command.select, scoreField], names),
    paths: command.fields.map((field) => names.path(field)),
  };
}

/** The `find` command; `batch` is for a cursor. */
export function searchCommand(
  plan: SearchPlan,
  collection: string,
  { terms, values, limit, offset }: SearchCommand,
  batch?: number,
): Document {
  const find: Document = {
    find: collection,
    filter: {
      $text: { $search: indexQuery(terms.required), $language: 'none' },
      $and: [
        plan.filter(values),
        ...terms.required.map((term) => holds(plan.paths, term)),
        ...terms.excluded.map((term) => ({ $nor: [holds(plan.paths, term)] })),
      ],
    },
    projection: plan.projection,
    sort: plan.sort,
    limit,
    batchSize: batch ?? limit + 1,
  };
  if (offset > 0) find['skip'] = offset;
  return find;
}

/**
 * Every word in quotes, or the server would be content with one of them. The index knows neither accents nor the order of words, so it
 * finds too much, and never too little: its words are ours.
 */
function indexQuery(required: readonly SearchTerm[]): string {
  const words = new Set(required.flat().filter((word) => !isBare(word)));
  return [...words].map((word) => `"${word}"`).join(' ');
}

function holds(paths: readonly string[], term: SearchTerm): Document {
  const pattern = termPattern(term);
  const tests = paths.map((path) => ({ [path]: { $regex: pattern } }));
  return tests.length === 1 ? tests[0]! : { $or: tests };
}

/** The term as whole words, folded as `wordsOf` folds. Behind the first gap `(?1)` means the same again: a pattern has an end at 32 KiB. */
export function termPattern(term: SearchTerm): string {
  const [first, second, ...rest] = term.map((word) => Array.from(word, letterPattern).join(''));
  const behind = second === undefined ? '' : `([${ENDS}]+)${[second, ...rest].join('(?1)')}`;
  return `(?<![^${ENDS}])${first}${behind}(?![^${ENDS}])`;
}

function letterPattern(letter: string): string {
  const variants = variantsOf(letter);
  if (variants.length > letter.length) return `[${variants}]`;
  return letter;
}
