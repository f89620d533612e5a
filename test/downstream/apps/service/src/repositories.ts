import { increment } from 'trivet';
import { collectionOf } from 'trivet/mongo';
import type { Invoice, Project, Visit } from './entities.js';
import { caller } from './tenancy.js';
import { TenantCollection, TenantTable } from './tenant-engines.js';
import { TenantRepository } from './tenant-repository.js';

export class Projects extends TenantRepository<typeof Project> {
  open(): Promise<Project[]> {
    return this.find({ state: 'open' }, { orderBy: { title: 'asc' } });
  }

  bySlug(slug: string): Promise<Project | null> {
    return this.findOne({ slug });
  }

  visited(id: string): Promise<Project> {
    return this.update(id, { visits: increment(1) });
  }
}

export class Invoices extends TenantTable<typeof Invoice> {
  async total(projectId: string): Promise<string> {
    const [row] = await this.sql<{ total: string }>`
      select coalesce(sum(amount), 0)::text as total from ${this.entity}
      where tenant = ${caller()?.tenant ?? ''} and project_id = ${projectId}`;
    return row!.total;
  }
}

export class Visits extends TenantCollection<typeof Visit> {
  perPath(): Promise<{ _id: string; n: number }[]> {
    return this.aggregate<{ _id: string; n: number }>([
      { $match: { tenant: { $eq: caller()?.tenant ?? '' } } },
      { $group: { _id: '$path', n: { $sum: 1 } } },
      { $sort: { n: -1, _id: 1 } },
    ]);
  }

  /** By the driver itself. */
  async documents(): Promise<number> {
    const collection = await collectionOf<{ tenant: string }>(this);
    return collection.countDocuments({ tenant: caller()?.tenant ?? '' });
  }
}
