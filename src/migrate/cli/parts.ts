import type { AnyEntity } from '../../schema/types.js';
import type { DiffOptions, SchemaDiff } from '../diff/types.js';
import type { MigrationDatabase } from '../migration.js';

/** A migration as it is written from a difference. */
export interface RenderedMigration {
  /** Such as `add_age`, or `add_age_indexes` for what may not run in a transaction. */
  readonly name: string;
  readonly kind: 'sql' | 'ts' | 'js' | 'mjs';
  readonly text: string;
}

export interface SeedResult {
  readonly name: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly durationMs: number;
}

export interface SeedReport {
  readonly seeds: readonly SeedResult[];
}

export interface SeedRun {
  readonly only?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the commands ask of a seeder. */
export interface SeedRunner {
  on(name: 'progress', listener: (seed: string, done: number, total: number | null) => void): () => void;
  run(options?: SeedRun): Promise<SeedReport>;
  undo(options?: SeedRun): Promise<SeedReport>;
}

export interface SeederOptions {
  readonly seeds: string | readonly object[];
  readonly ledger?: string | undefined;
  readonly load?: ((file: string) => Promise<unknown>) | undefined;
}

export interface RenderOptions {
  readonly name: string;
  /** What code is written in, where there is no SQL. */
  readonly language: 'ts' | 'js';
}

/** The parts that the commands for schemas and seeds are made on. */
export interface Parts {
  diffSchema(
    database: MigrationDatabase,
    entities: readonly AnyEntity[],
    options: DiffOptions & { readonly dropTables?: readonly string[] },
  ): Promise<SchemaDiff>;
  renderMigrations(diff: SchemaDiff, options: RenderOptions): readonly RenderedMigration[];
  seeder(database: MigrationDatabase, options: SeederOptions): SeedRunner;
}
