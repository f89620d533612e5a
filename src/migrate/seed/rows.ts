import { deleteCommand, filter, settle } from '../../core/build-command.js';
import { KNOWN } from '../../core/check-options.js';
import type { Executor } from '../../core/executor.js';
import { identityOf } from '../../core/key-match.js';
import type { Database } from '../../core/ports.js';
import { start } from '../../core/prepare.js';
import { takenFields, uniqueDraft, uniqueSet } from '../../core/prepare-upsert.js';
import { Repository } from '../../core/repository.js';
import { ValidationError } from '../../errors/data.js';
import { or } from '../../query/and-or-not.js';
import { anyOf } from '../../query/condition.js';
import { modelOf } from '../../schema/entity.js';
import type { EntityModel, FieldModel, StoredRow } from '../../schema/model.js';
import type { AnyEntity, Insert } from '../../schema/types.js';
import { isSame } from './same.js';

/** A draft that was checked, with what it is found again by. */
interface Checked {
  readonly draft: unknown;
  readonly row: StoredRow;
  readonly identity: string;
  /** What a row that is there must have, hidden fields left out: what is stored of them may be a hash. */
  readonly compared: readonly FieldModel[];
}

/** What one batch comes to. */
export interface BatchCounts {
  readonly inserted: number;
  readonly updated: number;
}

/** The rows of the drafts of one `put`, in one repository. */
export class SeededRows {
  readonly #repository: Repository<AnyEntity>;
  readonly #model: EntityModel;
  readonly #on: readonly FieldModel[];
  readonly #checked: readonly Checked[];

  /** @throws ValidationError for a draft that is not valid and for two drafts of one row */
  constructor(database: Database, target: unknown, drafts: Iterable<unknown>, on: unknown, base: Date) {
    this.#repository = repositoryOf(database, target, base);
    const { context } = this.#calls;
    const { model } = context;
    const { parsing } = start(context, KNOWN.call, undefined);
    this.#model = model;
    this.#on = on === undefined ? model.key : uniqueSet(parsing, on);
    settle(parsing);
    this.#checked = Array.from(drafts, (draft, i) => {
      const { row, given } = uniqueDraft(parsing, draft, this.#on, base.getTime(), true, `[${i}]`);
      for (const { name } of this.#on)
        if ((row[name] ?? null) === null)
          parsing.issues.push({
            path: `[${i}].${name}`,
            message: 'must be given a value: the row is found again by it',
          });
      const compared = takenFields(model, given, this.#on).filter(({ hidden }) => !hidden);
      return { draft, row, identity: this.#identity(row), compared };
    });
    settle(parsing);
    this.#refuseRepeated();
  }

  get size(): number {
    return this.#checked.length;
  }

  /** Stores the drafts of a batch that are not there or differ. */
  async put(from: number, to: number, signal: AbortSignal): Promise<BatchCounts> {
    const batch = this.#checked.slice(from, to);
    const there = await this.#find(batch, signal);
    const { deletedAt } = this.#model;
    const drafts: unknown[] = [];
    let restored = 0;
    for (const each of batch) {
      const row = there.get(each.identity);
      const isDeleted = row !== undefined && deletedAt !== null && row[deletedAt.name] !== null;
      const differs = row !== undefined && !each.compared.every(({ name }) => isSame(row[name], each.row[name]));
      if (isDeleted) await this.#repository.restore(this.#keyOf(row) as never, { signal });
      if (isDeleted && !differs) restored++;
      if (row === undefined || differs) drafts.push(each.draft);
    }
    if (drafts.length === 0) return { inserted: 0, updated: restored };
    const on = this.#on.map(({ name }) => name) as never;
    const { inserted, matched } = await this.#repository.upsertMany(drafts as Insert<AnyEntity>[], { on, signal });
    return { inserted, updated: matched + restored };
  }

  /** Takes the rows of a batch away for good, softly deleted ones too, and gives how many there were. */
  async remove(from: number, to: number, signal: AbortSignal): Promise<number> {
    const { context } = this.#calls;
    const { parsing, projection } = start(context, KNOWN.call, undefined);
    const deleted = this.#model.deletedAt === null ? undefined : 'with';
    const clause = filter(parsing, this.#where(this.#checked.slice(from, to)), deleted);
    return this.#calls.run({ command: deleteCommand(parsing, clause, null), projection, run: { signal } });
  }

  get #calls(): Executor {
    return (this.#repository as unknown as { readonly '~calls': Executor })['~calls'];
  }

  async #find(batch: readonly Checked[], signal: AbortSignal): Promise<ReadonlyMap<string, StoredRow>> {
    const { fields, key, deletedAt } = this.#model;
    const names = fields.filter(({ hidden }) => !hidden).map(({ name }) => name);
    // By another set than the key, a deleted row has no part in what is unique: a new one is stored beside it.
    const deleted = deletedAt !== null && this.#on === key ? { deleted: 'with' as const } : {};
    const rows = await this.#repository.find(this.#where(batch), { ...deleted, select: names as never[], signal });
    return new Map((rows as StoredRow[]).map((row) => [this.#identity(row), row]));
  }

  #where(batch: readonly Checked[]): never {
    const [first, ...others] = this.#on;
    if (others.length === 0) return { [first!.name]: anyOf(...batch.map(({ row }) => row[first!.name])) } as never;
    const values = batch.map(({ row }) => Object.fromEntries(this.#on.map(({ name }) => [name, row[name]])));
    return or<AnyEntity>(...values) as never;
  }

  #keyOf(row: StoredRow): unknown {
    const { key } = this.#model;
    return key.length === 1 ? row[key[0]!.name] : Object.fromEntries(key.map(({ name }) => [name, row[name]]));
  }

  #identity(row: StoredRow): string {
    return this.#on
      .map((field) => (row[field.name] == null ? '' : String(identityOf(field)(row[field.name]))))
      .join('\0');
  }

  #refuseRepeated(): void {
    const places = new Map<string, number>();
    const names = this.#on.map(({ name }) => `\`${name}\``).join(', ');
    this.#checked.forEach(({ identity }, i) => {
      const first = places.get(identity);
      if (first === undefined) places.set(identity, i);
      else {
        const message = `must be about another row: [${first}] has the same ${names}`;
        throw new ValidationError(this.#model.name, [{ path: `[${i}]`, message }]);
      }
    });
  }
}

function repositoryOf(database: Database, target: unknown, base: Date): Repository<AnyEntity> {
  if ((target as { readonly '~calls'?: unknown } | null | undefined)?.['~calls'] !== undefined)
    return target as Repository<AnyEntity>;
  modelOf(target);
  // Times that a draft leaves out are the same in every run, too.
  return new Repository(database as Database<never>, target as AnyEntity, { clock: { now: () => base.getTime() } });
}
