import assert from 'node:assert/strict';
import type { Database } from '../../core/ports.js';
import { Repository } from '../../core/repository.js';
import { ValidationError } from '../../errors/data.js';
import { TRUE } from '../../query/clause.js';
import type { Command } from '../../query/command.js';
import { modelOf } from '../../schema/entity.js';
import type { EntityModel } from '../../schema/model.js';
import type { AnyEntity } from '../../schema/types.js';
import type { Rule } from '../contract.js';
import { Account, Article, Box, Member, Numbered, Sample, Slot, Ticket, Word } from './entities.js';
import { Job, Share } from './fenced-entities.js';
import { Crate, Parcel, Writer } from './guarded-entities.js';
import { Place, Span } from './near-entities.js';
import { noting } from './noting.js';
import { Liking, Memo, Person } from './related-entities.js';
import type { Row, Verbs } from './verbs.js';

export type { NumberedPage, PositionedPage, Row, Verbs } from './verbs.js';

/**
 * One rule and how to see that an engine keeps it. Cases run one after another: each clears the tables that it uses. `run` makes the contract's tables on
 * the first use of a database.
 */
export type ContractCase = Rule<Database>;

const ENTITIES: {
  readonly Account: typeof Account;
  readonly Article: typeof Article;
  readonly Box: typeof Box;
  readonly Crate: typeof Crate;
  readonly Job: typeof Job;
  readonly Liking: typeof Liking;
  readonly Memo: typeof Memo;
  readonly Member: typeof Member;
  readonly Numbered: typeof Numbered;
  readonly Parcel: typeof Parcel;
  readonly Person: typeof Person;
  readonly Place: typeof Place;
  readonly Sample: typeof Sample;
  readonly Share: typeof Share;
  readonly Slot: typeof Slot;
  readonly Span: typeof Span;
  readonly Ticket: typeof Ticket;
  readonly Word: typeof Word;
  readonly Writer: typeof Writer;
} = {
  Account,
  Article,
  Box,
  Crate,
  Job,
  Liking,
  Memo,
  Member,
  Numbered,
  Parcel,
  Person,
  Place,
  Sample,
  Share,
  Slot,
  Span,
  Ticket,
  Word,
  Writer,
};

/** The models of the contract's own entities. */
export const models: readonly EntityModel[] = Object.values(ENTITIES).map((each) => modelOf(each));

const prepared = new WeakMap<Database, Promise<unknown>>();

function prepare(database: Database): Promise<unknown> {
  let ready = prepared.get(database);
  if (ready === undefined) {
    ready = database.run({ kind: 'ensureSchema', entities: models });
    prepared.set(database, ready);
  }
  return ready;
}

/** Names a rule and the body that checks it. */
export function law(name: string, body: (given: Given) => Promise<void>): ContractCase {
  return {
    name,
    run: async (database) => {
      await prepare(database);
      await body(new Given(database));
    },
  };
}

/** What a case starts from: repositories over empty tables. */
export class Given {
  readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** All kinds of fields, at the top, in an object and in lists; no soft delete, no version. */
  samples(...drafts: object[]): Promise<Verbs> {
    return this.#over(Sample, drafts);
  }

  /** Soft delete, version, timestamps, unique fields and sets, a hidden and a computed field. */
  accounts(...drafts: object[]): Promise<Verbs> {
    return this.#over(Account, drafts);
  }

