import { isNumericKind, isScalarKind } from '../schema/kinds.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import { parserOf } from '../schema/parse.js';
import { typeName } from '../util/describe.js';
import { branded, type OperatorData } from './brand.js';
import type { Assignment } from './command.js';
import { addIssue, END, fieldAt, isOrdered, isPlainObject, type Parsing, slotOf } from './parsing.js';

/** Checks a patch and gives its assignments, in the order of its keys. What is wrong goes to `parsing.issues`, all of it. */
export function parsePatch(parsing: Parsing, patch: unknown): Assignment[] {
  if (!isPlainObject(patch)) {
    addIssue(parsing, '', `must be a patch, such as \`{ name: value }\`, got ${typeName(patch)}`);
    return [];
  }
  const assignments: Assignment[] = [];
  const paths = Object.keys(patch);
  for (const path of paths) {
    const field = fieldAt(parsing, path);
    if (field === undefined) continue;
    const parent = paths.find((each) => path.startsWith(`${each}.`));
    if (parent !== undefined) addIssue(parsing, path, `cannot be changed together with \`${parent}\`, which holds it`);
    const assignment = parseAssignment(parsing, field, patch[path]);
    if (assignment !== null) assignments.push(assignment);
  }
  return assignments;
}

function parseAssignment(parsing: Parsing, field: FieldModel, value: unknown): Assignment | null {
  const fixed = whyFixed(field);
  if (fixed !== null) {
    addIssue(parsing, field.path, `${fixed}: it cannot be changed`);
    return null;
  }
  const data = branded(value);
  if (data !== undefined) {
    if (data.type === 'operator') return parseOperator(parsing, field, data);
    addIssue(parsing, field.path, 'must be a value or an update operator: a condition has its place in a filter');
    return null;
  }
  if (value === undefined) {
    addIssue(parsing, field.path, 'must not be undefined: leave the field out, or give `null` to clear it');
    return null;
  }
  const parsed = parserOf(field).input(value, field.path, parsing.issues);
  if (parsed === null || parsed === undefined) return { field, op: 'clear', slot: -1 };
  return { field, op: 'set', slot: slotOf(parsing, parsed) };
}

/** Why no patch and no hook may change the field; null where they may. */
export function whyFixed({ key, role }: FieldModel): string | null {
  if (key) return 'is a key';
  if (role === 'version') return 'is counted by the library';
  return role === 'fence' ? 'is set by the option `fence` of a write' : null;
}

function parseOperator(parsing: Parsing, field: FieldModel, data: OperatorData): Assignment | null {
  const { op, operands } = data;
  if (!takes(field, op)) {
    addIssue(parsing, field.path, `is ${describe(field)}, which has no \`${op}\``);
    return null;
  }
  if (field.item === null) {
    const [operand] = operands;
    if (operand === undefined || operand === null) {
      addIssue(parsing, field.path, `must be given a value by \`${op}\``);
      return null;
    }
    // What `minimum` and `maximum` bring may be stored as it is, so every rule applies; an increment is only a difference.
    const parser = parserOf(field);
    const parse = op === 'increment' ? parser.operand : parser.input;
    return { field, op, slot: slotOf(parsing, parse.call(parser, operand, field.path, parsing.issues)) };
  }
  if (operands.length === 0) return null;
  const parser = parserOf(field.item);
  const items = operands.map((each, i) => {
    const path = `${field.path}[${i}]`;
    if (each === undefined || each === null) {
      addIssue(parsing, path, 'must not be null or undefined: a list holds neither');
      return null;
    }
    return op === 'pull' ? parser.operand(each, path, parsing.issues) : parser.input(each, path, parsing.issues);
  });
  return { field, op, slot: slotOf(parsing, items) };
}

function takes(field: FieldModel, op: OperatorData['op']): boolean {
  switch (op) {
    case 'increment':
      return isNumericKind(field.kind);
    case 'minimum':
    case 'maximum':
      return isOrdered(field.kind) && field.kind !== 'text' && field.kind !== 'uuid' && field.kind !== 'objectId';
    case 'push':
      return field.item !== null;
    default:
      return field.item !== null && isScalarKind(field.item.kind);
  }
}

function describe(field: FieldModel): string {
  return field.item === null ? `a field of kind ${field.kind}` : `a list of kind ${field.item.kind}`;
}

/** What the library itself changes with every update: `updatedAt`, unless the patch sets it, and `version`. */
export function bookkeeping(parsing: Parsing, assignments: readonly Assignment[], now: number): Assignment[] {
  const { updatedAt, version }: EntityModel = parsing.entity;
  const added: Assignment[] = [];
  if (updatedAt !== null && !assignments.some((each) => each.field === updatedAt)) {
    added.push({ field: updatedAt, op: 'set', slot: slotOf(parsing, new Date(now)) });
  }
  if (version !== null) added.push({ field: version, op: 'increment', slot: slotOf(parsing, 1) });
  return added;
}

/** A text that is equal for patches that differ only in their values. */
export function shapeOfPatch(assignments: readonly Assignment[]): string {
  let shape = '';
  for (const { op, field, slot } of assignments) shape += `${op}@${slot}:${field.path}${END}`;
  return shape;
}
