import { type Database, MemoryDatabase, type MongoDatabase, type PostgresDatabase } from 'trivet';
import { postRelations } from '../06-service/relations.js';
import { type Repositories, repositoriesOf } from '../06-service/repositories.js';
import { Accounts } from '../06-service/services/accounts.js';
import { Analytics } from '../06-service/services/analytics.js';
import { Directory } from '../06-service/services/directory.js';
import { Discussion } from '../06-service/services/discussion.js';
import { Publishing } from '../06-service/services/publishing.js';
import { Reading } from '../06-service/services/reading.js';
import { ViewCounts } from '../06-service/services/view-counts.js';
import { StoryClock } from './clock.js';
import { MongoMonths } from './months/mongo.js';
import type { Months } from './months/months.js';
import { PortableMonths } from './months/portable.js';
import { PostgresMonths } from './months/postgres.js';
import { OPENED } from './seed/seed.js';

/** A blog, ready to be used. */
export interface Blog {
  readonly clock: StoryClock;
  readonly repositories: Repositories;
  readonly accounts: Accounts;
  readonly directory: Directory;
  readonly publishing: Publishing;
  readonly discussion: Discussion;
  readonly reading: Reading;
  readonly analytics: Analytics;
  readonly viewCounts: ViewCounts;
  readonly months: Months;
}

// This module alone knows which engines there are.

export function postgresBlog(database: PostgresDatabase, log: MongoDatabase): Blog {
  return compose(database, log, () => new PostgresMonths(database));
}

export function mongoBlog(database: MongoDatabase): Blog {
  return compose(database, database, () => new MongoMonths(database));
}

export function memoryBlog(database: Database = new MemoryDatabase()): Blog {
  return compose(database, database, ({ posts }) => new PortableMonths(posts));
}

function compose(database: Database, log: Database, months: (repositories: Repositories) => Months): Blog {
  const clock = new StoryClock(OPENED);
  const repositories = repositoriesOf(database, log, clock);
  const relations = postRelations(repositories);
  return {
    clock,
    repositories,
    accounts: new Accounts(repositories.users, clock),
    directory: new Directory(repositories.users, repositories.posts),
    publishing: new Publishing(repositories, clock),
    discussion: new Discussion(repositories),
    reading: new Reading(repositories, relations, clock),
    analytics: new Analytics(repositories, relations),
    viewCounts: new ViewCounts(repositories, clock),
    months: months(repositories),
  };
}
