import { resolve } from 'node:path';
import { ConfigError } from '../../errors/config.js';
import type { AnyEntity } from '../../schema/types.js';
import { unknownName } from '../../util/nearest.js';
import type { DatabaseConfig } from '../config.js';
import type { MigrationDatabase } from '../migration.js';
import { type CheckedConfig, checkGiven } from './checked-config.js';
import { UsageError } from './usage-error.js';

const FOLDERS = Object.freeze({ migrations: './migrations', seeds: './seeds' });

/** A database of the configuration: opened when a command first asks for it. */
export class Target {
  /** Its name in the configuration. */
  readonly name: string;
  readonly config: DatabaseConfig;
  /** Path of the configuration's file; null without one. */
  readonly file: string | null;
  readonly #folder: string;
  readonly #path: string;
  #database: Promise<MigrationDatabase> | null = null;

  constructor(name: string, config: DatabaseConfig, { file, folder, isNamed }: CheckedConfig) {
    this.name = name;
    this.config = config;
    this.file = file;
    this.#folder = folder;
    this.#path = isNamed ? `databases.${name}.` : '';
  }

  /** @throws ConfigError when the function of the configuration fails or gives something else */
  database(): Promise<MigrationDatabase> {
    this.#database ??= this.#open();
    return this.#database;
  }

  /** The same, after a first connection: who cannot be reached is told at once, and why. @throws ConnectionError, AuthenticationError */
  async connected(): Promise<MigrationDatabase> {
    const database = await this.database();
    await database.connect();
    return database;
  }

  /** @throws ConfigError when there are none */
  async entities(): Promise<readonly AnyEntity[]> {
    const { entities } = this.config;
    const path = `${this.#path}entities`;
    if (entities === undefined) {
      throw new ConfigError(this.file, [
        { path, message: 'must be given: they are what the database is compared with' },
      ]);
    }
    if (typeof entities !== 'function') return entities;
    return checkGiven('entities', await this.#asked(path, entities), path, this.file);
  }

  /** The folder, as an absolute path, or the values that the configuration has. */
  source(key: 'migrations'): string | NonNullable<DatabaseConfig['migrations']>;
  source(key: 'seeds'): string | NonNullable<DatabaseConfig['seeds']>;
  source(key: 'migrations' | 'seeds'): string | readonly object[] {
    const value = this.config[key] ?? FOLDERS[key];
    return typeof value === 'string' ? resolve(this.#folder, value) : value;
  }

  /** Folder in which a new migration is written. @throws ConfigError where the migrations are values */
  migrationFolder(): string {
    const source = this.source('migrations');
    if (typeof source === 'string') return source;
    const message = 'must be a folder, so that a file can be written: they are values';
    throw new ConfigError(this.file, [{ path: `${this.#path}migrations`, message }]);
  }

  async close(): Promise<void> {
    // Who could not be opened has said so already.
    const database = await this.#database?.catch(() => null);
    await database?.close();
  }

  async #open(): Promise<MigrationDatabase> {
    const { database } = this.config;
    if (typeof database !== 'function') return database;
    const path = `${this.#path}database`;
    return checkGiven('database', await this.#asked(path, database), path, this.file) as MigrationDatabase;
  }

  async #asked<T>(path: string, give: () => T | Promise<T>): Promise<T> {
    try {
      return await give();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'it threw something that is no error';
      throw new ConfigError(this.file, [{ path: `${path}()`, message: `failed: ${why}` }], { cause });
    }
  }
}

/** @throws UsageError that lists the names where it has to be one and is not */
export function targetsOf(
  config: CheckedConfig,
  named: string | undefined,
  scope: 'one' | 'every',
  command: string,
): readonly Target[] {
  const names = [...config.databases.keys()];
  if (names.length === 0) {
    const message =
      'there is no `trivet.config.ts` here or above, and neither `DATABASE_URL` nor `MONGODB_URI` is set: one of them has to say which database';
    throw new ConfigError(null, [{ path: '', message }]);
  }
  const target = (name: string): Target => new Target(name, config.databases.get(name)!, config);
  if (named !== undefined) {
    if (config.databases.has(named)) return [target(named)];
    throw new UsageError(
      unknownName(named, names, `There is no database \`${named}\`, only ${names.join(', ')}`),
      command,
    );
  }
  // The environment knows two databases and one folder, so what is in it can be meant for one of them only.
  if (names.length === 1 || (scope === 'every' && config.file !== null)) return names.map(target);
  throw new UsageError(`Which database? Choose with --database: ${names.join(', ')}`, command);
}
