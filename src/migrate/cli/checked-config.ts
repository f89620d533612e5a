import { ConfigError, type ConfigProblem } from '../../errors/config.js';
import { typeName } from '../../util/describe.js';
import { type Duration, parseDuration } from '../../util/duration.js';
import { unknownName } from '../../util/nearest.js';
import type { DatabaseConfig } from '../config.js';

/** A configuration as the commands have it. */
export interface CheckedConfig {
  /** Path of its file; null where it was made of the environment. */
  readonly file: string | null;
  /** What its paths are relative to. */
  readonly folder: string;
  /** Whether it gives its databases names; the only one is called `main` where it does not. */
  readonly isNamed: boolean;
  readonly databases: ReadonlyMap<string, DatabaseConfig>;
}

type Check = (value: unknown) => string | null;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const duration: Check = (value) => {
  try {
    parseDuration(value as Duration, 'x');
    return null;
  } catch {
    return `must be a duration such as '30s' (ms, s, m, h, d), got ${typeName(value)}`;
  }
};

// By what it is rather than by its class: the configuration may have the other copy of the package, ESM or CJS.
const isDatabase = (value: unknown): boolean =>
  isObject(value) &&
  (value['engine'] === 'postgres' || value['engine'] === 'mongo') &&
  typeof value['close'] === 'function';

const isEntity = (value: unknown): boolean =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~model' in value;

const folderOrValues: Check = (value) =>
  (typeof value === 'string' && value !== '') || (Array.isArray(value) && value.every(isObject))
    ? null
    : `must be the path of a folder, or a list of values, got ${typeName(value)}`;

const CHECKS: Readonly<Record<keyof DatabaseConfig, Check>> = {
  database: (value) =>
    typeof value === 'function' || isDatabase(value)
      ? null
      : `must be a PostgresDatabase, a MongoDatabase or a function that gives one, got ${typeName(value)}`,
  migrations: folderOrValues,
  seeds: folderOrValues,
  entities: (value) =>
    typeof value === 'function' || (Array.isArray(value) && value.every(isEntity))
      ? null
      : `must be a list of entities, or a function that gives one, got ${typeName(value)}`,
  ledger: (value) =>
    typeof value === 'string' && value !== '' ? null : `must be the name of a table, got ${typeName(value)}`,
  outOfOrder: (value) => (value === 'refuse' || value === 'allow' ? null : "must be 'refuse' or 'allow'"),
  wait: duration,
  timeout: duration,
  lockTimeout: (value) => (value === null ? null : duration(value)),
};

/** @throws ConfigError that names everything that is wrong, by path */
export function checkConfig(config: unknown, file: string, folder: string): CheckedConfig {
  const problems: ConfigProblem[] = [];
  const databases = new Map<string, DatabaseConfig>();
  if (!isObject(config)) {
    problems.push({ path: '', message: `its default export must be a configuration, got ${typeName(config)}` });
  } else if ('databases' in config) {
    for (const key of Object.keys(config)) {
      if (key !== 'databases') problems.push({ path: key, message: 'must stand in one of the `databases`' });
    }
    const named = config['databases'];
    if (!isObject(named) || Object.keys(named).length === 0) {
      problems.push({ path: 'databases', message: `must be an object of databases by name, got ${typeName(named)}` });
    } else {
      for (const [name, each] of Object.entries(named)) {
        problems.push(...problemsOf(each, `databases.${name}`));
        databases.set(name, each as DatabaseConfig);
      }
    }
  } else {
    problems.push(...problemsOf(config, ''));
    databases.set('main', config as unknown as DatabaseConfig);
  }
  if (problems.length > 0) throw new ConfigError(file, problems);
  return { file, folder, isNamed: 'databases' in (config as object), databases };
}

function problemsOf(config: unknown, path: string): readonly ConfigProblem[] {
  if (!isObject(config)) return [{ path, message: `must be an object, got ${typeName(config)}` }];
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const problems: ConfigProblem[] = [];
  if (config['database'] === undefined) {
    problems.push({ path: at('database'), message: 'must be a database or a function that gives one' });
  }
  for (const [key, value] of Object.entries(config)) {
    if (!Object.hasOwn(CHECKS, key)) {
      problems.push({ path: at(key), message: unknownName(key, Object.keys(CHECKS), 'is no option') });
      continue;
    }
    const message = value === undefined ? null : CHECKS[key as keyof DatabaseConfig](value);
    if (message !== null) problems.push({ path: at(key), message });
  }
  return problems;
}

/** What a function of the configuration gave. @throws ConfigError */
export function checkGiven<K extends 'database' | 'entities'>(
  key: K,
  value: unknown,
  path: string,
  file: string | null,
): Exclude<DatabaseConfig[K], Function | undefined> {
  const message = typeof value === 'function' ? `must not give a function` : CHECKS[key](value);
  if (message !== null) throw new ConfigError(file, [{ path: `${path}()`, message }]);
  return value as Exclude<DatabaseConfig[K], Function | undefined>;
}
