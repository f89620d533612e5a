import { type Middleware, type RepositoryOptions, scopedBy, ValidationError } from 'trivet';
import { caller } from './tenancy.js';

/** What passed through the repositories, by kind and entity. */
export class CommandCounts {
  readonly #counts = new Map<string, number>();

  readonly middleware: Middleware = async (command, next, { transaction }) => {
    const name = command.kind === 'ensureSchema' ? 'schema' : command.entity.name;
    const key = `${command.kind} ${name}${transaction === null ? '' : ' tx'}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return next(command);
  };

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
}

/** Options of a repository whose rows belong to tenants. */
export function tenantOptions(options: RepositoryOptions = {}): RepositoryOptions {
  return { ...options, use: [...(options.use ?? []), scopedBy('tenant', () => caller()?.tenant)] };
}

/** Who changes a row; nothing is written by nobody. */
export function changer(entity: string): string {
  const user = caller()?.user;
  if (user === undefined) throw new ValidationError(entity, [{ path: 'changedBy', message: 'is written by nobody' }]);
  return user;
}
