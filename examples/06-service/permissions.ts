import type { User } from './entities/user.js';
import { ForbiddenError } from './errors.js';

/** Who does something: as much of a user as rules ask for. */
export type Actor = Pick<User, 'id' | 'role'>;

/** @throws ForbiddenError for who does not write */
export function requireAuthor({ role }: Actor): void {
  if (role === 'reader') throw new ForbiddenError('Readers write no posts');
}

export function requireAdmin({ role }: Actor): void {
  if (role !== 'admin') throw new ForbiddenError('This is for administrators');
}

/** Posts and comments are changed by who wrote them, and by administrators. @throws ForbiddenError */
export function requireOwner(actor: Actor, { authorId }: { readonly authorId: string }): void {
  if (authorId !== actor.id) requireAdmin(actor);
}
