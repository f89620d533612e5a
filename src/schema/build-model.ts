import { type Issue, ValidationError } from '../errors/data.js';
import { unknownName } from '../util/nearest.js';
import { buildIndexes, buildSearch } from './build-indexes.js';
import { buildKey, buildUnique } from './build-keys.js';
import type { FieldSpec } from './builder.js';
import { fieldSpecs } from './check-fields.js';
import type { Definition } from './definition.js';
import type { EntityModel, FieldModel } from './model.js';
import { entityNameProblem, fieldNameProblem, identifierProblem, snakeCase } from './names.js';
import { attachDraftParser, attachFieldParser, DraftParser } from './parse.js';

/** The options of `entity()`, as plain JavaScript may give them. */
export interface BuildOptions {
  readonly primaryKey?: unknown;
  readonly unique?: unknown;
  readonly indexes?: unknown;
  readonly search?: unknown;
  readonly computed?: unknown;
  readonly naming?: unknown;
  readonly collation?: unknown;
}

const OPTIONS: ReadonlySet<string> = new Set([
  'primaryKey',
  'unique',
  'indexes',
  'search',
  'computed',
  'naming',
  'collation',
]);

let lastId = 0;

/**
 * Makes the plain model of an entity from its builders.
 * @throws ValidationError with everything that is wrong
 */
export function buildModel(name: string, builders: unknown, options: BuildOptions): EntityModel {
  const issues: Issue[] = [];
  const nameProblem = entityNameProblem(name);
  if (nameProblem !== undefined) issues.push({ path: '', message: nameProblem });
  for (const key of Object.keys(options)) {
    if (!OPTIONS.has(key))
      issues.push({ path: '', message: unknownName(key, OPTIONS, `has no option \`${key}\``, 'it takes') });
  }
  const specs = fieldSpecs(builders, issues);
  if (specs === null) throw new ValidationError(String(name), issues);
  const blamed = new Set(issues.map(({ path }) => path));
  const further: Issue[] = [];
  const keyNames = buildKey(specs, options.primaryKey, further);
  const uniqueSets = buildUnique(specs, keyNames, options.unique, further);
  const single = new Set(uniqueSets.filter((set) => set.length === 1).map((set) => set[0]!));
  const paths = new Map<string, FieldModel>();
  const fields = Object.keys(specs).map((each) =>
    buildField(
      specs[each]!,
      { name: each, above: null, inList: false, key: keyNames.includes(each), unique: single.has(each) },
      paths,
    ),
  );
  const [table = '', schema = null] = String(name).split('.').reverse();
  const definition: Definition = { issues: further, table, paths };
  const naming = oneOf(options.naming, ['snake', 'as-written'] as const, 'naming', further);
  checkColumns(fields, naming !== 'as-written', further);
  checkComputed(options.computed, specs, further);
  const indexes = buildIndexes(definition, options.indexes);
  const search = buildSearch(definition, options.search);
  if (search !== null) checkScore(fields, options.computed, further);
  const collation = oneOf(options.collation, ['C', 'column'] as const, 'collation', further);
  // What else is said of a field that is wrong itself may only follow from that.
  issues.push(...further.filter(({ path }) => path === '' || !blamed.has(path)));
  if (issues.length > 0) throw new ValidationError(String(name), issues);

  const at = (each: string) => paths.get(each)!;
  const withRole = (role: FieldModel['role']) => fields.find((field) => field.role === role) ?? null;
  const model: EntityModel = {
    id: ++lastId,
    name,
    schema,
    table,
    naming: naming ?? null,
    collation: collation ?? 'C',
    fields: Object.freeze(fields),
    paths,
    key: Object.freeze(keyNames.map(at)),
    unique: Object.freeze(uniqueSets.map((set) => Object.freeze(set.map(at)))),
    indexes: Object.freeze(search === null ? indexes : [...indexes, search]),
    createdAt: withRole('createdAt'),
    updatedAt: withRole('updatedAt'),
    deletedAt: withRole('deletedAt'),
    version: withRole('version'),
    fence: withRole('fence'),
  };
  attachDraftParser(model, new DraftParser(specs));
  return Object.freeze(model);
}

