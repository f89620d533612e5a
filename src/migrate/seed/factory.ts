import { expected, refuseUnknown } from '../../core/engine-options.js';
import { type Issue, ValidationError } from '../../errors/data.js';
import { modelOf } from '../../schema/entity.js';
import { draftIssues } from '../../schema/parse.js';
import type { AnyEntity, Id, Insert } from '../../schema/types.js';
import { combinationOf } from './combination.js';
import { checkBase, checkSeed, FACTORY_DEFAULTS, type FactoryOptions } from './factory-options.js';
import { type FillPlan, fillPlan } from './fill.js';
import { type Beginning, beginningOf, branch, Random } from './random.js';

/** A key of one field, by its name: the factory makes it. */
type OwnKey<E extends AnyEntity> = E['~id'] extends E['~keyed'] ? never : keyof E['~keyed'];

/** What a factory says of a row: what it leaves out is made from the rules of the entity. The key of one field is the factory's. */
export type FactoryDraft<E extends AnyEntity> = {
  readonly [P in Exclude<keyof E['~insert'], OwnKey<E>>]?: E['~insert'][P] | undefined;
};

/**
 * What is asked of a draft of the type `R`: values that fit, and no other names. The draft has a type of its own because `'admin'` would be taken for any
 * text where what is expected of it depends on the entity.
 */
export type CheckedDraft<E extends AnyEntity, R> = FactoryDraft<E> & {
  readonly [P in Exclude<keyof R, keyof FactoryDraft<E>>]: 'is nothing that the draft of this factory may give';
};

/** A draft as a factory makes it, with its key. */
export type Made<E extends AnyEntity> = Insert<E> & E['~keyed'];

/** What a factory is told of the row that it makes. */
export interface FactoryTools<E extends AnyEntity> {
  /** Number of the row, from 0. */
  readonly number: number;
  /** The row's own: it does not matter which rows were made before. */
  readonly random: Random;
  /** The moment that all others are counted from. */
  readonly base: Date;
  /** The text with the number of the row, from 1: `sequence('user')` is `user1`, `user2`... */
  sequence(text: string): string;
  /** The key of a row of this factory. @default that of this row */
  key(number?: number): Id<E>;
  /** The key of one of the first `count` rows of another factory. */
  keyOf<O extends AnyEntity>(other: Factory<O>, count: number): Id<O>;
  /** So many different keys of the first `count` rows of another factory. */
  keysOf<O extends AnyEntity>(other: Factory<O>, count: number, some: number): Id<O>[];
  /**
   * A number below each of the sizes, so that no two rows have the same: `combination(300, 100)` for likes of 300 posts by 100 users.
   * @throws TypeError for a row whose number is beyond all combinations
   */
  combination<const S extends readonly number[]>(...sizes: S): { readonly [I in keyof S]: number };
}

/** Makes drafts of an entity: the same ones for the same seed, whatever was made before, in whatever order. */
export interface Factory<E extends AnyEntity> {
  readonly entity: E;
  /** The key of a row. @throws TypeError where neither the factory nor `key` makes it */
  key(number: number): Id<E>;
  /** The draft of one row. @throws ValidationError that names what the draft has to give, and what is wrong with what it gives */
  one(number: number): Made<E>;
  /** The drafts of so many rows, from number `from` on. @throws ValidationError */
  make(count: number, options?: MakeOptions): Made<E>[];
}

/** Options of `make`. */
export interface MakeOptions {
  /** Number of the first row. @default 0 @minimum 0 */
  readonly from?: number | undefined;
}

const MAKE: ReadonlySet<string> = new Set(['from']);

/**
 * Makes drafts of an entity. What `draft` leaves out is made from the rules of the entity: choices, bounds and lengths, defaults, what is unique;
 * what may be missing is null. A field that refers to another entity, or that has `matches()` or `check()`, has to be given.
 *
 * A draft has every field, so `put` sets back whatever was changed in its row; a field that is taken out of the draft is left to others.
 *
 * Keys are made of the seed, the series and the number alone, and each row has random numbers of its own, so the same seed makes the same rows in
 * every run, on every engine and in any order.
 * @throws TypeError when an option is not what was expected
 *
 * @example
 * ```ts
 * import { entity, enumOf, text, timestamps, uuid } from 'trivet';
 * import { factory } from 'trivet/migrate';
 *
 * const User = entity('users', {
 *   id: uuid().primaryKey(),
 *   email: text().email().unique(),
 *   name: text().min(2).max(40),
 *   role: enumOf('reader', 'author').default('reader'),
 *   ...timestamps(),
 * });
 * const users = factory(User, ({ number, sequence }) => ({
 *   name: sequence('User '),
 *   role: number < 3 ? 'author' : 'reader',
 * }));
 * console.log(users.make(10), users.key(0));
 * ```
 */
export function factory<E extends AnyEntity, const R extends object>(
  entity: E,
  draft: (tools: FactoryTools<E>) => R & CheckedDraft<E, R>,
  options: FactoryOptions<Id<NoInfer<E>>> = {},
): Factory<E> {
  return new EntityFactory(entity, draft, options);
}

const KNOWN: ReadonlySet<string> = new Set(['seed', 'base', 'series', 'key']);

