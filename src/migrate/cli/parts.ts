import type { AnyEntity } from '../../schema/types.js';
import type { RenderedMigration, RenderOptions } from '../diff/render.js';
import type { DiffOptions, SchemaDiff } from '../diff/types.js';
import type { MigrationDatabase } from '../migration.js';

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

/** The parts that the commands for schemas and seeds are made on. */
export interface Parts {
  diffSchema(database: MigrationDatabase, entities: readonly AnyEntity[], options: DiffOptions): Promise<SchemaDiff>;
  renderMigrations(diff: SchemaDiff, options: RenderOptions): readonly RenderedMigration[];
  seeder(database: MigrationDatabase, options: SeederOptions): SeedRunner;
}
