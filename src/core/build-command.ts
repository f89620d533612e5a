import { type Issue, ValidationError } from '../errors/data.js';
import { type Clause, TRUE } from '../query/clause.js';
import type { Assignment, DeleteCommand, FindCommand, OrderTerm, UpdateCommand } from '../query/command.js';
import { allOf, shapeOf } from '../query/logic.js';
import { parseOrderBy, pinsOneRow, shapeOfOrder, totalOrder } from '../query/order.js';
import { shapeOfPatch } from '../query/parse-patch.js';
import { parseWhere } from '../query/parse-where.js';
import { isPlainObject, operandOf, type Parsing, slotOf } from '../query/parsing.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import { type Bag, wholeNumber } from './check-options.js';
import type { Projection } from './projection.js';
import { parseLock, shapeOfLock } from './row-lock.js';

/** Ends the checking: nothing is sent when something is wrong. */
export function settle({ entity, issues }: { readonly entity: EntityModel; readonly issues: readonly Issue[] }): void {
  if (issues.length > 0) throw new ValidationError(entity.name, issues);
}

/** The filter, within the rows that the call may see: without deleted ones, unless it asks. */
export function filter(parsing: Parsing, where: unknown, deleted?: unknown): Clause {
  return scoped(parsing, parseWhere(parsing, where), deleted);
}

/** The clause within the rows that are not deleted, or as `deleted` says. */
export function scoped({ entity, issues }: Parsing, clause: Clause, deleted: unknown): Clause {
  if (entity.deletedAt === null) {
    if (deleted !== undefined)
      issues.push({ path: 'deleted', message: `is no option here: \`${entity.name}\` has no \`softDelete()\`` });
    return clause;
  }
  if (deleted === 'with') return clause;
  if (deleted !== undefined && deleted !== 'only')
    issues.push({ path: 'deleted', message: "must be 'with' or 'only'" });
  return allOf([clause, { op: deleted === 'only' ? 'isNotNull' : 'isNull', field: entity.deletedAt }]);
}

/** The clause that fixes the key: a value, or for a composite key an object with its fields. */
export function keyClause(parsing: Parsing, id: unknown): Clause {
  const { entity } = parsing;
  const { key } = entity;
  if (key.length === 1) return keyTest(parsing, key[0]!, id);
  const names = key.map((field) => field.name);
  if (!isPlainObject(id) || Object.keys(id).some((name) => !names.includes(name))) {
    parsing.issues.push({
      path: '',
      message: `must be given a key: an object with ${names.map((name) => `\`${name}\``).join(', ')}`,
    });
    return TRUE;
  }
  return allOf(key.map((field) => keyTest(parsing, field, id[field.name])));
}

function keyTest(parsing: Parsing, field: FieldModel, value: unknown): Clause {
  if (value === undefined || value === null) {
    parsing.issues.push({ path: field.path, message: `must be given: it is the key of \`${parsing.entity.name}\`` });
    return TRUE;
  }
  return { op: 'eq', field, slot: slotOf(parsing, operandOf(parsing, field, value, field.path)) };
}

/** The filter of a write of many rows. One that every row fits is refused, unless the call says `all`. */
export function manyFilter(parsing: Parsing, where: unknown, { all }: Bag): Clause {
  const { issues } = parsing;
  if (all !== undefined && typeof all !== 'boolean') issues.push({ path: 'all', message: 'must be true or false' });
  if (where === undefined)
    issues.push({ path: '', message: 'must be given a filter: `undefined` would fit every row' });
  const before = issues.length;
  const clause = where === undefined ? TRUE : parseWhere(parsing, where);
  // A filter that was refused says nothing about rows.
  if (where !== undefined && all !== true && clause === TRUE && issues.length === before) {
    issues.push({ path: '', message: 'has a filter that every row fits: give `{ all: true }` if you mean it' });
  }
  return scoped(parsing, clause, undefined);
}

/** An order that is total wherever it matters: with `orderBy`, or when only some of several rows are taken. */
function orderFor(
  parsing: Parsing,
  clause: Clause,
  orderBy: unknown,
  takesSome: boolean,
  everyRow: boolean,
): readonly OrderTerm[] {
  const { entity } = parsing;
  const terms = parseOrderBy(parsing, orderBy);
  if (terms.length === 0 && !takesSome) return terms;
  // With deleted rows in sight a unique set fixes one row no more: only the key does.
  const sets = everyRow && entity.deletedAt !== null ? [entity.key] : [entity.key, ...entity.unique];
  return pinsOneRow(clause, sets) ? [] : totalOrder(terms, entity.key);
}

/** The command of a find. @throws ValidationError when anything was wrong */
export function findCommand(
  parsing: Parsing,
  clause: Clause,
  options: Bag,
  projection: Projection,
  one: boolean,
): FindCommand {
  const limit = one ? 1 : wholeNumber(options, 'limit', 0, parsing.issues);
  const offset = one ? 0 : (wholeNumber(options, 'offset', 0, parsing.issues) ?? 0);
  const takesSome = limit !== undefined || offset > 0;
  const orderBy = orderFor(parsing, clause, options['orderBy'], takesSome, options['deleted'] !== undefined);
  const lock = parseLock(options, parsing.issues);
  settle(parsing);
  return {
    kind: 'find',
    entity: parsing.entity,
    shape: `${shapeOf(clause)}|${shapeOfOrder(orderBy)}|${projection.shape}${shapeOfLock(lock)}`,
    where: clause,
    values: parsing.values,
    select: projection.select,
    orderBy,
    limit: limit ?? null,
    offset,
    ...(lock !== undefined && { lock }),
  };
}

/** The command of an update; of all rows that fit without a projection. @throws ValidationError when anything was wrong */
export function updateCommand(
  parsing: Parsing,
  where: Clause,
  assignments: readonly Assignment[],
  projection: Projection | null,
  orderBy?: unknown,
): UpdateCommand {
  const order = projection === null ? [] : orderFor(parsing, where, orderBy, true, false);
  settle(parsing);
  const many = projection === null;
  const shape = `${many ? 'many' : 'one'}|${shapeOf(where)}|${shapeOfPatch(assignments)}|${shapeOfOrder(order)}|${projection?.shape ?? ''}`;
  const { entity, values } = parsing;
  return {
    kind: 'update',
    entity,
    shape,
    where,
    values,
    assignments,
    many,
    orderBy: order,
    select: projection?.select ?? [],
  };
}

/** The command of a deletion; of all rows that fit without a projection. @throws ValidationError when anything was wrong */
export function deleteCommand(parsing: Parsing, where: Clause, projection: Projection | null): DeleteCommand {
  settle(parsing);
  const many = projection === null;
  const { entity, values } = parsing;
  const shape = `${many ? 'many' : 'one'}|${shapeOf(where)}|${projection?.shape ?? ''}`;
  return { kind: 'delete', entity, shape, where, values, many, select: projection?.select ?? [] };
}
