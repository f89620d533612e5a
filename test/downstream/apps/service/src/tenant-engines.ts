import {
  type Change,
  type Id,
  type Insert,
  type MongoDatabase,
  MongoRepository,
  type PostgresDatabase,
  PostgresRepository,
  type RepositoryOptions,
  type Row,
  type Supports,
} from 'trivet';
import { caller } from './tenancy.js';
import { changer, tenantOptions } from './tenant-options.js';
import type { TenantEntity } from './tenant-repository.js';

/** With what only PostgreSQL can do. */
export abstract class TenantTable<E extends TenantEntity & Supports<'postgres'>> extends PostgresRepository<E> {
  constructor(database: PostgresDatabase, entity: E, options?: RepositoryOptions) {
    super(database, entity, tenantOptions(options));
  }

  locked(id: Id<E>): Promise<Row<E>> {
    return this.get(id, { lock: 'update' });
  }

  // Statements of one's own are no commands: the scope is not put in by itself.
  async perUser(): Promise<{ user: string; rows: number }[]> {
    return this.sql<{ user: string; rows: number }>`
      select changed_by as "user", count(*)::int as rows from ${this.entity}
      where tenant = ${caller()?.tenant ?? ''} group by 1 order by 1`;
  }

  protected override beforeInsert(draft: Insert<E>): Insert<E> {
    return { ...draft, changedBy: changer(this.entity.name) };
  }

  protected override beforeUpdate(change: Change<E>): Change<E> {
    return { ...change, changedBy: changer(this.entity.name) };
  }
}

/** With what only MongoDB can do. */
export abstract class TenantCollection<E extends TenantEntity & Supports<'mongo'>> extends MongoRepository<E> {
  constructor(database: MongoDatabase, entity: E, options?: RepositoryOptions) {
    super(database, entity, tenantOptions(options));
  }

  perUser(): Promise<{ _id: string; rows: number }[]> {
    return this.aggregate<{ _id: string; rows: number }>([
      { $match: { tenant: { $eq: caller()?.tenant ?? '' } } },
      { $group: { _id: '$changedBy', rows: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ]);
  }

  protected override beforeInsert(draft: Insert<E>): Insert<E> {
    return { ...draft, changedBy: changer(this.entity.name) };
  }

  protected override beforeUpdate(change: Change<E>): Change<E> {
    return { ...change, changedBy: changer(this.entity.name) };
  }
}
