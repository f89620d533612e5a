import { ValidationError } from '../errors/data.js';
import { modelOf } from '../schema/entity.js';
import type { Direction } from '../schema/model.js';
import type { AnyEntity, Where } from '../schema/types.js';
import { unknownName } from '../util/nearest.js';
import { parseListFilter } from './list-filter.js';
import { type CompiledRules, compileRules, type ListRules } from './list-rules.js';
import { type ListSource, type Parameter, readParameters } from './list-source.js';
import { checkText } from './list-value.js';
import { addIssue, type Parsing } from './parsing.js';

/** Marks a list, so that it can be the options of a read: `Symbol.for` is the same in both copies of the package. */
const LIST: unique symbol = Symbol.for('trivet.list');

/**
 * What a client asked for, checked. It is also the options of a read, which takes of it what it knows:
 * `users.find(list.where, list)`, `users.find(list.where, { ...list, timeout: '5s' })`. A write takes its `where` only.
 */
export interface ListQuery<E extends AnyEntity, F = never> {
  /** Only conditions of fields that the rules name; `{}` without any. */
  readonly where: Where<E>;
  readonly orderBy: E['~orderBy'];
  readonly limit: number;
  /** Rows before the page. */
  readonly offset: number;
  /** From 1. */
  readonly page: number;
  /** There when the rules have `fields`: what the client named of them, or all. A row holds no others, whatever its type says. */
  readonly select?: readonly F[];
  /** The words to search for. A read that cannot search refuses a list that has them. */
  readonly search?: string;
}

const RESERVED: readonly string[] = ['sort', 'page', 'limit', 'q', 'fields'];
/** Nine digits: the offset stays exact. */
const COUNT = /^\d{1,9}$/;
const MAX_SORT = 10;

const compiled = new WeakMap<object, { readonly entity: AnyEntity; readonly rules: CompiledRules }>();

/**
 * The door for queries of clients: reads a query string, `URLSearchParams` or the object that a web framework made of one, against an allow-list.
 *
 * `?role=admin&age[gte]=18&tags[has]=x&role[in]=a,b&age[null]=true&sort=-createdAt,name&page=2&limit=20&q=word&fields=id,email`.
 * A repeated `role[in]=a&role[in]=b` is taken as it is, a single one is split at commas. Times are ISO 8601, decimals and integers digits.
 * A field that is called `page` or like another parameter is filtered by `page[eq]`.
 *
 * @throws ValidationError that names every parameter that is not allowed or not understood: an answer with status 400.
 * @throws TypeError when the rules themselves are wrong: a hidden field, a field that is none, an operator that a field does not have.
 * @example
 * ```ts
 * import { entity, enumOf, integer, MemoryDatabase, parseListQuery, Repository, text, uuid } from 'trivet';
 *
 * const User = entity('users', { id: uuid().primaryKey(), name: text(), age: integer(), role: enumOf('user', 'admin') });
 * const users = new Repository(new MemoryDatabase(), User);
 * const list = parseListQuery(User, '?role=admin&age[gte]=18&sort=-age&page=2', {
 *   filter: { role: ['eq', 'in'], age: ['gte', 'lt'] },
 *   sort: ['age', 'name'],
 *   maxLimit: 100,
 * });
 * const rows = await users.find(list.where, list);
 * ```
 */
export function parseListQuery<E extends AnyEntity, const F extends E['~select'] = never>(
  entity: E,
  query: ListSource,
  rules: ListRules<E, F>,
): ListQuery<E, F> {
  const known = rulesOf(entity, rules);
  const parsing: Parsing = { entity: modelOf(entity), values: [], issues: [] };
  const parameters = readParameters(query, parsing.issues);
  const reserved = new Map<string, string>();
  const filters: Parameter[] = [];
  for (const parameter of parameters) {
    if (parameter.operator !== null || !RESERVED.includes(parameter.name)) filters.push(parameter);
    else reserved.set(parameter.name, once(parsing, parameter));
  }
  const where = parseListFilter(parsing, filters, known.filter, knownNames(known));
  const orderBy = parseSort(parsing, reserved.get('sort'), known.sort);
  const limit = parseLimit(parsing, reserved.get('limit'), known);
  const page = parseCount(parsing, 'page', reserved.get('page')) ?? 1;
  const offset = (page - 1) * limit;
  if (!Number.isSafeInteger(offset)) addIssue(parsing, 'page', 'must not lie that far');
  const select = parseFields(parsing, reserved.get('fields'), known.fields);
  const search = parseSearch(parsing, reserved.get('q'), known.search);
  if (parsing.issues.length > 0) throw new ValidationError(parsing.entity.name, parsing.issues);
  const list = {
    where,
    orderBy,
    limit,
    offset,
    page,
    ...(select !== null && { select }),
    ...(search !== null && { search }),
    [LIST]: true,
  };
  return list as unknown as ListQuery<E, F>;
}

