import type { WriteCounts } from '../../core/verb-types.js';
import type { SchemaReport } from '../../query/command.js';

/** A row without its type: what the verbs give is typed elsewhere, what they do is pinned here. */
export type Row = Record<string, any>;

export interface NumberedPage {
  readonly rows: Row[];
  readonly total: number | null;
  readonly totalIsExact: boolean;
  readonly page: number;
  readonly pages: number | null;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

export interface PositionedPage {
  readonly rows: Row[];
  readonly next: string | null;
  readonly previous: string | null;
}

/** The verbs as plain JavaScript sees them, so that input which no type allows can be given too. */
export interface Verbs {
  findById(id: unknown, options?: object): Promise<Row | null>;
  get(id: unknown, options?: object): Promise<Row>;
  findOne(where: unknown, options?: object): Promise<Row | null>;
  find(where?: unknown, options?: object): Promise<Row[]>;
  count(where?: unknown, options?: object): Promise<number>;
  exists(where?: unknown, options?: object): Promise<boolean>;
  distinct(path: unknown, where?: unknown, options?: object): Promise<any[]>;
  stream(where?: unknown, options?: object): AsyncIterable<Row>;
  groupBy(keys: unknown, measures: unknown, options?: object): Promise<Row[]>;
  search(text: unknown, options?: object): Promise<Row[]>;
  near(field: unknown, point: unknown, options?: object): Promise<Row[]>;
  paginate(where?: unknown, options?: object): Promise<NumberedPage>;
  paginateByCursor(where?: unknown, options?: object): Promise<PositionedPage>;
  insert(draft: unknown, options?: object): Promise<Row>;
  insertMany(drafts: unknown, options?: object): Promise<Row[]>;
  update(id: unknown, patch: unknown, options?: object): Promise<Row>;
  updateOne(where: unknown, patch: unknown, options?: object): Promise<Row | null>;
  updateMany(where: unknown, patch: unknown, options?: object): Promise<number>;
  updateEach(rows: unknown, options?: object): Promise<WriteCounts>;
  upsertMany(drafts: unknown, options: object): Promise<WriteCounts>;
  bulk(writes: unknown, options?: object): Promise<WriteCounts>;
  upsert(draft: unknown, options: object): Promise<{ row: Row; action: 'inserted' | 'updated' }>;
  getOrInsert(draft: unknown, options: object): Promise<{ row: Row; action: 'found' | 'inserted' }>;
  delete(id: unknown, options?: object): Promise<Row>;
  deleteMany(where: unknown, options?: object): Promise<number>;
  restore(id: unknown, options?: object): Promise<Row>;
  purge(id: unknown, options?: object): Promise<Row>;
  ensureSchema(options?: object): Promise<SchemaReport>;
}
