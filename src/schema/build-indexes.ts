import { branded } from '../query/brand.js';
import { durationInsteadOf, millisecondsOf } from '../util/duration.js';
import { checkIndexedTexts } from './build-keys.js';
import type { Definition } from './definition.js';
import { identifier, pathPart } from './identifier.js';
import type { IndexSpec } from './index-spec.js';
import { isScalarKind } from './kinds.js';
import type { FieldModel, IndexModel, IndexTest } from './model.js';
import { identifierProblem } from './names.js';
import { parserOf } from './parse.js';

/** The ordinary, geo and TTL indexes of an entity. */
export function buildIndexes(definition: Definition, option: unknown): readonly IndexModel[] {
  if (option === undefined) return [];
  if (!Array.isArray(option)) {
    definition.issues.push({ path: 'indexes', message: "must be a list of indexes: `[index('role')]`" });
    return [];
  }
  const names = new Set<string>();
  return option.flatMap((each: unknown, i) => {
    const path = `indexes[${i}]`;
    const spec = (each as { readonly '~index'?: IndexSpec } | null | undefined)?.['~index'];
    if (spec === undefined) {
      definition.issues.push({ path, message: "must be an index, such as `index('role')`" });
      return [];
    }
    const problem = spec.name === null ? undefined : identifierProblem(spec.name);
    if (problem !== undefined) definition.issues.push({ path, message: problem });
    const index = buildIndex(definition, spec, path);
    checkName(definition, index, names, path);
    return [index];
  });
}

/** Of two indexes that have one name no server has both. */
function checkName(definition: Definition, index: IndexModel, names: Set<string>, path: string): void {
  if (index.name === null && index.parts.length === 0) return;
  const name = index.name ?? defaultName(definition, index);
  if (names.has(name)) {
    const advice = index.name === null ? ': give it one of its own by `named()`' : '';
    definition.issues.push({ path, message: `must not have the name of another index, \`${name}\`${advice}` });
  }
  names.add(name);
}

/** As MongoDB has it whatever the naming, and PostgreSQL where that is 'snake'. */
function defaultName({ table, paths }: Definition, { kind, parts }: IndexModel): string {
  const columns = parts.map(({ field }) => pathPart(paths.get(field.segments[0]!)!, field, 'snake'));
  return identifier([table, ...columns], kind === 'geo' ? 'geo_idx' : 'idx');
}

function buildIndex(definition: Definition, spec: IndexSpec, path: string): IndexModel {
  const { issues } = definition;
  const parts: IndexModel['parts'][number][] = [];
  if (spec.parts.length === 0) issues.push({ path, message: 'must name at least one field' });
  for (const [name, direction] of spec.parts) {
    const field = fieldOf(definition, name, path);
    if (field === undefined) continue;
    if (parts.some((part) => part.field === field)) issues.push({ path, message: `must not name \`${name}\` twice` });
    if (direction !== 'asc' && direction !== 'desc')
      issues.push({ path, message: `must have 'asc' or 'desc' as the direction of \`${name}\`` });
    checkPart(definition, spec, field, path);
    parts.push(Object.freeze({ field, direction }));
  }
  if (spec.kind === 'ordinary') checkTexts(definition, parts, path);
  return Object.freeze({
    name: spec.name,
    kind: spec.kind,
    parts: Object.freeze(parts),
    only: Object.freeze(buildTests(definition, spec.tests, path)),
    after: spec.kind === 'ttl' ? afterOf(definition, spec, path) : null,
  });
}

function fieldOf({ paths, issues }: Definition, name: unknown, path: string): FieldModel | undefined {
  const field = typeof name === 'string' ? paths.get(name) : undefined;
  if (field === undefined)
    issues.push({ path, message: `must name fields of the entity: \`${String(name)}\` is none` });
  return field;
}

