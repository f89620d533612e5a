import type { Database } from '../../../src/core/ports.js';
import { Repository } from '../../../src/core/repository.js';
import { TrivetError } from '../../../src/errors/error.js';
import * as groups from '../../../src/query/and-or-not.js';
import * as conditions from '../../../src/query/condition.js';
import * as operators from '../../../src/query/update-operator.js';
import type { AnyEntity } from '../../../src/schema/types.js';
import { foldAscii } from '../../../src/util/text.js';
import { PATHS } from './entities.js';
import type { Operand, OrderSpec, Pattern, ReadSpec, WhereSpec } from './reads.js';
import type { EachSpec, PatchSpec, WriteSpec } from './writes.js';

type Row = Record<string, unknown>;
type Fn = (...operands: unknown[]) => object;

const CONDITION = conditions as unknown as Readonly<Record<string, Fn>>;
const GROUP = groups as unknown as Readonly<Record<string, Fn>>;
const OPERATOR = operators as unknown as Readonly<Record<string, Fn>>;

/** What a run has met, so that a test can tell that its programs were worth running. */
export class Tally {
  reads = 0;
  readsWithRows = 0;
  patterns = 0;
  patternsThatOccur = 0;
  writes = 0;
  writesThatChanged = 0;
  refused = 0;
}

/** A repository without its types, whose clock is the call's own number, so that all engines write the same times. */
export class Subject {
  readonly name: string;
  readonly verbs: any;
  readonly versioned: boolean;
  #now = 0;

