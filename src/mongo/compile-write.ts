import type { Assignment, DeleteCommand, UpdateCommand, UpdateEachCommand } from '../query/command.js';
import type { BsonTypes, Document } from './client.js';
import { compileOrder, compileProjection } from './compile-read.js';
import { compileWhere } from './compile-where.js';
import { rowReader } from './documents.js';
import { encoderOf } from './fields.js';
import type { Names } from './names.js';
import type { ChangeOf, DeletePlan, EachPlan, UpdatePlan } from './plans.js';

/** The plan of many updates that differ in their values. */
export function compileUpdateEach(command: UpdateEachCommand, names: Names, bson: BsonTypes): EachPlan {
  return {
    filter: compileWhere(command.where, names, bson),
    change: compileAssignments(command.assignments, names, bson),
  };
}

/** The plan of an update. */
export function compileUpdate(command: UpdateCommand, names: Names, bson: BsonTypes): UpdatePlan {
  return {
    filter: compileWhere(command.where, names, bson),
    change: compileAssignments(command.assignments, names, bson),
    sort: compileOrder(command.orderBy, names),
    projection: compileProjection(command.select, names),
    read: rowReader(command.select, names),
  };
}

/** The plan of a deletion. */
export function compileDelete(command: DeleteCommand, names: Names, bson: BsonTypes): DeletePlan {
  return {
    filter: compileWhere(command.where, names, bson),
    projection: compileProjection(command.select, names),
    read: rowReader(command.select, names),
  };
}

const OPERATORS = {
  set: '$set',
  clear: '$unset',
  increment: '$inc',
  minimum: '$min',
  maximum: '$max',
  push: '$push',
  pull: '$pullAll',
  addToSet: '$addToSet',
} as const satisfies Record<Assignment['op'], string>;

/** From the values of a patch to its update document. */
export function compileAssignments(assignments: readonly Assignment[], names: Names, bson: BsonTypes): ChangeOf {
  const parts = assignments.map((each) => ({
    operator: OPERATORS[each.op],
    path: names.path(each.field),
    operand: compileOperand(each, bson),
  }));
  return (values) => {
    const change: Record<string, Document> = {};
    for (const { operator, path, operand } of parts) (change[operator] ??= {})[path] = operand(values);
    return change;
  };
}

function compileOperand({ op, field, slot }: Assignment, bson: BsonTypes): (values: readonly unknown[]) => unknown {
  if (op === 'clear') return () => '';
  const encode = encoderOf(field, bson);
  if (op === 'push' || op === 'addToSet') return (values) => ({ $each: encode(values[slot]) });
  return (values) => encode(values[slot]);
}
