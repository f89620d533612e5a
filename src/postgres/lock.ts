import { ValidationError } from '../errors/data.js';
import type { FindCommand } from '../query/command.js';

/** A lock ends with its transaction: without one it would end before the caller learns what was locked. @throws ValidationError */
export function checkLock({ entity, lock }: FindCommand, scope: { readonly readOnly: boolean } | null): void {
  if (lock === undefined || scope?.readOnly === false) return;
  const message =
    scope === null
      ? 'holds to the end of a transaction, and there is none: call it inside `database.transaction()`'
      : 'cannot be taken in a transaction with `readOnly: true`';
  throw new ValidationError(entity.name, [{ path: 'lock', message }]);
}
