import { expected, namingOf, positiveInteger, refuseUnknown, timeLimit } from '../core/engine-options.js';
import type { Naming } from '../schema/model.js';
import type { Duration } from '../util/duration.js';
import type { ConnectConfig, PostgresPool } from './driver.js';
import { fromUrl } from './url.js';

/** TLS settings: true verifies the server by the system's certificates; an object goes to Node's `tls.connect`. */
export type PostgresTls =
  | boolean
  | {
      readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
      readonly cert?: string | Buffer | undefined;
      readonly key?: string | Buffer | undefined;
      readonly passphrase?: string | undefined;
      readonly rejectUnauthorized?: boolean | undefined;
      readonly servername?: string | undefined;
    };

/** Where the database is, and how it is used. */
export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`. Options beside it go before its parts. @default `DATABASE_URL`, else the `PG*` variables */
  readonly url?: string | undefined;
  /** Name of the host, or the folder of a Unix socket. @default `PGHOST`, else 'localhost' */
  readonly host?: string | undefined;
  /** @default `PGPORT`, else 5432 */
  readonly port?: number | undefined;
  /** @default `PGUSER`, else the user of the process */
  readonly user?: string | undefined;
  /** A function is asked at every new connection, for passwords that rotate. @default `PGPASSWORD` */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** @default `PGDATABASE`, else the user's name */
  readonly database?: string | undefined;
  /** Goes before the URL's `sslmode`. @default what the URL says, else no TLS */
  readonly ssl?: PostgresTls | undefined;
  /** A pool of the application's own, instead of all the options above and `max`. Its settings are not touched, and `close()` leaves it open. */
  readonly pool?: PostgresPool | undefined;
  /** Most connections. @default 10 @minimum 1 */
  readonly max?: number | undefined;
  /** Name in errors, and as `application_name` on the server. @default 'trivet' on the server, `host:port/database` in errors */
  readonly name?: string | undefined;
  /** Longest time for making a connection. @default '5s' */
  readonly connectTimeout?: Duration | undefined;
  /** Longest time for a call that gives no `timeout` of its own: waiting for a connection and running. @default '30s' */
  readonly timeout?: Duration | undefined;
  /** Whether statements stay prepared on their connection. Turn it off behind a pooler that does not know prepared statements. @default true */
  readonly prepare?: boolean | undefined;
  /** How fields are named as columns where the entity does not say. @default 'snake' */
  readonly naming?: Naming | undefined;
}

/** The defaults of `PostgresOptions`. */
export const POSTGRES_DEFAULTS: {
  readonly max: number;
  readonly connectTimeout: Duration;
  readonly timeout: Duration;
  readonly prepare: boolean;
  readonly naming: Naming;
  readonly applicationName: string;
} = Object.freeze({
  max: 10,
  connectTimeout: '5s',
  timeout: '30s',
  prepare: true,
  naming: 'snake',
  applicationName: 'trivet',
});

/** Options after they were checked. */
export interface Settings {
  readonly pool: PostgresPool | null;
  readonly config: ConnectConfig;
  readonly max: number;
  readonly resource: string;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly prepare: boolean;
  readonly naming: Naming;
}

const TYPES: Readonly<Record<string, string>> = {
  host: 'string',
  user: 'string',
  database: 'string',
  name: 'string',
  prepare: 'boolean',
};
const CONNECTION = ['url', 'host', 'port', 'user', 'password', 'database', 'ssl', 'max'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...CONNECTION,
  ...Object.keys(TYPES),
  'pool',
  'connectTimeout',
  'timeout',
  'naming',
]);

/** Checks the options. @throws TypeError that says what was expected; it never shows a URL or a password. */
export function parseOptions(
  options: PostgresOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  refuseUnknown(options, KNOWN);
  for (const [name, type] of Object.entries(TYPES)) {
    const value = options[name as keyof PostgresOptions];
    if (value !== undefined && typeof value !== type) throw expected(name, `a ${type}`, value);
  }
  const { pool, name } = options;
  const max = positiveInteger(options.max ?? POSTGRES_DEFAULTS.max, 'max');
  const naming = namingOf(options.naming ?? POSTGRES_DEFAULTS.naming);
  const timeoutMs = timeLimit(options.timeout ?? POSTGRES_DEFAULTS.timeout, 'timeout');
  const connectTimeoutMs = timeLimit(options.connectTimeout ?? POSTGRES_DEFAULTS.connectTimeout, 'connectTimeout');
  const prepare = options.prepare ?? POSTGRES_DEFAULTS.prepare;
  const application_name = name ?? POSTGRES_DEFAULTS.applicationName;
  if (pool !== undefined) {
    checkPool(pool, options);
    return {
      pool,
      config: { application_name },
      max,
      resource: name ?? 'the given pool',
      connectTimeoutMs,
      timeoutMs,
      prepare,
      naming,
    };
  }
  const config = connectConfig(options, env, application_name);
  const resource = name ?? resourceName(config, env);
  return { pool: null, config, max, resource, connectTimeoutMs, timeoutMs, prepare, naming };
}

function checkPool(pool: PostgresPool, options: PostgresOptions): void {
  for (const name of CONNECTION) {
    if (options[name] !== undefined)
      throw new TypeError(`\`${name}\` cannot be given together with \`pool\`: the pool has its own`);
  }
  if (
    typeof pool !== 'object' ||
    pool === null ||
    typeof pool.connect !== 'function' ||
    typeof pool.on !== 'function'
  ) {
    throw expected('pool', 'a Pool of the package `pg`', pool);
  }
  const { options: settings } = pool as { readonly options?: { readonly pipeline?: unknown } };
  if (settings?.pipeline)
    throw new TypeError('Expected `pool` to be without `pipeline`: it does not let rows be read as they come');
}

function connectConfig(
  options: PostgresOptions,
  env: Readonly<Record<string, string | undefined>>,
  application_name: string,
): ConnectConfig {
  const { host, port, user, password, database, ssl, name } = options;
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw expected('port', 'an integer from 1 to 65535', port);
  // Never described: what was given by mistake may still be a secret.
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function') {
    throw new TypeError('Expected `password` to be a string or a function');
  }
  if (options.url !== undefined && typeof options.url !== 'string')
    throw new TypeError('Expected `url` to be a string');
  if (ssl !== undefined && typeof ssl !== 'boolean' && (typeof ssl !== 'object' || ssl === null))
    throw expected('ssl', 'a boolean or an object', ssl);
  const given = { host, port, user, password, database };
  const alone = Object.values(given).every((value) => value === undefined);
  const url = options.url ?? (alone ? env['DATABASE_URL'] : undefined);
  const base = url === undefined ? {} : fromUrl(url, options.url === undefined ? 'DATABASE_URL' : 'url');
  const own = Object.fromEntries(Object.entries({ ...given, ssl }).filter(([, value]) => value !== undefined));
  return { ...base, ...own, application_name: name ?? base.application_name ?? application_name };
}

function resourceName(
  { host, port, database, user }: ConnectConfig,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const place = `${host ?? env['PGHOST'] ?? 'localhost'}:${port ?? env['PGPORT'] ?? 5432}`;
  return `${place}/${database ?? env['PGDATABASE'] ?? user ?? env['PGUSER'] ?? ''}`;
}
