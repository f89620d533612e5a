import { isScalarKind } from '../schema/kinds.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import type { AnyEntity } from '../schema/types.js';
import { describeValue } from '../util/describe.js';
import { unknownName } from '../util/nearest.js';
import { isOrdered, isPlainObject } from './parsing.js';

/** What may stand in brackets behind the name of a field; a name alone is `eq`. */
export type ListOperator =
  | 'eq'
  | 'ne'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'in'
  | 'notIn'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'null'
  | 'has'
  | 'hasAny'
  | 'hasAll';

/** What a client may ask for. Everything else is refused. */
export interface ListRules<E extends AnyEntity, F> {
  /**
   * Fields to filter by: a list of names, or an object that says which operators each takes.
   * A field of the list takes `eq ne in notIn`, with an order `gt gte lt lte`, `null` if it is optional, as a text `startsWith`,
   * as a list `has hasAny hasAll`; never `contains` and `endsWith`, which no index serves: name them. @default none
   */
  readonly filter?:
    | readonly E['~path'][]
    | { readonly [P in E['~path']]?: readonly ListOperator[] | undefined }
    | undefined;
  /** Fields to order by. @default none */
  readonly sort?: readonly (keyof E['~orderBy'] & string)[] | undefined;
  /** Fields that may be read; all of these, when the client names none. @default what reads give without `select`, and no choice */
  readonly fields?: readonly F[] | undefined;
  /** Whether the client may search: its words are `search` of the result. @default false */
  readonly search?: boolean | undefined;
  /** Most rows of a page. */
  readonly maxLimit: number;
  /** Rows of a page when the client does not say. @default 20, or `maxLimit` if that is less */
  readonly defaultLimit?: number | undefined;
}

/** The rules, checked and ready to be looked up. */
export interface CompiledRules {
  readonly filter: ReadonlyMap<string, { readonly field: FieldModel; readonly operators: ReadonlySet<string> }>;
  readonly sort: ReadonlySet<string>;
  readonly fields: readonly string[] | null;
  readonly search: boolean;
  readonly maxLimit: number;
  readonly defaultLimit: number;
}

const KNOWN = ['filter', 'sort', 'fields', 'search', 'maxLimit', 'defaultLimit'];
const DEFAULT_LIMIT = 20;

/**
 * Checks the rules, which the application wrote: what is wrong with them is no fault of a client.
 * @throws TypeError
 */
export function compileRules(entity: AnyEntity, rules: unknown): CompiledRules {
  if (!isPlainObject(rules)) throw new TypeError('Expected the rules of a list to be a plain object');
  for (const name of Object.keys(rules)) {
    if (!KNOWN.includes(name)) throw new TypeError(`Unknown rule \`${name}\` of a list: known are ${KNOWN.join(', ')}`);
  }
  const { search = false, maxLimit, defaultLimit } = rules;
  if (typeof search !== 'boolean')
    throw new TypeError(`Expected \`search\` to be true or false, got ${describeValue(search)}`);
  const most = limitOf('maxLimit', maxLimit);
  const usual = defaultLimit === undefined ? Math.min(DEFAULT_LIMIT, most) : limitOf('defaultLimit', defaultLimit);
  if (usual > most) throw new TypeError(`Expected \`defaultLimit\` to be at most \`maxLimit\`, ${most}, got ${usual}`);
  return {
    filter: filterOf(entity, rules['filter']),
    sort: sortOf(entity, rules['sort']),
    fields: fieldsOf(entity, rules['fields']),
    search,
    maxLimit: most,
    defaultLimit: usual,
  };
}

function limitOf(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw new TypeError(`Expected \`${name}\` to be an integer from 1, got ${describeValue(value)}`);
}

function namesOf(list: unknown, rule: string): readonly string[] {
  if (list === undefined) return [];
  if (Array.isArray(list) && list.every((each) => typeof each === 'string')) return list;
  throw new TypeError(`Expected \`${rule}\` to be a list of names`);
}

/** A field that may be named by a client: a hidden one may not, not even to be compared with. */
function visible({ '~model': model }: AnyEntity, path: string, rule: string): FieldModel {
  const field = (model as EntityModel).paths.get(path);
  if (field === undefined)
    throw new TypeError(
      unknownName(path, model.paths.keys(), `\`${path}\` in \`${rule}\` is no field of \`${model.name}\``),
    );
  if (field.hidden) throw new TypeError(`\`${path}\` in \`${rule}\` is hidden: no client may name it`);
  return field;
}

function filterOf(entity: AnyEntity, filter: unknown): CompiledRules['filter'] {
  const compiled = new Map<string, { readonly field: FieldModel; readonly operators: ReadonlySet<string> }>();
  if (isPlainObject(filter)) {
    for (const [path, operators] of Object.entries(filter)) {
      if (operators === undefined) continue;
      const field = visible(entity, path, 'filter');
      const possible = operatorsOf(field);
      for (const each of namesOf(operators, `filter.${path}`)) {
        if (!possible.includes(each))
          throw new TypeError(`\`${path}\` in \`filter\` has no \`${each}\`: its operators are ${possible.join(', ')}`);
      }
      compiled.set(path, { field, operators: new Set(operators as readonly string[]) });
    }
    return compiled;
  }
  for (const path of namesOf(filter, 'filter')) {
    const field = visible(entity, path, 'filter');
    const usual = operatorsOf(field).filter((each) => each !== 'contains' && each !== 'endsWith');
    compiled.set(path, { field, operators: new Set(usual) });
  }
  return compiled;
}

/** Every operator that the kind of a field has. */
function operatorsOf({ kind, item, nullable }: FieldModel): readonly string[] {
  const operators: ListOperator[] = [];
  if (isScalarKind(kind)) operators.push('eq', 'ne', 'in', 'notIn');
  if (isOrdered(kind)) operators.push('gt', 'gte', 'lt', 'lte');
  if (kind === 'text') operators.push('startsWith', 'contains', 'endsWith');
  if (item !== null && isScalarKind(item.kind)) operators.push('has', 'hasAny', 'hasAll');
  if (nullable) operators.push('null');
  return operators;
}

function sortOf(entity: AnyEntity, sort: unknown): ReadonlySet<string> {
  const names = namesOf(sort, 'sort');
  for (const path of names) {
    const { kind } = visible(entity, path, 'sort');
    if (!isScalarKind(kind))
      throw new TypeError(`\`${path}\` in \`sort\` is a field of kind ${kind}, which has no order`);
  }
  return new Set(names);
}

function fieldsOf(entity: AnyEntity, fields: unknown): readonly string[] | null {
  if (fields === undefined) return null;
  const names = namesOf(fields, 'fields');
  if (names.length === 0) throw new TypeError('Expected `fields` to name at least one field');
  for (const path of names) if (!Object.hasOwn(entity['~computed'], path)) visible(entity, path, 'fields');
  return names;
}
