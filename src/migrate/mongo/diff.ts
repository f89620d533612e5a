import type { Document } from '../../mongo/client.js';
import type { MongoDatabase } from '../../mongo/database.js';
import { validatorIn } from '../../mongo/live-schema.js';
import { Names } from '../../mongo/names.js';
import type { RawCommands } from '../../mongo/raw.js';
import { validatorOf } from '../../mongo/validator.js';
import type { EntityModel } from '../../schema/model.js';
import type { DiffOptions, MongoCommand, RenameQuestion, SchemaDiff } from '../diff/types.js';
import { Findings, warning } from './diff-changes.js';
import { compareIndexes, dropRenamed } from './diff-indexes.js';
import { compareValidator, renamedFields } from './diff-validator.js';
import { type LiveCollection, liveCollections, liveIndexes } from './live.js';
import { collectionQuestions, fieldQuestions, parseRenames, type Renames } from './renames.js';

/** Looking for duplicates goes through whole collections. */
const TIMEOUT_MS = 600_000;
const LOCK = '_lock';

/** What differs between the entities and the database. It only reads. */
export async function diffMongo(
  database: MongoDatabase,
  models: readonly EntityModel[],
  options: DiffOptions,
): Promise<SchemaDiff<MongoCommand>> {
  return database.detached(async () => {
    const naming = await database['~raw']({}, async (raw) => raw.naming);
    const all = models.map((model) => new Names(model, naming));
    const renames = parseRenames(options.renames ?? {}, all);
    const diff = await database['~raw']({ timeoutMs: TIMEOUT_MS }, async (raw) => {
      const work = new MongoDiff(raw, all, await liveCollections(raw), options);
      await work.run(renames);
      return work;
    });
    // What cannot be written down is no failure of the server's.
    return diff.result();
  });
}

class MongoDiff {
  readonly #raw: RawCommands;
  readonly #all: readonly Names[];
  readonly #live: ReadonlyMap<string, LiveCollection>;
  readonly #options: DiffOptions;
  readonly #findings = new Findings();
  readonly #questions: RenameQuestion[] = [];
  readonly #missing: { readonly names: Names; readonly validator: Document }[] = [];
  /** Collections that are an entity's, or were. */
  readonly #known = new Set<string>();

  constructor(
    raw: RawCommands,
    all: readonly Names[],
    live: ReadonlyMap<string, LiveCollection>,
    options: DiffOptions,
  ) {
    this.#raw = raw;
    this.#all = all;
    this.#live = live;
    this.#options = options;
  }

  async run(renames: ReadonlyMap<string, Renames>): Promise<void> {
    for (const names of this.#all) await this.#compare(names, renames.get(names.collection)!);
    await this.#strangers();
  }

  /** @throws TypeError for values of the server that a migration cannot hold */
  result(): SchemaDiff<MongoCommand> {
    return { changes: this.#findings.changes(), foreign: this.#findings.foreign, questions: this.#questions };
  }

  async #compare(names: Names, renames: Renames): Promise<void> {
    const { collection } = names;
    this.#known.add(collection);
    const there = this.#live.get(collection);
    const before = there === undefined && renames.from !== null ? this.#live.get(renames.from) : undefined;
    const live = there ?? before;
    const validator = validatorOf(names.entity, names, this.#raw.bson);
    if (live === undefined) {
      await this.#create(names, validator);
      return;
    }
    if (live.type !== 'collection') {
      this.#findings.foreign.push(`${collection} is a ${live.type}, no collection: nothing is done to it.`);
      return;
    }
    if (before !== undefined) this.#rename(before.name, collection);
    const drop = this.#options.drop ?? false;
    const subject = { raw: this.#raw, names, renames, live, drop, findings: this.#findings };
    const fields = await renamedFields(subject);
    const indexes = dropRenamed(subject, await liveIndexes(this.#raw, live.name), fields);
    await compareValidator(subject, validator, fields, indexes);
    await compareIndexes(subject, indexes, fields);
    const answered = new Set(Object.keys(this.#options.renames ?? {}));
    this.#questions.push(...fieldQuestions(collection, validatorIn(live.options), validator, answered));
  }

  async #create(names: Names, validator: Document): Promise<void> {
    const { collection } = names;
    this.#missing.push({ names, validator });
    this.#findings.add({
      action: 'create',
      what: `collection ${collection}`,
      up: [{ create: collection, validator }],
      down: [{ drop: collection }],
    });
    const renames = { from: null, fields: new Map<string, string>() };
    const subject = { raw: this.#raw, names, renames, live: null, drop: false, findings: this.#findings };
    await compareIndexes(subject, [], new Map());
  }

  #rename(from: string, to: string): void {
    this.#known.add(from);
    this.#findings.add({
      action: 'rename',
      what: `collection ${from} to ${to}`,
      up: [{ renameCollection: from, to }],
      down: [{ renameCollection: to, to: from }],
      warnings: [
        warning('breaks-readers', `Programs that run now and use \`${from}\` find it empty, and make it anew.`),
      ],
    });
  }

  /** What is no entity's. */
  async #strangers(): Promise<void> {
    const strangers = [...this.#live.values()]
      .filter(({ name }) => !this.#known.has(name) && !this.#isLedger(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const dropped = new Set(this.#options.dropTables ?? []);
    for (const each of strangers) {
      if (dropped.has(each.name)) await this.#drop(each);
      else
        this.#findings.foreign.push(
          `${each.name} is a ${each.type} that belongs to no entity; \`dropTables\` takes it away.`,
        );
    }
    const answered = new Set([...dropped, ...Object.keys(this.#options.renames ?? {})]);
    const asked = strangers.filter(({ name, type }) => type === 'collection' && !answered.has(name));
    this.#questions.push(...(await collectionQuestions(this.#raw, asked, this.#missing)));
  }

  /** What migrations keep for themselves, under whatever name: nobody should be told to drop it. */
  #isLedger(name: string): boolean {
    return this.#live.has(name + LOCK) || (name.endsWith(LOCK) && this.#live.has(name.slice(0, -LOCK.length)));
  }

  async #drop({ name, type, options }: LiveCollection): Promise<void> {
    const indexes = type === 'collection' ? await liveIndexes(this.#raw, name) : [];
    const specs = indexes.map(({ v: _, ...spec }) => spec);
    this.#findings.add({
      action: 'drop',
      what: `${type} ${name}`,
      up: [{ drop: name }],
      down: [{ create: name, ...options }, ...(specs.length > 0 ? [{ createIndexes: name, indexes: specs }] : [])],
      warnings: [
        ...(type === 'view'
          ? []
          : [warning('destroys', 'The documents are gone for good: the way back makes it empty.')]),
        warning('breaks-readers', 'Programs that run now may use it: let it go only when nobody does any more.'),
      ],
    });
  }
}
