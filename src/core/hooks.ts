import type { Issue } from '../errors/data.js';
import { branded } from '../query/brand.js';
import type { Assignment } from '../query/command.js';
import { whyFixed } from '../query/parse-patch.js';
import { isPlainObject, type Parsing, slotOf } from '../query/parsing.js';
import type { EntityModel } from '../schema/model.js';
import { finalIssues, isUntouched, type ParsedDraft, parserOf } from '../schema/parse.js';
import { typeName } from '../util/describe.js';
import { settle } from './build-command.js';
import type { Executor } from './executor.js';
import type { RunOptions, Transaction } from './ports.js';
import type { CheckedUpdate } from './prepare-change.js';
import type { CheckedDrafts } from './prepare-insert.js';
import { type CheckedUpsert, checkUnique } from './prepare-upsert.js';
import { presence } from './presence.js';

type Values = Record<string, unknown>;
type Saving = 'beforeInsert' | 'beforeUpdate' | 'beforeSave';
type Name = Saving | 'afterWrite' | 'beforeDelete' | 'afterDelete';
type Methods = Record<Name, (first: unknown, second?: unknown) => unknown>;

/** What a hook is told of the call. */
export interface Told {
  readonly verb: string;
  readonly id?: unknown;
  readonly where?: unknown;
}

/** What was done; null when nothing was. */
export interface Done {
  readonly verb: string;
  readonly action?: 'inserted' | 'updated' | 'restored';
  readonly rows: readonly unknown[];
  readonly count: number;
}

/** The hooks that a repository has, around its writes. */
export class Hooks {
  readonly #methods: Methods;
  readonly #own: ReadonlySet<Name>;
  readonly #calls: Executor;

  private constructor(methods: Methods, own: ReadonlySet<Name>, calls: Executor) {
    this.#methods = methods;
    this.#own = own;
    this.#calls = calls;
  }

  /** Those of `methods` that are others than in `plain`; null when there are none. */
  static of(methods: object, plain: object, calls: Executor): Hooks | null {
    const names: readonly Name[] = [
      'beforeInsert',
      'beforeUpdate',
      'beforeSave',
      'afterWrite',
      'beforeDelete',
      'afterDelete',
    ];
    const own = names.filter((name) => (methods as Methods)[name] !== (plain as Methods)[name]);
    return own.length === 0 ? null : new Hooks(methods as Methods, new Set(own), calls);
  }

  /** The drafts as the hooks leave them, one after the other. @throws ValidationError */
  async drafts(checked: CheckedDrafts, told: Told): Promise<CheckedDrafts> {
    if (!this.#saves('beforeInsert')) return checked.drafts.length === 0 ? checked : this.#present(checked);
    settle(checked);
    const { entity, many, now, run, issues } = checked;
    const drafts: ParsedDraft[] = [];
    for (const [i, draft] of checked.drafts.entries())
      drafts.push(
        await this.#draft(entity, draft, now, { ...told, signal: run.signal }, issues, many ? `[${i}].` : ''),
      );
    return this.#present({ ...checked, drafts });
  }

  /** The patch as the hooks leave it; an empty one is left alone. @throws ValidationError */
  async patch(checked: CheckedUpdate, told: Told): Promise<CheckedUpdate> {
    const { parsing, assignments, run } = checked;
    if (assignments.length === 0 || !this.#saves('beforeUpdate')) return checked;
    settle(parsing);
    const changed = await this.#patch(parsing, assignments, { ...told, signal: run.signal });
    settle(parsing);
    return { ...checked, assignments: changed };
  }

  /** Both parts of an upsert as the hooks leave them. @throws ValidationError */
  async upsert(checked: CheckedUpsert, told: Told): Promise<CheckedUpsert> {
    const { parsing, on, draft, changes, now, run } = checked;
    const { entity, issues } = parsing;
    const { late } = this.#calls.context;
    const call = { ...told, signal: run.signal };
    const whole = this.#saves('beforeInsert') ? await this.#draft(entity, draft, now, call, issues, '') : draft;
    settle(parsing);
    checkUnique(parsing, whole, on, late);
    if (!late && issues.length === 0) presence(entity, whole.row, '', issues);
    settle(parsing);
    if (changes === null || changes.length === 0 || !this.#saves('beforeUpdate')) return { ...checked, draft: whole };
    const patch = await this.#patch(parsing, changes, call);
    settle(parsing);
    return { ...checked, draft: whole, changes: patch };
  }

  /** The write and what comes behind it. `done` says what was written. */
  async write<T>(work: () => Promise<T>, done: (result: T) => Done | null, run: RunOptions): Promise<T> {
    if (!this.#own.has('afterWrite')) return work();
    return this.#calls.together(run, async (tx) => this.#after('afterWrite', await work(), done, tx));
  }

  /** The deletion, what comes before it and what comes behind it. */
  async remove<T>(told: Told, work: () => Promise<T>, done: (result: T) => Done | null, run: RunOptions): Promise<T> {
    if (!this.#own.has('beforeDelete') && !this.#own.has('afterDelete')) return work();
    return this.#calls.together(run, async (tx) => {
      await this.#methods.beforeDelete(Object.freeze({ ...told, signal: run.signal }));
      return this.#after('afterDelete', await work(), done, tx);
    });
  }

  async #after<T>(name: Name, result: T, done: (result: T) => Done | null, tx: Transaction): Promise<T> {
    const event = done(result);
    if (event !== null && event.count > 0) await this.#methods[name](Object.freeze(event), tx);
    return result;
  }

  #saves(name: Saving): boolean {
    return this.#own.has(name) || this.#own.has('beforeSave');
  }

  /** Whether all is there that must be, unless middleware still fills it. */
  #present(checked: CheckedDrafts): CheckedDrafts {
    const { entity, drafts, many, issues } = checked;
    if (this.#calls.context.late || issues.length > 0) return checked;
    for (const [i, { row }] of drafts.entries()) presence(entity, row, many ? `[${i}]` : '', issues);
    return checked;
  }

  async #draft(
    entity: EntityModel,
    draft: ParsedDraft,
    now: number,
    call: object,
    issues: Issue[],
    path: string,
  ): Promise<ParsedDraft> {
    const before: Values = Object.fromEntries(draft.given.map((name) => [name, draft.row[name]]));
    const context = Object.freeze({ ...call, part: 'insert', operators: Object.freeze({}) });
    const names = new Set(entity.fields.map(({ name }) => name));
    const change = await this.#run(entity, 'beforeInsert', before, context, (name) => names.has(name));
    const known = issues.length;
    const parsed = finalIssues(entity, change.values, draft, now, issues);
    change.blame(issues, known, path);
    return parsed;
  }

