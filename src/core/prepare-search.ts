import { ValidationError } from '../errors/data.js';
import type { SearchCommand } from '../query/command.js';
import { shapeOf } from '../query/logic.js';
import { addIssue, END, type Parsing } from '../query/parsing.js';
import { parseSearchText } from '../query/search-text.js';
import type { FieldModel, IndexModel } from '../schema/model.js';
import { unknownName } from '../util/nearest.js';
import { filter, settle } from './build-command.js';
import { DEFAULT_LIMIT, KNOWN, runOptions, wholeNumber } from './check-options.js';
import type { Context, Prepared } from './prepare.js';
import { startRead } from './start-read.js';

/** From the input of `search` to its command. @throws ValidationError */
export function prepareSearch(context: Context, text: unknown, options: unknown): Prepared<SearchCommand> {
  const { model } = context;
  const index = model.indexes.find(({ kind }) => kind === 'search');
  if (index === undefined)
    throw new ValidationError(model.name, [
      { path: '', message: "cannot be searched: give the entity the option `search`, such as `{ title: 'A' }`" },
    ]);
  const { bag, parsing, projection, include } = startRead(context, KNOWN.search, options);
  const terms = parseSearchText(parsing, text);
  const { where = {} } = bag;
  const clause = filter(parsing, where, bag['deleted']);
  const fields = parseFields(parsing, index, bag['fields']);
  const limit = wholeNumber(bag, 'limit', 0, parsing.issues) ?? DEFAULT_LIMIT;
  const offset = wholeNumber(bag, 'offset', 0, parsing.issues) ?? 0;
  if (include?.relations.some(({ name }) => name === 'score'))
    addIssue(parsing, 'include.score', 'must have another name: a search calls its rank so');
  settle(parsing);
  const command: SearchCommand = {
    kind: 'search',
    entity: model,
    shape: `${shapeOf(clause)}|${fields.map(({ path }) => path + END).join('')}|${projection.shape}`,
    where: clause,
    values: parsing.values,
    terms,
    index,
    fields,
    select: projection.select,
    limit,
    offset,
  };
  return { command, projection, include, run: runOptions(model.name, bag) };
}

/** The fields to look through, in the order of their declaration. */
function parseFields(parsing: Parsing, { parts }: IndexModel, names: unknown): readonly FieldModel[] {
  const searched = parts.map(({ field }) => field);
  if (names === undefined) return searched;
  if (!Array.isArray(names) || names.length === 0) {
    addIssue(parsing, 'fields', 'must be a list of fields, not empty');
    return searched;
  }
  const paths = searched.map(({ path }) => path);
  for (const name of names) {
    if (paths.includes(name)) continue;
    const choices = paths.map((path) => `\`${path}\``).join(', ');
    addIssue(parsing, 'fields', unknownName(String(name), paths, `must name fields of these: ${choices}`));
  }
  return searched.filter(({ path }) => names.includes(path));
}
