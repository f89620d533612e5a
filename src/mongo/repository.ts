import { checkBag, KNOWN, runOptions } from '../core/check-options.js';
import type { RepositoryOptions } from '../core/hookable.js';
import type { CallOptions } from '../core/options.js';
import { Repository } from '../core/repository.js';
import type { Supports } from '../schema/field.js';
import type { AnyEntity } from '../schema/types.js';
import type { MongoCollectionLike } from './client.js';
import { forDriver, type MongoConcernOptions } from './concerns.js';
import type { MongoDatabase } from './database.js';
import { sentPipeline } from './sending.js';
import { viewIn } from './view.js';

/**
 * A repository with what only MongoDB can do: aggregation pipelines, and the driver's own collection.
 *
 * @example
 * ```ts
 * import { entity, MongoDatabase, MongoRepository, text, uuid } from 'trivet';
 *
 * const Event = entity('events', { id: uuid().primaryKey(), kind: text() });
 *
 * class Events extends MongoRepository<typeof Event> {
 *   perKind() {
 *     return this.aggregate<{ _id: string; n: number }>([{ $group: { _id: '$kind', n: { $sum: 1 } } }]);
 *   }
 * }
 * const events = new Events(new MongoDatabase({ url: 'mongodb://localhost/app' }), Event);
 * ```
 */
export class MongoRepository<E extends AnyEntity & Supports<'mongo'>> extends Repository<E> {
  readonly #database: MongoDatabase;

  constructor(database: MongoDatabase, entity: E, options?: RepositoryOptions) {
    super(database, entity, options);
    this.#database = database;
  }

  /**
   * Runs a pipeline on the collection and gives its documents as the driver decodes them. It sees documents as they are stored:
   * a single key is `_id`, a field without a value is absent, deleted rows are there. Nothing of it is checked:
   * never build a stage from input, and give values from input through `$literal`.
   *
   * @throws QueryError when the server refuses the pipeline.
   */
  async aggregate<R extends object = Record<string, unknown>>(
    pipeline: readonly object[],
    options?: CallOptions,
  ): Promise<R[]> {
    const { name, '~model': model } = this.entity;
    const run = runOptions(name, checkBag(name, KNOWN.call, options));
    const documents = await this.#database['~use'](model, run, (collection, call) => {
      call.watch?.undivided();
      const { session, signal, concerns } = call;
      const options = { maxTimeMS: call.left(), signal, session, ...concerns, ...forDriver(concerns.writeConcern) };
      return collection.aggregate(sentPipeline(call, pipeline), options).toArray();
    });
    return documents as R[];
  }

  /**
   * This repository, with every call read or written in another way: `events.with({ readPreference: 'secondaryPreferred' }).find()`. It has all
   * methods, those of your own class too; what they call on the database is read and written so, other repositories as well. `with` of
   * such a repository adds to it. A call that joins a transaction is refused: it has what `transaction` was given.
   *
   * @throws ValidationError for what MongoDB does not have
   * @example
   * ```ts
   * import { entity, MongoDatabase, MongoRepository, text, uuid } from 'trivet';
   *
   * const Payment = entity('payments', { id: uuid().primaryKey(), state: text() });
   * const payments = new MongoRepository(new MongoDatabase({ url: 'mongodb://localhost/app' }), Payment);
   *
   * async function report() {
   *   await payments.with({ writeConcern: { w: 'majority', journal: true } }).insert({ state: 'paid' });
   *   return payments.with({ readConcern: 'majority', readPreference: 'secondaryPreferred' }).find({ state: 'paid' });
   * }
   * ```
   */
  with(options: MongoConcernOptions): this {
    return viewIn(this, this.#database['~with'](this.entity.name, options));
  }

  /** The driver's own collection. `collectionOf` of `trivet/mongo` gives it with the driver's types. */
  collection(): Promise<MongoCollectionLike> {
    return this.#database.collection(this.entity);
  }
}
