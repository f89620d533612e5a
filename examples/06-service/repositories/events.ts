import { count, type Database, gte, Repository, type RepositoryOptions } from 'trivet';
import { Event } from '../entities/event.js';

/** The event log. */
export class Events extends Repository<typeof Event> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, Event, options);
  }

  /** How many times each post was viewed since then, the most viewed first. */
  viewsSince(since: Date, limit?: number) {
    return this.groupBy(
      ['postId'],
      { views: count() },
      {
        where: { kind: 'view', at: gte(since) },
        orderBy: { views: 'desc', postId: 'asc' },
        limit,
      },
    );
  }
}