class EntityFactory<E extends AnyEntity> implements Factory<E> {
  readonly entity: E;
  readonly #draft: (tools: FactoryTools<E>) => FactoryDraft<E>;
  readonly #plan: FillPlan;
  readonly #seed: number | string;
  readonly #base: Date;
  readonly #series: string;
  readonly #key: ((number: number) => Id<E>) | null;

  constructor(entity: E, draft: (tools: FactoryTools<E>) => FactoryDraft<E>, options: FactoryOptions<Id<E>>) {
    const model = modelOf(entity);
    if (typeof draft !== 'function') throw expected('draft', 'a function that gives a draft', draft);
    refuseUnknown(options, KNOWN);
    const { series = model.name, key, seed = FACTORY_DEFAULTS.seed, base = FACTORY_DEFAULTS.base } = options;
    if (typeof series !== 'string' || series === '') throw expected('series', 'a text', series);
    if (key !== undefined && typeof key !== 'function') throw expected('key', 'a function of the number', key);
    this.entity = entity;
    this.#draft = draft;
    this.#plan = fillPlan(entity);
    this.#seed = checkSeed(seed);
    this.#base = checkBase(base);
    this.#series = series;
    this.#key = key ?? null;
  }

  key(number: number): Id<E> {
    checkNumber(number);
    if (this.#plan.keyField !== null) return this.#ownKey(number, null);
    const made = this.one(number) as Readonly<Record<string, unknown>>;
    return Object.fromEntries(this.entity['~model'].key.map(({ name }) => [name, made[name]])) as Id<E>;
  }

  one(number: number): Made<E> {
    checkNumber(number);
    const beginning = beginningOf(this.#seed, this.#series, number);
    const given = this.#draft(this.#tools(number, beginning)) as Readonly<Record<string, unknown>>;
    const issues: Issue[] = [];
    const draft = this.#filled(given, number, beginning, issues);
    const model = this.entity['~model'];
    if (issues.length === 0) draftIssues(model, draft, this.#base.getTime(), issues, `[${number}]`);
    if (issues.length > 0) throw new ValidationError(model.name, issues);
    return draft as Made<E>;
  }

  make(count: number, options: MakeOptions = {}): Made<E>[] {
    refuseUnknown(options, MAKE);
    const { from = 0 } = options;
    if (!Number.isSafeInteger(count) || count < 0) throw expected('count', 'an integer from 0', count);
    checkNumber(from, 'from');
    return Array.from({ length: count }, (_, i) => this.one(from + i));
  }

  #ownKey(number: number, known: Beginning | null): Id<E> {
    if (this.#key !== null) return this.#key(number);
    const { key, keyField } = this.#plan;
    if (typeof key === 'string')
      throw new TypeError(`The key ${keyField === null ? '' : `\`${keyField}\` `}of \`${this.entity.name}\` ${key}`);
    return key(known ?? beginningOf(this.#seed, this.#series, number), number) as Id<E>;
  }

  /** The draft with what it leaves out, in the order of the fields. */
  #filled(
    given: Readonly<Record<string, unknown>>,
    number: number,
    beginning: Beginning,
    issues: Issue[],
  ): Record<string, unknown> {
    const draft: Record<string, unknown> = {};
    const { keyField, key, fillings } = this.#plan;
    if (keyField !== null) {
      if (given[keyField] !== undefined)
        issues.push({ path: `[${number}].${keyField}`, message: 'is made by the factory: give its option `key`' });
      // One that the database counts up is left out; who needs it to find the row again says so.
      if (this.#key !== null || typeof key !== 'string') draft[keyField] = this.#ownKey(number, beginning);
      else if (!this.#isCounted(keyField)) issues.push({ path: `[${number}].${keyField}`, message: key });
    }
    for (const { name, make, refuses } of fillings) {
      const value = given[name];
      if (value !== undefined) draft[name] = value;
      else if (make !== null) draft[name] = make({ random: branch(beginning.state, name), number, base: this.#base });
      else if (refuses !== null)
        issues.push({
          path: `[${number}].${name}`,
          message: `must be given by the draft of the factory: it ${refuses}`,
        });
    }
    // The row was last changed when it was made.
    const { createdAt, updatedAt } = this.entity['~model'];
    if (createdAt !== null && updatedAt !== null && given[updatedAt.name] === undefined)
      draft[updatedAt.name] = draft[createdAt.name];
    for (const name of Object.keys(given)) if (!(name in draft) && given[name] !== undefined) draft[name] = given[name];
    return draft;
  }

  #isCounted(name: string): boolean {
    return this.entity['~model'].paths.get(name)?.serial === true;
  }

  #tools(number: number, { state }: Beginning): FactoryTools<E> {
    const random = new Random(state);
    return {
      number,
      random,
      base: new Date(this.#base),
      sequence: (text) => `${text}${number + 1}`,
      key: (other = number) => {
        checkNumber(other);
        return this.#ownKey(other, null);
      },
      keyOf: (other, count) => other.key(random.below(count)),
      keysOf: (other, count, some) => {
        return random.numbers(count, some).map((each) => other.key(each));
      },
      combination: (...sizes) => combinationOf(this.#seed, this.#series, number, sizes),
    };
  }
}

function checkNumber(number: number, option = 'number'): void {
  if (!Number.isSafeInteger(number) || number < 0) throw expected(option, 'an integer from 0', number);
}
