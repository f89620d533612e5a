import { existsSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../../errors/config.js';
import { MongoDatabase } from '../../mongo/database.js';
import { PostgresDatabase } from '../../postgres/database.js';
import type { DatabaseConfig } from '../config.js';
import { type CheckedConfig, checkConfig } from './checked-config.js';
import { loadCode } from './load-code.js';
import type { World } from './world.js';

/** Endings of the file, in the order in which the page names them. */
const NAMES: readonly string[] = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `trivet.config.${ending}`);

/**
 * The configuration that `--config` names, else the one that is found upward from the working directory, else what the environment says.
 * @throws ConfigError
 */
export async function findConfig(world: World, named: string | undefined): Promise<CheckedConfig> {
  const file = named === undefined ? upward(world.cwd) : resolve(world.cwd, named);
  if (file === null) return fromEnvironment(world);
  if (!existsSync(file)) throw new ConfigError(file, [{ path: '', message: 'there is no such file' }]);
  const { default: config } = await loadConfig(file, world);
  return checkConfig(config, file, dirname(file));
}

async function loadConfig(file: string, world: World): Promise<{ readonly default?: unknown }> {
  try {
    return (await (world.load ?? loadCode)(file)) as { readonly default?: unknown };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const why = cause instanceof Error ? cause.message : 'it threw something that is no error';
    throw new ConfigError(file, [{ path: '', message: `it cannot be loaded: ${why}` }], { cause });
  }
}

function upward(from: string): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = entriesOf(folder).filter((name) => NAMES.includes(name));
    if (found.length > 1) {
      const message = `there are ${found.join(' and ')}: keep one, or choose with --config`;
      throw new ConfigError(folder, [{ path: '', message }]);
    }
    if (found.length === 1) return resolve(folder, found[0]!);
    if (folder === dirname(folder)) return null;
  }
}

/** A folder above may be closed to us: it has no configuration then. */
function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function fromEnvironment({ env, cwd }: World): CheckedConfig {
  const databases = new Map<string, DatabaseConfig>();
  const { DATABASE_URL: postgres, MONGODB_URI: mongo } = env;
  if (postgres) databases.set('postgres', { database: () => new PostgresDatabase({ url: postgres }) });
  if (mongo) databases.set('mongo', { database: () => new MongoDatabase({ url: mongo }) });
  return { file: null, folder: cwd, isNamed: false, databases };
}
