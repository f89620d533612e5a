export { ConfigError, type ConfigProblem } from '../errors/config.js';
export {
  type HistoryProblem,
  type HistoryProblemKind,
  IrreversibleMigrationError,
  type LockHolder,
  MigrationFailedError,
  type MigrationFailure,
  MigrationFileError,
  MigrationHistoryError,
  MigrationLockedError,
  MigrationLockLostError,
} from '../errors/migration.js';
export { SeedFailedError, type SeedFailure, SeedFileError } from '../errors/seed.js';
export { type DatabaseConfig, type DatabasesConfig, defineConfig, type TrivetConfig } from './config.js';
export { type CreateMigrationOptions, createMigration } from './create.js';
export {
  defineMigration,
  type MigrationCode,
  type MigrationValue,
  migration,
} from './define.js';
export { type AlterReport, alterSchema } from './diff/alter-schema.js';
export { diffSchema } from './diff/diff-schema.js';
export { type LintFinding, type LintOptions, lintSql } from './diff/lint.js';
export type { LintRule } from './diff/lint-rules.js';
export { RENDER_DEFAULTS, type RenderedMigration, type RenderOptions, renderMigrations } from './diff/render.js';
export type {
  DiffOptions,
  MongoCommand,
  RenameQuestion,
  Risk,
  SchemaChange,
  SchemaDiff,
  Warning,
} from './diff/types.js';
export type {
  Migration,
  MigrationContext,
  MigrationDatabase,
  MigrationDirection,
  MigrationWay,
  MigrationWork,
} from './migration.js';
export { Migrator } from './migrator.js';
export { RUN_COMMANDS_DEFAULTS, type RunCommandsOptions, runCommands } from './mongo/commands.js';
export { MIGRATOR_DEFAULTS, type MigratorOptions } from './options.js';
export type {
  MigratedStep,
  MigrationPlan,
  MigrationReport,
  MigrationState,
  MigrationStatus,
  MigratorEvents,
  MigratorStatus,
  PlannedStep,
  RepairReport,
} from './results.js';
export {
  type CheckedDraft,
  type Factory,
  type FactoryDraft,
  type FactoryTools,
  factory,
  type Made,
  type MakeOptions,
} from './seed/factory.js';
export {
  FACTORY_DEFAULTS,
  type FactoryOptions,
  type OwnFactoryOptions,
  type SeriesOptions,
} from './seed/factory-options.js';
export { SEEDER_DEFAULTS, type SeederOptions, type SeedRunOptions } from './seed/options.js';
export { Random } from './seed/random.js';
export {
  defineSeed,
  type Put,
  type PutCounts,
  type PutOptions,
  type Remove,
  type Seed,
  type SeedContext,
  type SeedFactory,
  type UndoContext,
} from './seed/seed.js';
export { Seeder, type SeederEvents, type SeedReport, type SeedResult } from './seed/seeder.js';
export type { MigrateOptions, PlanOptions, RedoOptions, RepairOptions, SignalOptions } from './verbs.js';
