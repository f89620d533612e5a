import type { Clause } from '../query/clause.js';
import type { CountCommand, FindCommand, OrderTerm } from '../query/command.js';
import { keysetClause, reversed } from '../query/keyset.js';
import { allOf, shapeOf } from '../query/logic.js';
import { parseOrderBy, shapeOfOrder, totalOrder } from '../query/order.js';
import { addIssue, type Parsing } from '../query/parsing.js';
import type { FieldModel } from '../schema/model.js';
import { describeValue } from '../util/describe.js';
import { filter, findCommand, settle } from './build-command.js';
import { type Bag, DEFAULT_LIMIT, KNOWN, runOptions, wholeNumber } from './check-options.js';
import type { CountMode } from './page.js';
import type { Context, Prepared } from './prepare.js';
import { widened } from './projection.js';
import { startRead } from './start-read.js';

const MODES: readonly unknown[] = ['exact', 'capped', 'estimated', 'none'] satisfies CountMode[];

/** A page before it is read. Its command asks for one row more than the page has, which tells whether there is a next one. */
export interface PreparedPage extends Prepared<FindCommand> {
  readonly limit: number;
}

/** A page by its number before it is read. */
export interface PreparedNumberedPage extends PreparedPage {
  readonly page: number;
  readonly mode: CountMode;
}

/** A page by its position before it is read. */
export interface PreparedCursorPage extends PreparedPage {
  /** The order of the page, whichever way it is read. */
  readonly terms: readonly OrderTerm[];
  readonly backwards: boolean;
  /** Whether the page begins, or ends, at a cursor. */
  readonly bounded: boolean;
}

/** From the input of `paginate` to its command. @throws ValidationError */
export function preparePage(context: Context, where: unknown, options: unknown): PreparedNumberedPage {
  const { model } = context;
  const { bag, parsing, projection, include } = startRead(context, KNOWN.paginate, options);
  const clause = filter(parsing, where, bag['deleted']);
  const {
    page = 1,
    limit = DEFAULT_LIMIT,
    count = 'exact',
  } = bag as { page?: number; limit?: number; count?: CountMode };
  wholeNumber(bag, 'page', 1, parsing.issues);
  wholeNumber(bag, 'limit', 1, parsing.issues);
  if (!MODES.includes(count)) {
    const message = `must be 'exact', 'capped', 'estimated' or 'none', got ${describeValue(count)}`;
    addIssue(parsing, 'count', message);
  }
  const offset = (page - 1) * limit;
  if (parsing.issues.length === 0 && !Number.isSafeInteger(offset + limit + 1))
    addIssue(parsing, 'page', 'must be smaller: rows cannot be counted so far');
  const window = parsing.issues.length === 0 ? { limit: limit + 1, offset } : { limit: 1 };
  const command = findCommand(parsing, clause, { ...bag, ...window }, projection, false);
  return { command, projection, include, run: runOptions(model.name, bag), page, limit, mode: count };
}

/** Counts the rows of a page's filter, no further than `most`. */
export function countOf({ entity, where, values }: FindCommand, most: number | undefined): CountCommand {
  const shape = shapeOf(where);
  if (most === undefined) return { kind: 'count', entity, shape, where, values };
  return { kind: 'count', entity, shape: `${shape}|most`, where, values, limit: most };
}

/** Asks for the number of all rows by the server's statistics. */
export function estimateOf({ entity, where, values }: FindCommand): CountCommand {
  return { kind: 'count', entity, shape: 'estimate', where, values, estimate: true };
}

/** From the input of `paginateByCursor` to its command. @throws ValidationError */
export function prepareCursorPage(context: Context, where: unknown, options: unknown): PreparedCursorPage {
  const { model } = context;
  const { bag, parsing, projection: chosen, include } = startRead(context, KNOWN.paginateByCursor, options);
  const filtered = filter(parsing, where, bag['deleted']);
  const limit = wholeNumber(bag, 'limit', 1, parsing.issues) ?? DEFAULT_LIMIT;
  // The list of a client, whose first page is the default; any other would be silently the first.
  if (bag['page'] !== undefined && bag['page'] !== 1)
    addIssue(parsing, 'page', 'cannot be reached by its number: follow `next`, or use `paginate`');
  const issuesBefore = parsing.issues.length;
  const terms = upToKey(totalOrder(parseOrderBy(parsing, bag['orderBy']), model.key), model.key);
  const ordered = parsing.issues.length === issuesBefore;
  const backwards = bag['before'] !== undefined;
  const orderBy = backwards ? reversed(terms) : terms;
  // An order that was refused has no cursors: one issue is enough.
  const behind = ordered ? positionClause(context, parsing, bag, terms, orderBy) : null;
  const roots = terms.map(({ field }) => model.paths.get(field.segments[0]!)!);
  const projection = widened(chosen, model, roots);
  settle(parsing);
  const clause = behind === null ? filtered : allOf([filtered, behind]);
  const exactTimes = terms.some(({ field }) => field.kind === 'timestamp');
  const command: FindCommand = {
    kind: 'find',
    entity: model,
    shape: `${shapeOf(clause)}|${shapeOfOrder(orderBy)}|${projection.shape}${exactTimes ? '|exact' : ''}`,
    where: clause,
    values: parsing.values,
    select: projection.select,
    orderBy,
    limit: limit + 1,
    offset: 0,
    ...(exactTimes && { exactTimes }),
  };
  const run = runOptions(model.name, bag);
  return { command, projection, include, run, limit, terms, backwards, bounded: behind !== null };
}

/** Behind a whole key nothing is left to order. */
function upToKey(terms: readonly OrderTerm[], key: readonly FieldModel[]): readonly OrderTerm[] {
  const left = new Set(key);
  const end = terms.findIndex(({ field }) => left.delete(field) && left.size === 0);
  return terms.slice(0, end + 1);
}

/** The rows behind the cursor that was given, in the order in which they are read; null without one. */
function positionClause(
  { cursors }: Context,
  parsing: Parsing,
  { after, before }: Bag,
  terms: readonly OrderTerm[],
  orderBy: readonly OrderTerm[],
): Clause | null {
  if (after === undefined && before === undefined) return null;
  if (after !== undefined && before !== undefined) {
    addIssue(parsing, 'before', 'must not be given together with `after`');
    return null;
  }
  const [path, cursor] = after === undefined ? ['before', before] : ['after', after];
  const values = typeof cursor === 'string' ? cursors.decode(cursor, terms) : null;
  if (values === null) {
    addIssue(
      parsing,
      path,
      `must be a cursor that \`paginateByCursor\` gave for \`${parsing.entity.name}\` in this order`,
    );
    return null;
  }
  return keysetClause(parsing, orderBy, values);
}
