import type { AnyEntity } from '../../schema/types.js';
import type { RenderedMigration, RenderOptions } from '../diff/render.js';
import type { DiffOptions, SchemaDiff } from '../diff/types.js';
import type { MigrationDatabase } from '../migration.js';
import type { SeederOptions, SeedRunOptions } from '../seed/options.js';
import type { SeedReport } from '../seed/seeder.js';

/** What the commands ask of a seeder. */
export interface SeedRunner {
  on(name: 'progress', listener: (seed: string, done: number, total: number | null) => void): () => void;
  run(options?: SeedRunOptions): Promise<SeedReport>;
  undo(options?: SeedRunOptions): Promise<SeedReport>;
}

/** The parts that the commands for schemas and seeds are made on. */
export interface Parts {
  diffSchema(database: MigrationDatabase, entities: readonly AnyEntity[], options: DiffOptions): Promise<SchemaDiff>;
  renderMigrations(diff: SchemaDiff, options: RenderOptions): readonly RenderedMigration[];
  seeder(database: MigrationDatabase, options: SeederOptions<MigrationDatabase>): SeedRunner;
}
