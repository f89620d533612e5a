import { identifier } from '../schema/identifier.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import { snakeCase } from '../schema/names.js';

/** `users_email_key`, `posts_author_id_slug_key`: what the engines with a server call it. */
export function uniqueName(entity: EntityModel, set: readonly FieldModel[]): string {
  return identifier([entity.table, ...set.map((field) => partOf(entity, field))], 'key');
}

/** `users_pkey` */
export function keyName(entity: EntityModel): string {
  return identifier([entity.table], 'pkey');
}

/** `users_age_check` */
export function checkName(entity: EntityModel, field: FieldModel): string {
  return identifier([entity.table, partOf(entity, field)], 'check');
}

function partOf(entity: EntityModel, field: FieldModel): string {
  const [first, ...below] = field.segments as [string, ...string[]];
  const { column } = entity.paths.get(first)!;
  if (entity.naming === 'as-written') return [column ?? first, ...below].join('_');
  return [column ?? snakeCase(first), ...below.map(snakeCase)].join('_');
}
