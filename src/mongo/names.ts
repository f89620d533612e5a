import { identifier, pathPart } from '../schema/identifier.js';
import type { EntityModel, FieldModel, Naming } from '../schema/model.js';
import { snakeCase } from '../schema/names.js';

/** What the server calls an entity and its fields. */
export class Names {
  readonly entity: EntityModel;
  readonly collection: string;
  readonly #naming: Naming;
  /** From the first segment of a path on the server to the field's own name. */
  readonly #back: ReadonlyMap<string, string>;

  constructor(entity: EntityModel, naming: Naming) {
    this.entity = entity;
    this.collection = entity.name;
    this.#naming = entity.naming ?? naming;
    this.#back = new Map(entity.fields.map((field) => [this.top(field), field.name]));
  }

  /** Name of a top-level field. A single primary key is `_id`, whatever the entity calls it: the server keeps that one unique by itself. */
  top(field: FieldModel): string {
    if (field.key && this.entity.key.length === 1) return '_id';
    return field.column ?? (this.#naming === 'snake' ? snakeCase(field.name) : field.name);
  }

  /** Dotted path of an addressable field. Names inside an object stay as written. */
  path(field: FieldModel): string {
    const [first, ...rest] = field.segments as [string, ...string[]];
    if (rest.length === 0) return this.top(field);
    return [this.top(this.#topField(first)), ...rest].join('.');
  }

  /** The entity's path of a path that the server named. */
  back(path: string): string {
    const dot = path.indexOf('.');
    if (dot < 0) return this.#back.get(path) ?? path;
    return (this.#back.get(path.slice(0, dot)) ?? path.slice(0, dot)) + path.slice(dot);
  }

  /** The same name on every run, so that an error maps back: `users_email_key`, `users_role_is_active_idx`. */
  constraint(fields: readonly FieldModel[], suffix: string): string {
    const parts = fields.map((field) => pathPart(this.#topField(field.segments[0]!), field, 'snake'));
    return identifier([this.entity.table, ...parts], suffix);
  }

  #topField(name: string): FieldModel {
    return this.entity.fields.find((field) => field.name === name)!;
  }
}
