import type { Middleware } from '../../core/middleware.js';
import { Repository } from '../../core/repository.js';
import { QueryError } from '../../errors/runtime.js';
import type { AnyEntity } from '../../schema/types.js';
import { Writer } from './guarded-entities.js';
import type { Given, Verbs } from './kit.js';

/** A hook as plain JavaScript sees it. */
export type Hook = (first: any, second: any) => unknown;
type HookName = 'beforeInsert' | 'beforeUpdate' | 'beforeSave' | 'afterWrite' | 'beforeDelete' | 'afterDelete';

/** A repository of writers whose class has these hooks. */
export function hooked(
  given: Given,
  hooks: Partial<Record<HookName, Hook>>,
  entity: AnyEntity = Writer,
  use: readonly Middleware[] = [],
): Verbs {
  class Hooked extends Repository<AnyEntity> {}
  for (const [name, value] of Object.entries(hooks)) Object.defineProperty(Hooked.prototype, name, { value });
  return new Hooked(given.database as never, entity, { use }) as unknown as Verbs;
}

/** A draft of a writer, without the slug. */
export const ANN = { name: ' Ann ', password: 'secret word' } as const;

/** What a hook throws. */
export const no: QueryError = new QueryError('No');

export function throwing(): never {
  throw no;
}