  constructor(database: Database, entity: AnyEntity) {
    this.name = database.engine;
    this.versioned = entity['~model'].version !== null;
    this.verbs = new Repository<AnyEntity>(database as never, entity, { clock: { now: () => this.#now } });
  }

  /** Sets the clock to the number of a step. */
  at(step: number): this {
    this.#now = Date.UTC(2024, 0, 1) + step;
    return this;
  }

  /** Every row, deleted ones too, by key. */
  all(): Promise<Row[]> {
    return this.verbs.find({}, { orderBy: { id: 'asc' }, deleted: this.versioned ? 'with' : undefined });
  }

  async read(spec: ReadSpec, stored: readonly Row[], tally: Tally): Promise<string> {
    const deleted = this.versioned && 'deleted' in spec ? spec.deleted : undefined;
    const where = 'where' in spec ? filterOf(spec.where, stored, tally) : {};
    switch (spec.verb) {
      case 'findById':
        return outcome(() => this.verbs.findById(spec.id, { deleted }));
      case 'findOne':
        return outcome(() => this.verbs.findOne(where, { orderBy: orderOf(spec.order), deleted }));
      case 'count':
      case 'exists':
        return outcome(() => this.verbs[spec.verb](where, { deleted }));
      case 'distinct':
        return outcome(() => this.verbs.distinct(spec.path, where, { deleted }));
      default: {
        const { order, limit, offset, batch } = spec;
        const shared = {
          select: spec.select ?? undefined,
          limit: limit ?? undefined,
          offset,
          orderBy: order.length === 0 ? undefined : orderOf(order),
          deleted,
        };
        const isTotal = order.length > 0 || limit !== null || offset > 0;
        return outcome(async () => {
          const rows =
            spec.verb === 'find'
              ? await this.verbs.find(where, shared)
              : await collect(this.verbs.stream(where, { ...shared, batch }));
          return isTotal ? rows : rows.map(canonical).sort();
        });
      }
    }
  }

  #each({ id, patch, ...asked }: EachSpec): Row {
    return { id, ...patchOf(patch), ...this.#asked(asked) };
  }

  /** What a write asks of its row, where the entity has it. */
  #asked({ version, fence }: { readonly version?: number | undefined; readonly fence?: bigint | undefined }): Row {
    if (!this.versioned) return {};
    return { ...(version !== undefined && { version }), ...(fence !== undefined && { fence }) };
  }

  write(spec: WriteSpec, stored: readonly Row[], tally: Tally): Promise<string> {
    const where = 'where' in spec ? filterOf(spec.where, stored, tally) : {};
    switch (spec.verb) {
      case 'insert':
        return outcome(() => this.verbs.insert(spec.draft));
      case 'insertMany':
        return outcome(() => this.verbs.insertMany(spec.drafts));
      case 'update':
        return outcome(() => this.verbs.update(spec.id, patchOf(spec.patch), this.#asked(spec)));
      case 'updateOne':
        return outcome(() => this.verbs.updateOne(where, patchOf(spec.patch), { orderBy: orderOf(spec.order) }));
      case 'updateMany':
        return outcome(() => this.verbs.updateMany(where, patchOf(spec.patch), { all: true }));
      case 'upsert':
        return outcome(() => this.verbs.upsert(spec.draft, { on: spec.on }));
      case 'updateEach':
        return outcome(() => this.verbs.updateEach(spec.rows.map((each) => this.#each(each))));
      case 'upsertMany':
        return outcome(() => this.verbs.upsertMany(spec.drafts, { on: spec.on }));
      case 'bulk':
        return outcome(() =>
          this.verbs.bulk(
            spec.writes.map((each) =>
              'set' in each ? { update: each.update, set: patchOf(each.set), ...this.#asked(each) } : each,
            ),
          ),
        );
      case 'restore':
        return outcome(() => this.verbs.restore(spec.id));
      case 'delete':
        return outcome(() => this.verbs.delete(spec.id, this.#asked({ fence: spec.fence })));
      default:
        return outcome(() => this.verbs.deleteMany(where, { all: true }));
    }
  }
}

async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** The result in canonical form, or which error it was: its class and the fields that it names. */
async function outcome(call: () => Promise<unknown>): Promise<string> {
  try {
    return canonical(await call());
  } catch (error) {
    if (!(error instanceof TrivetError)) throw error;
    const { fields, position } = error as { readonly fields?: readonly string[]; readonly position?: number };
    const where =
      fields === undefined ? '' : `(${[...fields].sort().join(', ')})${position === undefined ? '' : `[${position}]`}`;
    return `${error.name}${where}`;
  }
}

const SEVERAL: ReadonlySet<string> = new Set(['updateMany', 'updateEach', 'upsertMany', 'bulk']);
const RULE = /^(DuplicateKeyError|ConstraintError)\(/;

/**
 * Whether two outcomes are one. A server does not always name the field of a number that leaves its type, and which of several
 * rules is met first is the engine's own: it follows the names of constraints, and the order in which rows are visited.
 */
export function agree(one: string, other: string, verb: string): boolean {
  if (one === other) return true;
  if (SEVERAL.has(verb)) return RULE.test(one) && RULE.test(other);
  const [named, alsoNamed] = [one, other].map(brokenFields);
  if (named === undefined || alsoNamed === undefined) return false;
  return named.length === 0 || alsoNamed.length === 0 || named.some((field) => alsoNamed.includes(field));
}

/** The fields that a `ConstraintError` names; undefined for any other outcome. */
function brokenFields(outcome: string): readonly string[] | undefined {
  const names = /^ConstraintError\(([^)]*)\)/.exec(outcome)?.[1];
  return names === undefined ? undefined : names.split(', ').filter((name) => name !== '');
}

/** One text for equal values, whatever the order of keys; types that print alike stay apart. */
export function canonical(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Date) return `@${value.toISOString()}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  const entries = Object.keys(value).sort();
  return `{${entries.map((key) => `${key}: ${canonical((value as Row)[key])}`).join(', ')}}`;
}

function valueAt(row: Row | undefined, path: string): unknown {
  let value: unknown = row;
  for (const name of path.split('.')) value = (value as Row | null | undefined)?.[name];
  return value ?? null;
}

/** The operand itself, or the value of the stored row; where that is null, what can stand for it. */
function operandOf(operand: Operand, path: string, stored: readonly Row[]): unknown {
  if ('value' in operand) return operand.value;
  const found = valueAt(stored[operand.stored % Math.max(stored.length, 1)], path);
  return found ?? STAND_INS[PATHS[path]!];
}

const STAND_INS: Readonly<Record<string, unknown>> = {
  integer: 1,
  real: 0.1,
  text: 'a',
  boolean: true,
  enum: 'x',
  timestamp: new Date(0),
  date: '2024-02-29',
  decimal: '1.5',
  bigint: 1n,
  uuid: '00000000-0000-4000-8000-000000000000',
  texts: ['a'],
  integers: [1],
};

function patternOf(
  pattern: Pattern,
  op: string,
  path: string,
  ignoreCase: boolean,
  stored: readonly Row[],
  tally: Tally,
): string {
  const texts = stored.map((row) => valueAt(row, path)).filter((each): each is string => typeof each === 'string');
  let part: string;
  if ('text' in pattern) part = pattern.text;
  else {
    const points = Array.from(texts[pattern.stored % Math.max(texts.length, 1)] ?? '');
    const from = op === 'startsWith' || points.length === 0 ? 0 : pattern.from % points.length;
    const to = op === 'endsWith' ? points.length : from + 1 + (pattern.to % Math.max(points.length - from, 1));
    part = points.slice(from, to).join('');
    if (pattern.toggled && ignoreCase)
      part = part.replace(/[a-z]/gi, (each) => (each < 'a' ? each.toLowerCase() : each.toUpperCase()));
  }
  tally.patterns++;
  const fold = ignoreCase ? foldAscii : (each: string) => each;
  if (part !== '' && texts.some((each) => fold(each).includes(fold(part)))) tally.patternsThatOccur++;
  return part;
}

/** The filter that a spec means, given the rows that are stored. */
export function filterOf(spec: WhereSpec, stored: readonly Row[], tally: Tally): object {
  const value = (operand: Operand | null, path: string) => (operand === null ? null : operandOf(operand, path, stored));
  switch (spec.op) {
    case 'and':
    case 'or':
      return GROUP[spec.op]!(...spec.clauses.map((each) => filterOf(each, stored, tally)));
    case 'not':
      return GROUP['not']!(filterOf(spec.clause, stored, tally));
    case 'plain':
      return { [spec.path]: value(spec.operand, spec.path) };
    case 'between':
      return { [spec.path]: CONDITION['between']!(value(spec.low, spec.path), value(spec.high, spec.path)) };
    case 'anyOf':
    case 'noneOf':
    case 'hasAny':
    case 'hasAll':
      return { [spec.path]: CONDITION[spec.op]!(...spec.operands.map((each) => value(each, spec.path))) };
    case 'isNull':
    case 'isNotNull':
      return { [spec.path]: CONDITION[spec.op]!() };
    case 'contains':
    case 'startsWith':
    case 'endsWith': {
      const { op, path, pattern, ignoreCase } = spec;
      return { [path]: CONDITION[op]!(patternOf(pattern, op, path, ignoreCase, stored, tally), { ignoreCase }) };
    }
    default:
      return { [spec.path]: CONDITION[spec.op]!(value(spec.operand, spec.path)) };
  }
}

function orderOf(order: OrderSpec): Row {
  return Object.fromEntries(order);
}

function patchOf(patch: PatchSpec): Row {
  return Object.fromEntries(
    Object.entries(patch).map(([path, change]) => {
      if (change.op === 'set') return [path, change.value];
      return [path, 'items' in change ? OPERATOR[change.op]!(...change.items) : OPERATOR[change.op]!(change.value)];
    }),
  );
}
