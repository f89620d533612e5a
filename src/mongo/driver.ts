import type * as Mongodb from 'mongodb';
import { DriverMissingError } from '../errors/runtime.js';
import type { BsonTypes, MongoClientLike, MongoCollectionLike } from './client.js';

// Versions before these can hand one caller the reply of another (CVE-2026-119179).
const RANGE = '^7.8.0';

/** What the library uses of the npm package. */
export interface Driver extends BsonTypes {
  readonly MongoClient: new (url: string, options: Readonly<Record<string, unknown>>) => MongoClientLike;
}

/** The driver, loaded at the first connect, so that importing the library needs none. @throws DriverMissingError */
export async function loadDriver(load: () => Promise<unknown> = () => import('mongodb')): Promise<Driver> {
  let module: { readonly default?: Partial<Driver> };
  try {
    module = (await load()) as typeof module;
  } catch (cause) {
    throw new DriverMissingError('mongodb', RANGE, { cause });
  }
  // Some loaders give the exports of a CommonJS package only as the default one.
  return (module.default?.MongoClient === undefined ? module : module.default) as Driver;
}

/** The driver's own collection, with the driver's own types. */
export type NativeCollection<T extends Mongodb.Document = Mongodb.Document> = Mongodb.Collection<T>;

/**
 * The driver's own collection of a repository, with the driver's types, for what repositories do not have.
 *
 * @example
 * ```ts
 * import { collectionOf, type MongoRepository } from 'trivet/mongo';
 *
 * declare const events: MongoRepository<any>;
 * const collection = await collectionOf(events);
 * await collection.createIndex({ kind: 'hashed' });
 * ```
 */
export async function collectionOf<T extends Mongodb.Document = Mongodb.Document>(repository: {
  collection(): Promise<MongoCollectionLike>;
}): Promise<NativeCollection<T>> {
  return (await repository.collection()) as unknown as NativeCollection<T>;
}
