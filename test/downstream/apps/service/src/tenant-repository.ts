import {
  type Change,
  type CursorPage,
  type Database,
  type EntityWith,
  gte,
  type HookContext,
  type Insert,
  Repository,
  type RepositoryOptions,
  type Row,
  type Transaction,
  type Where,
  type WriteEvent,
} from 'trivet';
import type { AuditTrail } from './audit.js';
import type { owned } from './entities.js';
import { changer, tenantOptions } from './tenant-options.js';

/** Any entity whose rows belong to tenants. */
export type TenantEntity = EntityWith<typeof owned>;

/** What every repository of this service can do, on any engine. */
export abstract class TenantRepository<E extends TenantEntity> extends Repository<E> {
  readonly #audit: AuditTrail;

  constructor(database: Database<E['~engines']>, entity: E, audit: AuditTrail, options?: RepositoryOptions) {
    super(database, entity, tenantOptions(options));
    this.#audit = audit;
  }

  latest(limit: number): Promise<Row<E>[]> {
    return this.find({}, { orderBy: { createdAt: 'desc' }, limit });
  }

  changedBy(user: string, since: Date): Promise<Row<E>[]> {
    return this.find({ changedBy: user, updatedAt: gte(since) }, { orderBy: { updatedAt: 'asc' } });
  }

  feed(where: Where<E>, after?: string): Promise<CursorPage<Row<E>>> {
    return this.paginateByCursor(where, { limit: 2, after, orderBy: { createdAt: 'asc' } });
  }

  async countsByUser(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for await (const { changedBy } of this.stream()) counts.set(changedBy, (counts.get(changedBy) ?? 0) + 1);
    return counts;
  }

  protected override beforeInsert(draft: Insert<E>, _context: HookContext<E>): Insert<E> {
    return { ...draft, changedBy: changer(this.entity.name) };
  }

  protected override beforeUpdate(change: Change<E>, _context: HookContext<E>): Change<E> {
    return { ...change, changedBy: changer(this.entity.name) };
  }

  protected override afterWrite(event: WriteEvent<E>, tx: Transaction): void {
    this.#audit.record(this.entity, event, tx);
  }
}
