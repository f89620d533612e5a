import { type MongoDatabase, MongoRepository } from 'trivet';
import { Post } from '../../06-service/entities/post.js';
import type { Month, Months } from './months.js';

export class MongoMonths extends MongoRepository<typeof Post> implements Months {
  constructor(database: MongoDatabase) {
    super(database, Post);
  }

  all(): Promise<Month[]> {
    return this.aggregate<Month>([
      { $match: { status: 'published', deletedAt: null } },
      { $sort: { views: -1, _id: 1 } },
      {
        $group: {
          _id: { $dateToString: { date: '$publishedAt', format: '%Y-%m' } },
          posts: { $sum: 1 },
          views: { $sum: '$views' },
          best: { $first: '$title' },
        },
      },
      {
        $setWindowFields: {
          sortBy: { _id: 1 },
          output: {
            postsSoFar: { $sum: '$posts', window: { documents: ['unbounded', 'current'] } },
            before: { $shift: { output: '$views', by: -1, default: null } },
          },
        },
      },
      {
        $project: {
          _id: 0,
          month: '$_id',
          posts: 1,
          views: 1,
          postsSoFar: 1,
          change: { $subtract: ['$views', '$before'] },
          best: 1,
        },
      },
      { $sort: { month: 1 } },
    ]);
  }
}
