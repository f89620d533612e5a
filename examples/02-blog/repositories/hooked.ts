import { type AnyEntity, type CallOptions, type Insert, type Patch, Repository } from 'trivet';

export type Change<E extends AnyEntity> = Partial<Insert<E>> & Patch<E>;

/**
 * Lets a repository fill in or change what `insert`, `insertMany`, `update` and `updateOne` are about to write. No other verb runs these
 * methods: the services of the blog use none of those for a field that one of them looks after.
 */
export abstract class Hooked<E extends AnyEntity> extends Repository<E> {
  protected async beforeInsert(change: Change<E>): Promise<Change<E>> {
    return change;
  }
  protected async beforeSave(change: Change<E>): Promise<Change<E>> {
    return change;
  }
  override async insert(draft: Insert<E>, options?: CallOptions): Promise<E['~row']> {
    return super.insert(await this.#both(draft), options);
  }
  override async insertMany(drafts: readonly Insert<E>[], options?: CallOptions): Promise<E['~row'][]> {
    return super.insertMany(await Promise.all(drafts.map((each) => this.#both(each))), options);
  }
  override async update(id: E['~id'], patch: Patch<E>, options?: any): Promise<E['~row']> {
    return super.update(id, await this.beforeSave(patch), options);
  }
  override async updateOne(where: E['~where'], patch: Patch<E>, options?: any): Promise<E['~row'] | null> {
    return super.updateOne(where, await this.beforeSave(patch), options);
  }
  async #both(draft: Insert<E>): Promise<Insert<E>> {
    return this.beforeSave(await this.beforeInsert(draft));
  }
}
