import { type Issue, MAX_ISSUES } from '../errors/data.js';
import { isScalarKind } from '../schema/kinds.js';
import type { EntityModel, FieldModel, Kind } from '../schema/model.js';
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
    addIssue(
      parsing,
      path,
      unknownName(path, parsing.entity.paths.keys(), `is no field of \`${parsing.entity.name}\``),
    );
  }
  return field;
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