interface Place {
  readonly name: string;
  readonly above: FieldModel | null;
  readonly inList: boolean;
  readonly key?: boolean;
  readonly unique?: boolean;
}

/** Mutable until its children, which know it as the field above them, are made. */
type Unfrozen = { -readonly [K in keyof FieldModel]: FieldModel[K] };

function buildField(spec: FieldSpec, place: Place, paths: Map<string, FieldModel>): FieldModel {
  const { name, above, inList } = place;
  const isItem = name === '[]';
  const path = above === null ? name : isItem ? `${above.path}[]` : `${above.path}.${name}`;
  const addressable = !inList;
  const field: Unfrozen = {
    name,
    path,
    segments: Object.freeze([...(above?.segments ?? []), name]),
    kind: spec.kind,
    optional: spec.optional,
    nullable: spec.optional || (above !== null && !isItem && above.nullable),
    addressable,
    hidden: spec.hidden,
    unique: place.unique ?? false,
    key: place.key ?? false,
    serial: spec.serial,
    column: spec.column,
    bounds: Object.freeze({ ...spec.bounds }),
    values: spec.values,
    references: spec.references,
    item: null,
    fields: null,
    role: spec.role,
  };
  if (addressable) paths.set(path, field);
  if (spec.item !== null) field.item = buildField(spec.item, { name: '[]', above: field, inList: true }, paths);
  if (spec.fields !== null) {
    const inner = spec.fields;
    field.fields = Object.freeze(
      Object.keys(inner).map((each) => buildField(inner[each]!, { name: each, above: field, inList }, paths)),
    );
  }
  attachFieldParser(field, spec);
  return Object.freeze(field);
}

/** One name on the server per field, whatever the naming. */
function checkColumns(fields: readonly FieldModel[], snake: boolean, issues: Issue[]): void {
  const taken = new Map<string, string>();
  for (const { name, column } of fields) {
    const own = column ?? (snake ? snakeCase(name) : name);
    const problem = identifierProblem(own);
    if (problem !== undefined) issues.push({ path: name, message: `${problem} (its column \`${own}\`)` });
    const other = taken.get(own);
    if (other !== undefined)
      issues.push({ path: name, message: `must not have the column of \`${other}\`, \`${own}\`` });
    taken.set(own, name);
  }
}

function checkComputed(computed: unknown, specs: Readonly<Record<string, FieldSpec>>, issues: Issue[]): void {
  if (computed === undefined) return;
  if (typeof computed !== 'object' || computed === null) {
    issues.push({ path: 'computed', message: 'must be an object of functions' });
    return;
  }
  for (const [name, make] of Object.entries(computed)) {
    const path = `computed.${name}`;
    if (Object.hasOwn(specs, name)) issues.push({ path, message: 'must not have the name of a field' });
    const problem = fieldNameProblem(name);
    if (problem !== undefined) issues.push({ path, message: problem });
    if (typeof make !== 'function') issues.push({ path, message: 'must be a function of the row' });
  }
}

/** A search gives every row its rank, under a name of its own. */
function checkScore(fields: readonly FieldModel[], computed: unknown, issues: Issue[]): void {
  const taken = fields.some(({ name }) => name === 'score') || Object.hasOwn(Object(computed), 'score');
  if (taken)
    issues.push({ path: 'search', message: 'must not stand beside a field `score`: `search()` calls its rank so' });
}

function oneOf<T extends string>(
  value: unknown,
  choices: readonly T[],
  option: string,
  issues: Issue[],
): T | undefined {
  if (value === undefined || choices.includes(value as T)) return value as T | undefined;
  issues.push({ path: option, message: `must be one of ${choices.map((each) => `'${each}'`).join(', ')}` });
  return undefined;
}
