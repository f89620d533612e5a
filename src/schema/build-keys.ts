import type { Issue } from '../errors/data.js';
import type { FieldSpec } from './builder.js';
import { isScalarKind } from './kinds.js';

type Specs = Readonly<Record<string, FieldSpec>>;

/** A PostgreSQL index row ends at 2,704 bytes, and a code point has up to four. */
const MAX_INDEXED_TEXT = 660;

/** Names of the key's fields: the one marked by `primaryKey()`, or those of the option. */
export function buildKey(specs: Specs, option: unknown, issues: Issue[]): readonly string[] {
  const say = (path: string, message: string) => issues.push({ path, message });
  const marked = Object.keys(specs).filter((name) => specs[name]!.key);
  if (option === undefined) {
    if (marked.length === 0)
      say('', 'must have a key: `primaryKey()` on a field, or the option `primaryKey` with several');
    if (marked.length > 1) {
      say(
        '',
        `must have one key, not ${marked.map((each) => `\`${each}\``).join(' and ')}: use the option \`primaryKey\` for several fields`,
      );
    }
    for (const name of marked) checkKey(name, specs[name]!, true, say);
    checkTexts(specs, marked, 'the primary key', '', issues);
    return marked;
  }
  if (marked.length > 0) say('', `must have either the option \`primaryKey\` or \`primaryKey()\` on \`${marked[0]}\``);
  const names = namesOf(specs, option, 'primaryKey', issues);
  if (names.length === 1) say('primaryKey', 'must name at least two fields: one alone is marked by `primaryKey()`');
  for (const name of names) checkKey(name, specs[name]!, false, say);
  checkTexts(specs, names, 'the primary key', 'primaryKey', issues);
  return names;
}

function checkKey(name: string, spec: FieldSpec, single: boolean, say: (path: string, message: string) => void): void {
  if (!isScalarKind(spec.kind) || spec.kind === 'real')
    say(name, `must not be of kind ${spec.kind}: it is part of the primary key`);
  if (spec.optional) say(name, 'must not be optional: it is part of the primary key');
  if (spec.hidden) say(name, 'must not be hidden: it is part of the primary key');
  if (spec.role !== null) say(name, `must not be the entity's \`${spec.role}\`: it is part of the primary key`);
  if (single && spec.unique) say(name, 'must not be unique besides: a primary key is');
  if (single && spec.fallback?.kind === 'value')
    say(name, 'must not have one default value for all rows: give a function');
}

/** Every unique set without the key: fields marked by `unique()`, then those of the option. */
export function buildUnique(
  specs: Specs,
  key: readonly string[],
  option: unknown,
  issues: Issue[],
): readonly (readonly string[])[] {
  const sets: (readonly string[])[] = Object.keys(specs)
    .filter((name) => specs[name]!.unique && !specs[name]!.key)
    .map((name) => [name]);
  for (const [name] of sets) checkTexts(specs, [name!], 'a unique field', '', issues);
  if (option === undefined) return sets;
  if (!Array.isArray(option)) {
    issues.push({ path: 'unique', message: "must be a list of lists of names: `[['authorId', 'slug']]`" });
    return sets;
  }
  const same = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && a.every((each) => b.includes(each));
  option.forEach((each: unknown, i) => {
    const path = `unique[${i}]`;
    const set = namesOf(specs, each, path, issues);
    if (set.length === 0) return;
    for (const name of set) {
      const { kind } = specs[name]!;
      if (!isScalarKind(kind))
        issues.push({ path, message: `must not hold \`${name}\`, of kind ${kind}: it has no equality` });
    }
    if (same(set, key)) issues.push({ path, message: 'must not repeat the primary key' });
    else if (sets.some((other) => same(set, other)))
      issues.push({ path, message: 'must not repeat another unique set' });
    checkTexts(specs, set, 'a unique set', path, issues);
    sets.push(set);
  });
  return sets;
}

/** Known names of top-level fields, each once. */
function namesOf(specs: Specs, value: unknown, path: string, issues: Issue[]): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    issues.push({ path, message: 'must be a list of names of fields, not empty' });
    return [];
  }
  const names: string[] = [];
  for (const name of value as readonly unknown[]) {
    if (typeof name !== 'string' || !Object.hasOwn(specs, name)) {
      issues.push({ path, message: `must name fields at the top of the entity: \`${String(name)}\` is none` });
    } else if (names.includes(name)) issues.push({ path, message: `must not name \`${name}\` twice` });
    else names.push(name);
  }
  return names;
}

function checkTexts(specs: Specs, names: readonly string[], what: string, path: string, issues: Issue[]): void {
  checkIndexedTexts(
    names.map((name) => ({ path: name, kind: specs[name]!.kind, max: specs[name]!.bounds.max })),
    what,
    path,
    issues,
  );
}

/** The texts of one index must fit into an index row together. */
export function checkIndexedTexts(
  fields: readonly { readonly path: string; readonly kind: string; readonly max: unknown }[],
  what: string,
  path: string,
  issues: Issue[],
): void {
  let sum = 0;
  for (const field of fields) {
    if (field.kind !== 'text') continue;
    if (typeof field.max === 'number' && field.max <= MAX_INDEXED_TEXT) sum += field.max;
    else
      issues.push({
        path: field.path,
        message: `must have a \`max\` of at most ${MAX_INDEXED_TEXT}: it is in ${what}`,
      });
  }
  if (sum > MAX_INDEXED_TEXT) {
    issues.push({ path, message: `must have texts of at most ${MAX_INDEXED_TEXT} characters together in ${what}` });
  }
}
