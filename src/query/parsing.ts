import { type Issue, MAX_ISSUES } from '../errors/data.js';
import { isScalarKind } from '../schema/kinds.js';
import type { EntityModel, FieldModel, Kind } from '../schema/model.js';
import { parserOf } from '../schema/parse.js';
import { unknownName } from '../util/nearest.js';

/** What one call collects while its filter, patch and options are checked: nothing is sent when an issue was found. */
export interface Parsing {
  readonly entity: EntityModel;
  /** Values in the order of their slots. */
  readonly values: unknown[];
  readonly issues: Issue[];
}

/** Ends each path and list of names in a shape: no name holds it, so shapes cannot collide. */
export const END = '\0';

const OPERATORS = 'operators are made by functions, such as `gte`, `or` and `increment`';

/** Notes what is wrong, by path. */
export function addIssue(parsing: Parsing, path: string, message: string): void {
  parsing.issues.push({ path, message });
}

/** Puts a value away and gives its slot. */
export function slotOf(parsing: Parsing, value: unknown): number {
  return parsing.values.push(value) - 1;
}

/** The field of a dotted path; adds an issue, unless there are too many already, and gives undefined when there is none. */
export function fieldAt(parsing: Parsing, path: string): FieldModel | undefined {
  const field = parsing.entity.paths.get(path);
  // Each name costs a search for what it may have been meant to be.
  if (field === undefined && parsing.issues.length < MAX_ISSUES) {
    const sentence = `is no field of \`${parsing.entity.name}\``;
    const message = isOperatorName(path)
      ? `${sentence}: ${OPERATORS}`
      : unknownName(path, parsing.entity.paths.keys(), sentence);
    addIssue(parsing, path, message);
  }
  return field;
}

/** The value that a scalar or a list is compared with; adds an issue when it does not fit. */
export function operandOf(parsing: Parsing, field: FieldModel, value: unknown, path: string): unknown {
  const { issues } = parsing;
  const before = issues.length;
  const operand = parserOf(field).operand(value, path, issues);
  if (issues.length !== before + 1 || !isScalarKind(field.kind)) return operand;
  // What other libraries take for a condition: the message about the type alone would not say what is wrong.
  if (Array.isArray(value)) extendLast(issues, ', not a list');
  else if (isPlainObject(value)) {
    const how = Object.keys(value).some(isOperatorName) ? `: ${OPERATORS}` : '';
    extendLast(issues, `, not an object${how}`);
  }
  return operand;
}

function extendLast(issues: Issue[], more: string): void {
  const { path, message } = issues.pop()!;
  issues.push({ path, message: message + more });
}

/** `$gte`, `$set`, `$or` of MongoDB. */
function isOperatorName(name: string): boolean {
  return name.startsWith('$');
}

/** Kinds that take `gt`, `gte`, `lt`, `lte` and `between`. */
export function isOrdered(kind: Kind): boolean {
  return isScalarKind(kind) && kind !== 'enum' && kind !== 'boolean';
}

/** Whether a value comes from an object literal or from JSON. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
