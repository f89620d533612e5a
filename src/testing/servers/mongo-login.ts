import type { MongoClient, MongoClientOptions } from 'mongodb';
import { loadMongodb } from '../driver.js';
import { StepUnavailable } from './error.js';
import { ownName } from './names.js';
import { reasonOf, secretsOf } from './report.js';

/** Runs `use` with a client of its own. */
export async function withMongo<Result>(
  url: string,
  use: (client: MongoClient) => Promise<Result>,
  options: MongoClientOptions = {},
): Promise<Result> {
  const { MongoClient } = await loadMongodb();
  // The driver's own default is 30 s; what the address says comes first.
  const patience = /[?&]serverSelectionTimeoutMS=/i.test(url) ? {} : { serverSelectionTimeoutMS: 5000 };
  const client = new MongoClient(url, { ...patience, ...options });
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.close();
  }
}

/** What a server said to a login. */
export interface MongoGreeting {
  readonly version: string;
  /** Undefined for a router of a sharded cluster. */
  readonly replicaSet: string | undefined;
}

/** Logs in; the step is unavailable when that fails, or when the server cannot run transactions. */
export async function greet(url: string, options: MongoClientOptions = {}): Promise<MongoGreeting> {
  try {
    return await withMongo(
      url,
      async (client) => {
        const admin = client.db('admin');
        const hello = await admin.command({ hello: 1 });
        if (!hello['setName'] && hello['msg'] !== 'isdbgrid') {
          throw new StepUnavailable('it is a standalone server, and transactions need a replica set (`--replSet`)');
        }
        if (!hello['isWritablePrimary']) throw new StepUnavailable('it is a secondary, which refuses writes');
        // `hello` needs no login; this does, and the right to use a database of ours.
        await client.db(ownName()).listCollections().toArray();
        const { version } = await admin.command({ buildInfo: 1 });
        return { version: String(version), replicaSet: hello['setName'] };
      },
      options,
    );
  } catch (error) {
    if (error instanceof StepUnavailable) throw error;
    throw new StepUnavailable(reasonOf(error, secretsOf(url)));
  }
}

// `URL` does not take several hosts.
const parts = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

/** Whether an address has the form that the driver wants. */
export function isMongoAddress(url: string): boolean {
  return parts.test(url);
}

/** The same servers and login, another database. */
export function withMongoDatabase(url: string, database: string): string {
  const [, scheme = '', authority = '', path = '', query = ''] = parts.exec(url) ?? [];
  const options = new URLSearchParams(query);
  // Without `authSource` a login is looked up in the database of the path, which we are about to change.
  if (authority.includes('@') && path && !options.has('authSource'))
    options.set('authSource', decodeURIComponent(path));
  const rest = options.size > 0 ? `?${options}` : '';
  return `${scheme}${authority}/${database}${rest}`;
}

/** The hosts of an address. */
export function mongoHosts(url: string): string {
  return (parts.exec(url)?.[2] ?? '').replace(/^.*@/, '');
}