/** Whether options are a list, or a copy of one: then a read leaves alone what only other reads know. */
export function isListQuery(options: object): boolean {
  return LIST in options;
}

function rulesOf(entity: AnyEntity, rules: object): CompiledRules {
  const known = typeof rules === 'object' && rules !== null ? compiled.get(rules) : undefined;
  // Rules that are written in place are new objects each time; kept ones are checked once.
  if (known?.entity === entity) return known.rules;
  modelOf(entity);
  const checked = compileRules(entity, rules);
  compiled.set(rules, { entity, rules: checked });
  return checked;
}

function knownNames({ filter, sort, fields, search }: CompiledRules): readonly string[] {
  const offered = { sort: sort.size > 0, page: true, limit: true, q: search, fields: fields !== null };
  return [...filter.keys(), ...Object.entries(offered).flatMap(([name, is]) => (is ? [name] : []))];
}

function once(parsing: Parsing, { label, texts, isList }: Parameter): string {
  if (texts.length > 1 || isList) addIssue(parsing, label, 'must be given once, not as a list');
  return texts[0]!;
}

function parseCount(parsing: Parsing, name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = COUNT.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  addIssue(parsing, name, 'must be an integer from 1, in at most nine digits');
  return null;
}

function parseLimit(parsing: Parsing, text: string | undefined, { maxLimit, defaultLimit }: CompiledRules): number {
  const limit = parseCount(parsing, 'limit', text) ?? defaultLimit;
  if (limit > maxLimit) addIssue(parsing, 'limit', `must be at most ${maxLimit}`);
  return limit;
}

function parseSort(
  parsing: Parsing,
  text: string | undefined,
  allowed: ReadonlySet<string>,
): Record<string, Direction> {
  const orderBy = new Map<string, Direction>();
  if (text === undefined) return {};
  if (allowed.size === 0) addIssue(parsing, 'sort', 'is no parameter here');
  else if (checkText(parsing, text, 'sort')) {
    for (const term of text.split(',', MAX_SORT + 1)) {
      const name = term.startsWith('-') ? term.slice(1) : term;
      if (!allowed.has(name)) refuseName(parsing, 'sort', name, allowed);
      else if (orderBy.has(name)) addIssue(parsing, 'sort', `must name \`${name}\` once`);
      else orderBy.set(name, term.startsWith('-') ? 'desc' : 'asc');
    }
    if (orderBy.size > MAX_SORT) addIssue(parsing, 'sort', `must name at most ${MAX_SORT} fields`);
  }
  return Object.fromEntries(orderBy);
}

function refuseName(parsing: Parsing, parameter: string, name: string, allowed: Iterable<string>): void {
  const choices = [...allowed].map((each) => `\`${each}\``).join(', ');
  addIssue(parsing, parameter, unknownName(name, allowed, `must name fields of these: ${choices}`));
}

function parseFields(
  parsing: Parsing,
  text: string | undefined,
  allowed: readonly string[] | null,
): readonly string[] | null {
  if (allowed === null) {
    if (text !== undefined) addIssue(parsing, 'fields', 'is no parameter here');
    return null;
  }
  if (text === undefined || !checkText(parsing, text, 'fields')) return allowed;
  const names = text.split(',', allowed.length + 1);
  const strange = names.find((name, i) => !allowed.includes(name) || names.indexOf(name) !== i);
  if (strange === undefined) return names;
  if (allowed.includes(strange)) addIssue(parsing, 'fields', `must name \`${strange}\` once`);
  else refuseName(parsing, 'fields', strange, allowed);
  return allowed;
}

function parseSearch(parsing: Parsing, text: string | undefined, allowed: boolean): string | null {
  if (text === undefined) return null;
  if (!allowed) addIssue(parsing, 'q', 'is no parameter here');
  else if (checkText(parsing, text, 'q')) return text.trim() === '' ? null : text.trim();
  return null;
}
