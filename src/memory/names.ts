import { identifier, pathPart } from '../schema/identifier.js';
import type { EntityModel, FieldModel } from '../schema/model.js';

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
  return pathPart(entity.paths.get(field.segments[0]!)!, field, entity.naming ?? 'snake');
}
