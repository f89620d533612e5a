import { type Issue, MAX_ISSUES } from '../errors/data.js';
import { unknownName } from '../util/nearest.js';
import type { FieldSpec } from './builder.js';
import { copyJson, isPlain } from './parse-json.js';
import { type Check, type Checks, scalarChecks, withRules } from './parse-scalar.js';
import { runSchema } from './standard.js';

/** What is said of a null that must not be. */
export const NULL = 'must not be null';
/** What is said of a field that is missing. */
export const REQUIRED = 'is required';

/** Undefined is never a way to say something: it may come from a misspelt variable. */
export function undefinedProblem({ optional }: FieldSpec): string {
  return optional ? 'must not be undefined: leave it out, or give null for no value' : 'must not be undefined';
}

const compiled = new WeakMap<FieldSpec, Checks>();

/** The checks of a spec, made once. */
export function checksOf(spec: FieldSpec): Checks {
  let checks = compiled.get(spec);
  if (checks === undefined) {
    checks = compile(spec);
    compiled.set(spec, checks);
  }
  return checks;
}

function compile(spec: FieldSpec): Checks {
  switch (spec.kind) {
    case 'list':
      return listChecks(spec);
    case 'object':
      return objectChecks(spec);
    case 'json':
      return jsonChecks(spec);
    default:
      return scalarChecks(spec);
  }
}

/** Puts the path of what holds the value in front of the paths of issues from `from` on. */
export function relocate(issues: Issue[], from: number, path: string): void {
  if (path === '') return;
  for (let i = from; i < issues.length; i++) {
    const { path: inner, message } = issues[i]!;
    const joined = inner === '' || inner.startsWith('[') ? path + inner : `${path}.${inner}`;
    issues[i] = { path: joined, message };
  }
}

/** Checks a value where it stands, null and undefined too. */
export function checkAt(spec: FieldSpec, check: Check, value: unknown, path: string, issues: Issue[]): unknown {
  if (value === null) {
    if (!spec.optional) issues.push({ path, message: NULL });
    return null;
  }
  if (value === undefined) {
    issues.push({ path, message: undefinedProblem(spec) });
    return undefined;
  }
  const before = issues.length;
  const canonical = check(value, issues);
  if (issues.length !== before) relocate(issues, before, path);
  return canonical;
}

function listChecks(spec: FieldSpec): Checks {
  const item = spec.item!;
  const { input, operand } = checksOf(item);
  const all =
    (check: Check): Check =>
    (value, issues) => {
      if (!Array.isArray(value)) {
        issues.push({ path: '', message: 'must be a list' });
        return undefined;
      }
      const list: unknown[] = [];
      for (let i = 0; i < value.length; i++) {
        const before = issues.length;
        const each: unknown = value[i];
        if (each === null || each === undefined)
          issues.push({ path: '', message: each === null ? NULL : 'must not be undefined' });
        else list.push(check(each, issues));
        if (issues.length !== before) {
          relocate(issues, before, `[${i}]`);
          if (issues.length >= MAX_ISSUES) break;
        }
      }
      return list;
    };
  return { operand: all(operand), input: withRules(spec, all(input), '') };
}

function jsonChecks(spec: FieldSpec): Checks {
  const operand: Check = (value, issues) => copyJson(value, issues);
  const { schema } = spec;
  if (schema === null) return { operand, input: withRules(spec, operand, '') };
  const checked: Check = (value, issues) => {
    const before = issues.length;
    const copy = copyJson(value, issues);
    if (issues.length !== before) return undefined;
    const output = runSchema(schema, copy, issues, undefined);
    if (issues.length !== before) return undefined;
    if (output === null || output === undefined) {
      if (!spec.optional) issues.push({ path: '', message: 'must not become null by its schema' });
      return null;
    }
    return copyJson(output, issues, true);
  };
  return { operand, input: withRules(spec, checked, '') };
}

