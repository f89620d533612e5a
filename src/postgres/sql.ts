import { ValidationError } from '../errors/data.js';
import { modelOf } from '../schema/entity.js';
import type { EntityModel, FieldModel, Naming } from '../schema/model.js';
import type { AnyEntity } from '../schema/types.js';
import { typeName } from '../util/describe.js';
import { unknownName } from '../util/nearest.js';
import { pathSql, quote, quoteItem, tableOf } from './fields.js';
import { type Encoded, hex } from './values.js';

/** A piece of SQL with its values apart. Made by the tag `sql` only: no text of a caller is taken for SQL. */
export class SqlFragment {
  readonly #strings: readonly string[];
  readonly #values: readonly unknown[];

  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.#strings = strings;
    this.#values = values;
  }

  /** The statement's text and its parameters. */
  compile(naming: Naming): { readonly text: string; readonly values: Encoded[] } {
    const values: Encoded[] = [];
    return { text: this.#append(naming, values), values };
  }

  #append(naming: Naming, values: Encoded[]): string {
    let text = this.#strings[0]!;
    for (let i = 0; i < this.#values.length; i++) {
      text += piece(this.#values[i], naming, values) + this.#strings[i + 1]!;
    }
    return text;
  }

  /** Appends a fragment inside another one. */
  static nested(fragment: SqlFragment, naming: Naming, values: Encoded[]): string {
    return fragment.#append(naming, values);
  }
}

/** A name that is quoted where it stands. */
class Identifier {
  readonly sql: string;

  constructor(names: readonly string[]) {
    this.sql = names.map(quote).join('.');
  }
}

/** A field, read where it stands: a column, or a path inside one. */
class FieldPath {
  readonly #model: EntityModel;
  readonly #field: FieldModel;
  readonly #alias: string;

  constructor(model: EntityModel, path: string, alias: string | undefined) {
    const field = model.paths.get(path);
    if (field === undefined)
      throw new ValidationError(model.name, [
        { path, message: unknownName(path, model.paths.keys(), `is no field of \`${model.name}\``) },
      ]);
    this.#model = model;
    this.#field = field;
    this.#alias = alias === undefined ? '' : `${quote(alias)}.`;
  }

  sql(naming: Naming): string {
    return pathSql(tableOf(this.#model, naming), this.#field, 'typed', this.#alias);
  }
}

function piece(value: unknown, naming: Naming, values: Encoded[]): string {
  if (value instanceof SqlFragment) return SqlFragment.nested(value, naming, values);
  if (value instanceof Identifier) return value.sql;
  if (value instanceof FieldPath) return value.sql(naming);
  const model = (value as { readonly '~model'?: EntityModel } | null | undefined)?.['~model'];
  if (model !== undefined) return tableOf(model, naming).sql;
  values.push(encodeParameter(value));
  return `$${values.length}`;
}

/** What may stand in `${…}`: a value (a parameter), an entity (its table), another fragment (in place), an identifier. */
export type SqlValue = string | number | bigint | boolean | null | Date | Uint8Array | AnyEntity | SqlFragment | object;

interface SqlTag {
  (strings: TemplateStringsArray, ...values: readonly SqlValue[]): SqlFragment;
  /** A quoted name, `sql.identifier('blog', 'posts')`. Never give it what a user typed. */
  identifier(...names: readonly string[]): object;
  /**
   * A field of an entity by its path, as filters compare it: its quoted column, whatever it is called on the server, or the path inside one. An
   * `alias` of the table goes before it. What does not hold a value that can be compared, such as an object, is `jsonb`.
   * @throws ValidationError for a path that is no field's
   */
  column<E extends AnyEntity>(entity: E, path: keyof E['~paths'] & string, alias?: string): object;
  /** Fragments one after another, with a separator between. */
  join(fragments: readonly SqlFragment[], separator: SqlFragment): SqlFragment;
}

function tag(strings: TemplateStringsArray, ...values: readonly SqlValue[]): SqlFragment {
  return new SqlFragment(strings, values);
}

/**
 * A piece of SQL. Values become parameters, entities their quoted tables, fragments are put in place.
 *
 * @example
 * ```ts
 * import { entity, integer } from 'trivet';
 * import { sql } from 'trivet/postgres';
 *
 * const recent = sql`created_at > ${new Date(0)}`;
 * const statement = sql`select count(*) from users where ${recent}`;
 *
 * const Post = entity('posts', { id: integer().primaryKey(), authorId: integer() });
 * const author = sql.column(Post, 'authorId', 'p');
 * const perAuthor = sql`select ${author}, count(*) from ${Post} p group by ${author}`;
 * ```
 */
export const sql: SqlTag = Object.assign(tag, {
  identifier: (...names: readonly string[]): object => new Identifier(names),
  column: (entity: AnyEntity, path: string, alias?: string): object => new FieldPath(modelOf(entity), path, alias),
  join: (fragments: readonly SqlFragment[], separator: SqlFragment): SqlFragment => {
    const between = fragments.flatMap((each, i) => (i === 0 ? [each] : [separator, each]));
    return new SqlFragment(['', ...between.map(() => '')], between);
  },
});

/**
 * A value of the caller's own statement as a parameter. Lists become arrays, plain objects JSON; their types come from the statement.
 * @throws TypeError for what has no meaning there: undefined, functions, invalid dates, instances of classes.
 */
export function encodeParameter(value: unknown): Encoded {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return null;
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      if (Array.isArray(value)) return encodeArray(value);
      return encodeObject(value);
    default:
      throw refused(value);
  }
}

function encodeArray(items: readonly unknown[]): string {
  const texts = items.map((item) => {
    if (item === null) return 'NULL';
    if (Array.isArray(item)) return encodeArray(item);
    if (item instanceof Uint8Array) return quoteItem(`\\x${hex(item)}`);
    return quoteItem(encodeParameter(item) as string);
  });
  return `{${texts.join(',')}}`;
}

function encodeObject(value: object): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refused(value);
    return value.toISOString();
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of a class has no meaning of its own in SQL, and the driver would call its `toPostgres`.
  if (prototype !== Object.prototype && prototype !== null) throw refused(value);
  return JSON.stringify(value);
}

function refused(value: unknown): TypeError {
  return new TypeError(
    `Expected a parameter to be a text, number, bigint, boolean, null, valid Date, Uint8Array, list or plain object, got ${typeName(value)}`,
  );
}