  /** Texts that are searched, with soft delete. Their keys ascend. */
  articles(...drafts: object[]): Promise<Verbs> {
    const id = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    return this.#over(
      Article,
      drafts.map((draft, i) => ({ id: id(i), ...draft })),
    );
  }

  /** A composite key. */
  members(...drafts: object[]): Promise<Verbs> {
    return this.#over(Member, drafts);
  }

  /** A text key that is not called `id`. */
  tickets(...drafts: object[]): Promise<Verbs> {
    return this.#over(Ticket, drafts);
  }

  /** A bigint key. */
  numbered(...drafts: object[]): Promise<Verbs> {
    return this.#over(Numbered, drafts);
  }

  /** Unique values of several kinds, without soft delete. */
  slots(...drafts: object[]): Promise<Verbs> {
    return this.#over(Slot, drafts);
  }

  /** Field and column names that are words of a query language. */
  words(...drafts: object[]): Promise<Verbs> {
    return this.#over(Word, drafts);
  }

  /** Every bound that a server keeps. */
  boxes(...drafts: object[]): Promise<Verbs> {
    return this.#over(Box, drafts);
  }

  /** Soft delete, a hidden and a computed field, a boss and friends who are people too. */
  people(...drafts: object[]): Promise<Verbs> {
    return this.#over(Person, drafts);
  }

  /** Each may have a person, by a `bigint`, where the person's own key is an `integer`. */
  memos(...drafts: object[]): Promise<Verbs> {
    return this.#over(Memo, drafts);
  }

  /** Rows between memos and people; soft delete, and nothing that keeps a pair from being there twice. */
  likings(...drafts: object[]): Promise<Verbs> {
    return this.#over(Liking, drafts);
  }

  /** Points with an index, at the top and in an object, one without, and a hidden one; soft delete and a computed field. */
  places(...drafts: object[]): Promise<Verbs> {
    return this.#over(Place, drafts);
  }

  /** The same engine, and every command that it is given. */
  counted(name: keyof typeof ENTITIES): { readonly verbs: Verbs; readonly sent: Command[] } {
    const sent: Command[] = [];
    const database = noting(this.database, (command) => sent.push(command));
    return { verbs: verbsOf(database, ENTITIES[name]), sent };
  }

  /** Rows of tenants, deleted softly. */
  parcels(...drafts: object[]): Promise<Verbs> {
    return this.#over(Parcel, drafts);
  }

  /** Rows of tenants, deleted for good. */
  crates(...drafts: object[]): Promise<Verbs> {
    return this.#over(Crate, drafts);
  }

  /** Rows that are written under a lock; soft delete, version, timestamps. */
  jobs(...drafts: object[]): Promise<Verbs> {
    return this.#over(Job, drafts);
  }

  /** The same with a composite key, deleted for good. */
  shares(...drafts: object[]): Promise<Verbs> {
    return this.#over(Share, drafts);
  }

  /** What hooks fill and change. */
  writers(...drafts: object[]): Promise<Verbs> {
    return this.#over(Writer, drafts);
  }

  /** Verbs that send nothing anywhere: each command is noted, and then fails. */
  watched(name: keyof typeof ENTITIES): { readonly verbs: Verbs; readonly sent: Command[] } {
    const sent: Command[] = [];
    const note = (command: Command): never => {
      sent.push(command);
      throw new Error(`A command was sent: ${command.kind}`);
    };
    const database: Database = {
      engine: this.database.engine,
      run: async (command) => note(command),
      stream: (command) => ({
        [Symbol.asyncIterator]: () => ({ next: async () => note(command) }),
      }),
      transaction: (work, options) => this.database.transaction(work, options),
      detached: (work) => this.database.detached(work),
    };
    return { verbs: verbsOf(database, ENTITIES[name]), sent };
  }

  async #over(entity: AnyEntity, drafts: readonly object[]): Promise<Verbs> {
    await clear(this.database, modelOf(entity));
    const verbs = verbsOf(this.database, entity);
    if (drafts.length > 0) await verbs.insertMany(drafts);
    return verbs;
  }
}

/** A repository over the engine, without its types. */
export function verbsOf(database: Database, entity: AnyEntity, options?: object): Verbs {
  return new Repository<AnyEntity>(database as never, entity, options) as unknown as Verbs;
}

/** Soft-deleted rows go too, which no verb of the repository would do in one command. */
async function clear(database: Database, entity: EntityModel): Promise<void> {
  await database.run({
    kind: 'delete',
    entity,
    shape: 'contract:clear',
    where: TRUE,
    values: [],
    many: true,
    select: entity.key,
  });
}

/** The labels of rows, in their order. */
export function labels(rows: readonly Row[]): string[] {
  return rows.map((row) => row['label']);
}

/** The labels that a filter finds, sorted; `count` and `exists` must tell the same. */
export async function matching(verbs: Verbs, where: unknown): Promise<string> {
  const found = labels(await verbs.find(where)).sort();
  assert.equal(await verbs.count(where), found.length, 'count differs from find');
  assert.equal(await verbs.exists(where), found.length > 0, 'exists differs from find');
  return found.join(' ');
}

/** A draft or a filter for one value, which may lie inside an object. */
export function at(path: string, value: unknown): Row {
  const [head = '', ...rest] = path.split('.');
  return { [head]: rest.length === 0 ? value : at(rest.join('.'), value) };
}

/** The value at a dotted path, null where something above it is null. */
export function pick(row: Row, path: string): any {
  let value: any = row;
  for (const name of path.split('.')) value = value === null ? null : value[name];
  return value;
}

/** Expects the error class, and then checks the error itself. */
export async function fails<E extends Error>(
  work: () => Promise<unknown>,
  expected: abstract new (...values: any[]) => E,
  check: (error: E) => void = () => {},
): Promise<void> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    assert.ok(error instanceof expected, `Expected ${expected.name}, got ${String((error as Error)?.stack ?? error)}`);
    check(error);
    return;
  }
  assert.fail(`Expected ${expected.name}, but the call gave ${typeof result}`);
}

/** Expects a ValidationError with an issue at each of the paths. */
export function refuses(work: () => Promise<unknown>, ...paths: readonly string[]): Promise<void> {
  return fails(work, ValidationError, (error) => {
    const told = error.issues.map((issue) => issue.path);
    for (const path of paths)
      assert.ok(told.includes(path), `Expected an issue at "${path}", got ${JSON.stringify(told)}`);
  });
}