/** Whether a value can hold fields: a plain object, or an instance of a class with properties of its own. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return isPlain(value) || Object.keys(value).length > 0;
}

/** Names come from outside: long ones are cut. */
function shown(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

/** What an absent field gets, or null when nothing fills it. `now` and the issues of a default that does not fit. */
export type Fill = (now: number, issues: Issue[]) => unknown;

/** A field of an object or an entity with what reads it and what fills it. */
export interface Part {
  readonly name: string;
  readonly spec: FieldSpec;
  readonly input: Check;
  readonly operand: Check;
  readonly fill: Fill | null;
}

/** The fields of an object or an entity, ready to be run through. */
export function partsOf(fields: Readonly<Record<string, FieldSpec>>, fillOf: (spec: FieldSpec) => Fill | null): Part[] {
  return Object.keys(fields).map((name) => {
    const spec = fields[name]!;
    return { name, spec, ...checksOf(spec), fill: fillOf(spec) };
  });
}

const hasOwn = Object.prototype.hasOwnProperty;

function objectChecks(spec: FieldSpec): Checks {
  const parts = partsOf(spec.fields!, innerFill);
  const names = parts.map((part) => part.name);
  const template: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, null]));
  const read =
    (kind: 'input' | 'operand'): Check =>
    (value, issues) => {
      if (!isRecord(value)) {
        issues.push({ path: '', message: `must be an object with ${names.map((name) => `\`${name}\``).join(', ')}` });
        return undefined;
      }
      const row = { ...template };
      let given = 0;
      for (const part of parts) {
        const { name } = part;
        const own = value[name];
        if (own !== undefined && hasOwn.call(value, name)) {
          given++;
          row[name] = checkAt(part.spec, part[kind], own, name, issues);
        } else if (part.fill !== null) {
          const before = issues.length;
          row[name] = part.fill(0, issues);
          if (issues.length !== before) relocate(issues, before, name);
        } else if (!part.spec.optional) {
          issues.push({ path: name, message: hasOwn.call(value, name) ? undefinedProblem(part.spec) : REQUIRED });
        }
      }
      const keys = Object.keys(value);
      if (keys.length !== given) strangers(value, keys, parts, issues);
      return row;
    };
  return { operand: read('operand'), input: withRules(spec, read('input'), '') };
}

/** Adds an issue for each key that is no field, and for each explicit undefined that a default or null would have hidden. */
export function strangers(
  value: Record<string, unknown>,
  keys: readonly string[],
  parts: readonly Part[],
  issues: Issue[],
): void {
  for (const key of keys) {
    if (issues.length >= MAX_ISSUES) return;
    const part = parts.find((each) => each.name === key);
    if (part === undefined) {
      const known = parts.map((each) => each.name);
      issues.push({ path: shown(key), message: unknownName(key, known, 'is no field') });
    } else if (value[key] === undefined && !isMissed(part)) {
      issues.push({ path: key, message: undefinedProblem(part.spec) });
    }
  }
}

/** Whether leaving the field out is an issue by itself. */
export function isMissed({ spec, fill }: Part): boolean {
  return fill === null && !spec.optional && !spec.generated && !spec.serial;
}

/** What fills a field inside an object: its default, or the defaults of its own fields when each of them has one. */
export function innerFill(spec: FieldSpec): Fill | null {
  const { fallback } = spec;
  if (fallback === null) return impliedFill(spec);
  if (fallback.kind === 'value') return constantFill(spec, fallback.value);
  if (fallback.kind !== 'call') return null;
  const { make } = fallback;
  const { input } = checksOf(spec);
  return (_now, issues) => checkAt(spec, input, make(), '', issues);
}

function impliedFill(spec: FieldSpec): Fill | null {
  if (spec.kind !== 'object' || spec.optional) return null;
  const inner = Object.values(spec.fields!);
  if (inner.some((each) => !each.optional && innerFill(each) === null)) return null;
  const { input } = checksOf(spec);
  return (_now, issues) => input({}, issues);
}

/** Issues of the value itself are found when the entity is defined. */
function constantFill(spec: FieldSpec, value: unknown): Fill {
  const canonical = checksOf(spec).input(value, []);
  return typeof canonical === 'object' && canonical !== null ? () => copyCanonical(canonical) : () => canonical;
}

/** A deep copy of a canonical value, so that no row shares anything mutable with another. */
function copyCanonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyCanonical);
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Uint8Array) return new Uint8Array(value);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copyCanonical((value as Record<string, unknown>)[key]);
  return copy;
}
