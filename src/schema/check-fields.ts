import type { Issue } from '../errors/data.js';
import { compareDecimal } from '../util/decimal.js';
import { type FieldSpec, specIn } from './builder.js';
import { isScalarKind } from './kinds.js';
import { fieldNameProblem, identifierProblem } from './names.js';
import { checksOf, relocate } from './parse-composite.js';

/** Paths are typed for three levels. */
const MAX_LEVELS = 3;

/** Where a field stands. */
interface Spot {
  readonly path: string;
  /** Segments of its path that filters can use; 0 below a list. */
  readonly level: number;
  readonly place: 'top' | 'object' | 'item';
}

/**
 * The specs of an entity's builders, each checked with what lies in it. What is wrong goes to `issues`. Null where there is no field, or a name
 * without one: nothing is known then of what goes by it.
 */
export function fieldSpecs(builders: unknown, issues: Issue[]): Readonly<Record<string, FieldSpec>> | null {
  if (typeof builders !== 'object' || builders === null || Object.keys(builders).length === 0) {
    issues.push({ path: '', message: 'must have at least one field' });
    return null;
  }
  const specs: Record<string, FieldSpec> = Object.create(null);
  let isWhole = true;
  for (const name of Object.keys(builders)) {
    const spec = specIn((builders as Record<string, unknown>)[name]);
    if (spec === undefined) {
      issues.push({ path: name, message: 'must be a field, such as `text()`' });
      isWhole = false;
      continue;
    }
    checkName(name, name, issues);
    checkSpec(spec, { path: name, level: 1, place: 'top' }, issues);
    specs[name] = withKeyValue(spec);
  }
  checkRoles(specs, issues);
  return isWhole ? specs : null;
}

/** A uuid or object id that is the key is made by the library, unless it is another row's key. */
function withKeyValue(spec: FieldSpec): FieldSpec {
  if (!spec.key || spec.fallback !== null || spec.generated || spec.references !== null) return spec;
  if (spec.kind !== 'uuid' && spec.kind !== 'objectId') return spec;
  return Object.freeze({ ...spec, fallback: { kind: spec.kind } });
}

function checkName(name: string, path: string, issues: Issue[]): void {
  const problem = fieldNameProblem(name);
  if (problem !== undefined) issues.push({ path, message: problem });
}

function checkSpec(spec: FieldSpec, spot: Spot, issues: Issue[]): void {
  const { path } = spot;
  const say = (message: string) => issues.push({ path, message });
  for (const problem of spec.problems) say(problem);
  if (spot.level > MAX_LEVELS) say(`must lie at most ${MAX_LEVELS} levels deep: put the rest into a list or json()`);
  if (spec.column !== null) {
    const problem = identifierProblem(spec.column);
    if (problem !== undefined) say(`${problem} (its column)`);
    else if (/^[$~]|\./.test(spec.column)) say('must have a column that has no point and does not begin with $ or ~');
    else if (spec.column === '_id' && !spec.key) say('must not have the column `_id`, which is the key of a document');
  }
  if (path === '_id' && !spec.key)
    say('must not be named `_id`, which is the key of a document, unless it is the primary key');
  if (spot.place !== 'top') checkInner(spec, say);
  if (spot.place === 'item') checkItem(spec, say);
  if (spec.references?.onDelete === 'set null' && !spec.optional) {
    say("must be optional to be set null when the row that it refers to is deleted (`onDelete: 'set null'`)");
  }
  checkBounds(spec, say);
  if (spec.item !== null) checkSpec(spec.item, { path: `${path}[]`, level: 0, place: 'item' }, issues);
  for (const name of Object.keys(spec.fields ?? {})) {
    const inner = `${path}.${name}`;
    checkName(name, inner, issues);
    checkSpec(
      spec.fields![name]!,
      { path: inner, level: spot.level === 0 ? 0 : spot.level + 1, place: 'object' },
      issues,
    );
  }
  checkDefault(spec, path, issues);
}

type Say = (message: string) => void;

/** What concerns the row as a whole, or a column of its own, stands at the top. */
function checkInner(spec: FieldSpec, say: Say): void {
  const only = (what: string) => say(`must not be ${what} here: only fields at the top of an entity can be`);
  if (spec.hidden) only('hidden');
  if (spec.unique) only('unique');
  if (spec.key) only('a primary key');
  if (spec.generated) only('generated');
  if (spec.serial) only('counted up by the database');
  if (spec.references !== null) only('a reference');
  if (spec.column !== null) only('given a column');
  if (spec.role !== null) only(`the entity's \`${spec.role}\``);
}

function checkItem(spec: FieldSpec, say: Say): void {
  if (!isScalarKind(spec.kind) && spec.kind !== 'object') {
    say(
      `must not be of kind ${spec.kind}: the items of a list are scalars or objects; put it into an object, or use json()`,
    );
  }
  if (spec.optional) say('must not be optional: a list holds no nulls');
  if (spec.fallback !== null) say('must not have a default: items are never left out');
}

function checkBounds(spec: FieldSpec, say: Say): void {
  const { min, max } = spec.bounds;
  if (min === undefined || max === undefined) return;
  const crossed = spec.kind === 'decimal' ? compareDecimal(String(min), String(max)) > 0 : min > max;
  if (crossed) say('must have a `min` that is not greater than its `max`');
}

/** A default that does not fit is found now, not when the first row is inserted. */
function checkDefault(spec: FieldSpec, path: string, issues: Issue[]): void {
  if (spec.fallback?.kind !== 'value' || spec.problems.length > 0) return;
  const found: Issue[] = [];
  checksOf(spec).input(spec.fallback.value, found);
  relocate(found, 0, path);
  for (const issue of found) issues.push({ path: issue.path, message: `${issue.message} (its default does not fit)` });
}

function checkRoles(specs: Readonly<Record<string, FieldSpec>>, issues: Issue[]): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(specs)) {
    const { role, optional } = specs[name]!;
    if (role === null) continue;
    const other = seen.get(role);
    if (other !== undefined)
      issues.push({ path: name, message: `must not be a second \`${role}\`, beside \`${other}\`` });
    if (optional && role !== 'deletedAt')
      issues.push({ path: name, message: `must not be optional: it is the entity's \`${role}\`` });
    seen.set(role, name);
  }
}