function checkPart({ issues }: Definition, spec: IndexSpec, field: FieldModel, path: string): void {
  const say = (message: string) =>
    issues.push({ path, message: `${message}, and \`${field.path}\` is of kind ${field.kind}` });
  if (spec.kind === 'geo' && field.kind !== 'geoPoint') say('must name a geoPoint()');
  if (spec.kind === 'ttl' && field.kind !== 'timestamp') say('must name a timestamp()');
  if (spec.kind !== 'ordinary' || isScalarKind(field.kind)) return;
  if (field.kind === 'list' && isScalarKind(field.item!.kind)) {
    if (spec.parts.length > 1) say('must hold a list alone: no engine has a compound index over two lists');
  } else
    say(
      field.kind === 'geoPoint'
        ? 'must be made by `index.geo()` for a point'
        : 'must name scalars, or one list of scalars',
    );
}

function checkTexts({ issues }: Definition, parts: IndexModel['parts'], path: string): void {
  const texts = parts.map(({ field }) => {
    const held = field.kind === 'list' ? field.item! : field;
    return { path: held.path, kind: held.kind, max: held.bounds.max };
  });
  checkIndexedTexts(texts, 'an index', path, issues);
}

function afterOf({ issues }: Definition, spec: IndexSpec, path: string): number {
  const after = millisecondsOf(spec.after);
  if (after === null) issues.push({ path, message: `must go by ${durationInsteadOf(spec.after)}` });
  return after ?? 0;
}

const TESTS: ReadonlySet<string> = new Set(['eq', 'gt', 'gte', 'lt', 'lte', 'isNull', 'isNotNull']);

function buildTests(definition: Definition, tests: Readonly<Record<string, unknown>>, path: string): IndexTest[] {
  return Object.keys(tests).flatMap((name) => {
    const field = fieldOf(definition, name, path);
    return field === undefined ? [] : buildTest(definition, field, tests[name], path);
  });
}

function buildTest({ issues }: Definition, field: FieldModel, test: unknown, path: string): IndexTest[] {
  const data = branded(test);
  const say = (message: string): IndexTest[] => {
    issues.push({ path, message: `${message} (the test of \`${field.path}\`)` });
    return [];
  };
  if (data !== undefined && (data.type !== 'condition' || !TESTS.has(data.op))) {
    return say('must test by a value, null, `eq`, `gt`, `gte`, `lt`, `lte`, `isNull` or `isNotNull`');
  }
  const value = data === undefined ? test : data.operands[0];
  const op = (data?.op ?? 'eq') as IndexTest['op'];
  if (op === 'isNull' || op === 'isNotNull' || (op === 'eq' && value === null)) {
    if (!field.nullable) return say('must not test a required field for null');
    return [Object.freeze({ field, op: op === 'eq' ? 'isNull' : op, value: null })];
  }
  if (!isScalarKind(field.kind)) return say(`must test scalars, not a field of kind ${field.kind}`);
  const before = issues.length;
  const canonical = parserOf(field).operand(value, path, issues);
  return issues.length === before ? [Object.freeze({ field, op, value: canonical })] : [];
}

const WEIGHTS: readonly unknown[] = ['A', 'B', 'C', 'D'];

/** The text index behind `search()`, or null. */
export function buildSearch(definition: Definition, option: unknown): IndexModel | null {
  if (option === undefined) return null;
  const { issues } = definition;
  const entries = typeof option === 'object' && option !== null ? Object.entries(option) : [];
  if (entries.length === 0)
    issues.push({ path: 'search', message: "must name at least one text and its weight: `{ title: 'A' }`" });
  const parts: IndexModel['parts'][number][] = [];
  for (const [name, weight] of entries) {
    const path = `search.${name}`;
    const field = fieldOf(definition, name, path);
    if (!WEIGHTS.includes(weight)) issues.push({ path, message: "must be 'A', 'B', 'C' or 'D'" });
    if (field === undefined) continue;
    if (field.kind !== 'text') issues.push({ path, message: `must be a text(), not of kind ${field.kind}` });
    if (field.hidden) issues.push({ path, message: 'must not be hidden: a ranking would tell what it holds' });
    parts.push(Object.freeze({ field, direction: 'asc', weight: weight as 'A' }));
  }
  return Object.freeze({
    name: null,
    kind: 'search',
    parts: Object.freeze(parts),
    only: Object.freeze([]),
    after: null,
  });
}
