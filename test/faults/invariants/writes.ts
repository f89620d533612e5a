import {
  entity,
  increment,
  integer,
  list,
  type MongoRepository,
  type PostgresDatabase,
  push,
  type Repository,
  type Row,
  sql,
  text,
  uuid,
  versioned,
} from '../../../src/index.js';

export const Piece = entity('pieces', {
  id: uuid().primaryKey(),
  code: text().max(100).unique(),
  tag: text().max(100),
  n: integer().default(0),
  marks: list(text().max(20)).default([]),
  ...versioned(),
});

export type PieceRow = Row<typeof Piece>;

/** The table, whose name is in every command of the writes and in no other. */
export const TABLE = 'pieces';

/** What is there before a write: two rows of the same tag. */
export interface Before {
  readonly database: unknown;
  readonly pieces: Repository<typeof Piece>;
  readonly tag: string;
  readonly first: PieceRow;
  readonly second: PieceRow;
}

/** A write of which it can be told by the rows of its tag how often it was executed. */
export interface Write {
  readonly verb: string;
  /** Gives as little as tells whether it was right. */
  readonly call: (before: Before) => Promise<unknown>;
  readonly right: unknown;
  readonly times: (rows: readonly PieceRow[], before: Before) => number;
}

/** A draft of a new row each time that it is asked for, as a caller who tries again would make it. */
const draft = (tag: string) => ({ tag, code: `${tag} ${crypto.randomUUID()}` });

const numbers = (rows: readonly PieceRow[]): number => rows.reduce((all, { n }) => all + n, 0);
const versionOf = (rows: readonly PieceRow[], code: string): number =>
  rows.find((row) => row.code === code)?.version ?? 0;

/** Each is one command to the server, on MongoDB of one document. */
export const SINGLE: readonly Write[] = [
  {
    verb: 'insert',
    call: async ({ pieces, tag }) => (await pieces.insert(draft(tag))).tag.length > 0,
    right: true,
    times: (rows) => rows.length - 2,
  },
  {
    verb: 'update with increment()',
    call: async ({ pieces, first }) => (await pieces.update(first.id, { n: increment(1) })).n,
    right: 1,
    times: numbers,
  },
  {
    verb: 'update with push()',
    call: async ({ pieces, first }) => (await pieces.update(first.id, { marks: push('x') })).marks,
    right: ['x'],
    times: (rows, { first }) => rows.find(({ id }) => id === first.id)!.marks.length,
  },
  {
    verb: 'updateOne',
    call: async ({ pieces, tag }) =>
      (await pieces.updateOne({ tag }, { n: increment(1) }, { orderBy: { code: 'asc' } }))?.n,
    right: 1,
    times: numbers,
  },
  {
    verb: 'upsert of a row that is there',
    call: async ({ pieces, first, tag }) => (await pieces.upsert({ code: first.code, tag }, { on: 'code' })).action,
    right: 'updated',
    times: (rows, { first }) => versionOf(rows, first.code) - 1,
  },
  {
    verb: 'upsert of a new row',
    call: async ({ pieces, tag }) => (await pieces.upsert({ code: `${tag} new`, tag }, { on: 'code' })).action,
    right: 'inserted',
    times: (rows, { tag }) => versionOf(rows, `${tag} new`),
  },
  {
    verb: 'delete',
    call: async ({ pieces, first }) => (await pieces.delete(first.id)).code === first.code,
    right: true,
    times: (rows) => 2 - rows.length,
  },
];

/** Each is one command to the server, on MongoDB of several documents, which is a transaction there. */
export const MANY: readonly Write[] = [
  {
    verb: 'insertMany',
    call: async ({ pieces, tag }) => (await pieces.insertMany([draft(tag), draft(tag)])).length,
    right: 2,
    times: (rows) => rows.length / 2 - 1,
  },
  {
    verb: 'updateMany',
    call: ({ pieces, tag }) => pieces.updateMany({ tag }, { n: increment(1) }),
    right: 2,
    times: (rows) => numbers(rows) / 2,
  },
  {
    verb: 'updateEach',
    call: ({ pieces, first, second }) =>
      pieces.updateEach([
        { id: first.id, n: increment(1) },
        { id: second.id, n: increment(2) },
      ]),
    right: { matched: 2, inserted: 0, deleted: 0 },
    times: (rows) => numbers(rows) / 3,
  },
  {
    verb: 'upsertMany',
    call: ({ pieces, first, tag }) =>
      pieces.upsertMany(
        [
          { code: first.code, tag },
          { code: `${tag} new`, tag },
        ],
        { on: 'code' },
      ),
    right: { matched: 1, inserted: 1, deleted: 0 },
    times: (rows, { first, tag }) => (versionOf(rows, first.code) - 1 + versionOf(rows, `${tag} new`)) / 2,
  },
  {
    verb: 'bulk of one kind',
    call: ({ pieces, tag }) => pieces.bulk([{ insert: draft(tag) }, { insert: draft(tag) }]),
    right: { matched: 0, inserted: 2, deleted: 0 },
    times: (rows) => rows.length / 2 - 1,
  },
  {
    verb: 'deleteMany',
    call: ({ pieces, tag }) => pieces.deleteMany({ tag }),
    right: 2,
    times: (rows) => 1 - rows.length / 2,
  },
];

/** Several commands, which are a transaction everywhere. */
export const MIXED: Write = {
  verb: 'bulk of several kinds',
  call: ({ pieces, first, tag }) =>
    pieces.bulk([{ update: first.id, set: { n: increment(1) } }, { insert: draft(tag) }]),
  right: { matched: 1, inserted: 1, deleted: 0 },
  times: (rows) => (numbers(rows) + rows.length - 2) / 2,
};

const counting = `update ${TABLE} set n = n + 1 where tag = $1`;
const ofBoth = (rows: readonly PieceRow[]): number => numbers(rows) / 2;

/** Statements of the caller's own. */
export const OF_POSTGRES: readonly Write[] = [
  {
    verb: 'query',
    call: ({ database, tag }) => (database as PostgresDatabase).query(counting, [tag]),
    right: [],
    times: ofBoth,
  },
  {
    verb: 'query of a fragment',
    call: ({ database, tag }) =>
      (database as PostgresDatabase).query(sql`update ${Piece} set n = n + 1 where tag = ${tag}`),
    right: [],
    times: ofBoth,
  },
  {
    verb: 'prepared',
    call: ({ database, tag }) => (database as PostgresDatabase).prepared('counting', counting, [tag]),
    right: [],
    times: ofBoth,
  },
];

/** A pipeline of the caller's own that writes. The driver tries it again as little as we do. */
export const OF_MONGO: readonly Write[] = [
  {
    verb: 'aggregate with $merge',
    call: ({ pieces, tag }) => {
      const whenMatched = [{ $set: { n: { $add: ['$n', 1] } } }];
      return (pieces as MongoRepository<typeof Piece>).aggregate([
        { $match: { tag } },
        { $merge: { into: TABLE, on: '_id', whenMatched } },
      ]);
    },
    right: [],
    times: ofBoth,
  },
];