  async #patch(parsing: Parsing, assignments: readonly Assignment[], call: object): Promise<Assignment[]> {
    const { entity, values, issues } = parsing;
    const before: Values = {};
    const operators: Values = {};
    const plain = new Map<string, Assignment>();
    const kept: Assignment[] = [];
    for (const each of assignments) {
      const { field, op, slot } = each;
      if (op === 'set' || op === 'clear') {
        before[field.path] = op === 'clear' ? null : values[slot];
        plain.set(field.path, each);
      } else {
        operators[field.path] = Object.freeze({ op, value: values[slot] });
        kept.push(each);
      }
    }
    const context = Object.freeze({ ...call, part: 'update', operators: Object.freeze(operators) });
    const isOwn = (path: string) => {
      const field = entity.paths.get(path);
      return field !== undefined && whyFixed(field) === null;
    };
    const change = await this.#run(entity, 'beforeUpdate', before, context, isOwn);
    const known = issues.length;
    const paths = [...Object.keys(change.values), ...Object.keys(operators)];
    for (const [path, value] of Object.entries(change.values)) {
      const clash = paths.find(
        (each, i) => (each === path && paths.indexOf(each) !== i) || path.startsWith(`${each}.`),
      );
      if (clash !== undefined) issues.push({ path, message: `cannot be changed together with \`${clash}\`` });
      const original = plain.get(path);
      if (original !== undefined && (value === null ? original.op === 'clear' : isUntouched(value, before[path]))) {
        kept.push(original);
        continue;
      }
      const field = entity.paths.get(path)!;
      const canonical = parserOf(field).operand(value, path, issues);
      if (canonical === null || canonical === undefined) kept.push({ field, op: 'clear', slot: -1 });
      else if (original?.op === 'set') {
        // In the place of what the caller gave: nobody sees that any more.
        values[original.slot] = canonical;
        kept.push(original);
      } else kept.push({ field, op: 'set', slot: slotOf(parsing, canonical) });
    }
    change.blame(issues, known, '');
    return kept;
  }

  /** The values as the hook and then `beforeSave` leave them. @throws TypeError for what is no change of this entity */
  async #run(
    entity: EntityModel,
    first: 'beforeInsert' | 'beforeUpdate',
    before: Values,
    context: object,
    isOwn: (name: string) => boolean,
  ): Promise<HookedChange> {
    const outcome = new HookedChange(before);
    for (const name of [first, 'beforeSave'] as const) {
      if (!this.#own.has(name)) continue;
      const given = await this.#methods[name]({ ...outcome.values }, context);
      const refuse = (what: string) => new TypeError(`The hook \`${name}\` of \`${entity.name}\` gave ${what}`);
      if (!isPlainObject(given)) throw refuse(`${typeName(given)}: it must give the change, changed or not`);
      for (const [path, value] of Object.entries(given)) {
        if (!isOwn(path)) throw refuse(`\`${path}\`, which is no field that it may set`);
        if (branded(value) !== undefined)
          throw refuse(`an operator or a condition as \`${path}\`: it must give plain values`);
      }
      outcome.take(name, given);
    }
    return outcome;
  }
}

/** What hooks made of a change, and which of them set what. */
class HookedChange {
  values: Values;
  readonly #setBy = new Map<string, string>();

  constructor(values: Values) {
    this.values = values;
  }

  take(hook: string, values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      if (value !== this.values[name] || !Object.hasOwn(this.values, name)) this.#setBy.set(name, hook);
    }
    this.values = { ...values };
  }

  /** Issues from `from` on name the hook that set the value. */
  blame(issues: Issue[], from: number, path: string): void {
    for (let i = from; i < issues.length; i++) {
      const { path: at, message } = issues[i]!;
      const hook = this.#setBy.get(at) ?? this.#setBy.get(at.split(/[.[]/)[0]!);
      issues[i] = { path: path + at, message: hook === undefined ? message : `${message} (set by \`${hook}\`)` };
    }
  }
}
