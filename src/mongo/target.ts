import { type PlanCache, planKey } from '../core/plan-cache.js';
import type { Command } from '../query/command.js';
import type { EntityModel, Naming, StoredRow } from '../schema/model.js';
import type { Document, MongoCollectionLike } from './client.js';
import type { Opened } from './connection.js';
import { objectEncoder } from './fields.js';
import { Names } from './names.js';

type ShapedCommand = Exclude<Command, { readonly kind: 'ensureSchema' }>;

/** One entity in one connected database. */
export class Target {
  readonly opened: Opened;
  readonly names: Names;
  readonly collection: MongoCollectionLike;
  /** From a row to its document. */
  readonly encode: (row: StoredRow) => Document;
  readonly #plans: PlanCache;

  constructor(opened: Opened, entity: EntityModel, naming: Naming, plans: PlanCache) {
    this.opened = opened;
    this.names = new Names(entity, naming);
    this.collection = opened.db.collection(this.names.collection);
    this.encode = objectEncoder(entity.fields, (field) => this.names.top(field), opened.bson);
    this.#plans = plans;
  }

  /** The plan of a command's shape. */
  plan<P extends object>(command: ShapedCommand, compile: () => P): P {
    return this.#plans.get(planKey(command), compile);
  }
}
