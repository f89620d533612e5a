export type {
  MongoClientLike,
  MongoCollectionLike,
  MongoCursorLike,
  MongoDbLike,
  MongoSessionLike,
} from './client.js';
export type {
  MongoConcernOptions,
  MongoReadConcern,
  MongoReadPreference,
  MongoWriteConcern,
} from './concerns.js';
export { MongoDatabase } from './database.js';
export { collectionOf, type NativeCollection } from './driver.js';
export { MONGO_DEFAULTS, type MongoOptions } from './options.js';
export { MongoRepository } from './repository.js';
export type { MongoTransactionOptions } from './transaction.js';
