import { askPassword } from '../core/ask-password.js';
import {
  acquireLimit,
  expected,
  leastConnections,
  namingOf,
  positiveInteger,
  refuseUnknown,
  timeLimit,
} from '../core/engine-options.js';
import { type ObserverOptions, type ObserverSettings, observerSettings } from '../core/observer.js';
import { checkTls, type Tls } from '../core/tls.js';
import type { Naming } from '../schema/model.js';
import type { Duration } from '../util/duration.js';
import type { ConnectConfig, PostgresPool } from './driver.js';
import { tlsConfig } from './tls.js';
import { fromUrl } from './url.js';

/** TLS settings: true verifies the server by the system's certificates; an object goes to Node's `tls.connect`. */
export type PostgresTls = Tls;

/** A new connection, for `onConnect`. */
export interface ConnectSession {
  /** Runs a statement with `$1`-style parameters, and gives its rows. */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

/** Where the database is, and how it is used. */
export interface PostgresOptions extends ObserverOptions {
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
  /** TLS with the server. Goes before the URL's `sslmode`, which cannot weaken it. @default what the URL says, else what `PGSSLMODE` says, else no TLS */
  readonly ssl?: PostgresTls | undefined;
  /** A pool of the application's own, instead of all the options above and `max`. Its settings are not touched, and `close()` leaves it open. */
  readonly pool?: PostgresPool | undefined;
  /** Most connections. @default 10 @minimum 1 */
  readonly max?: number | undefined;
  /** Connections that are opened by `connect()` and kept open when nobody needs them. @default 0 @minimum 0 */
  readonly min?: number | undefined;
  /** Most connections that are being made at the same time; after a failure it is one. @default 2 @minimum 1 */
  readonly maxConnecting?: number | undefined;
  /**
   * Longest wait for a connection, then `PoolExhaustedError` when all are in use, `PoolUnavailableError` when none can be made: while the server is
   * away, attempts go on meanwhile. @default '5s' @minimum 100 ms
   */
  readonly acquireTimeout?: Duration | undefined;
  /** Most calls that may wait for a connection; one more gets `PoolExhaustedError` at once. @default 1000 @minimum 1 */
  readonly maxWaiting?: number | undefined;
  /** How long a connection that nobody needs is kept, beyond `min`. @default '30s' */
  readonly idleTimeout?: Duration | undefined;
  /** How long a connection is used; each one up to a tenth shorter, so that they do not end together. @default '30m' */
  readonly maxLifetime?: Duration | undefined;
  /**
   * A connection that is out for longer is told of as an `error` event, with the place in the code that took it; errors of an exhausted pool show
   * the place too. Costs a stack trace for each call. @default off
   */
  readonly leakDetection?: Duration | undefined;
  /** Runs on each new connection before anyone gets it, within `connectTimeout`: for `set` and the like. When it fails, so did connecting. */
  readonly onConnect?: ((session: ConnectSession) => void | Promise<void>) | undefined;
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
  readonly min: number;
  readonly maxConnecting: number;
  readonly acquireTimeout: Duration;
  readonly maxWaiting: number;
  readonly idleTimeout: Duration;
  readonly maxLifetime: Duration;
  readonly connectTimeout: Duration;
  readonly timeout: Duration;
  readonly prepare: boolean;
  readonly naming: Naming;
  readonly applicationName: string;
} = Object.freeze({
  max: 10,
  min: 0,
  maxConnecting: 2,
  acquireTimeout: '5s',
  maxWaiting: 1000,
  idleTimeout: '30s',
  maxLifetime: '30m',
  connectTimeout: '5s',
  timeout: '30s',
  prepare: true,
  naming: 'snake',
  applicationName: 'trivet',
});

/** Options of the pool after they were checked. */
export interface PoolSettings {
  readonly max: number;
  readonly min: number;
  readonly maxConnecting: number;
  readonly acquireTimeoutMs: number;
  readonly maxWaiting: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
  readonly leakDetectionMs: number | null;
  readonly onConnect: ((session: ConnectSession) => void | Promise<void>) | null;
}

/** Options after they were checked. */
export interface Settings extends PoolSettings {
  readonly observer: ObserverSettings;
  readonly pool: PostgresPool | null;
  readonly config: ConnectConfig;
  readonly resource: string;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly prepare: boolean;
  readonly naming: Naming;
}

/** The limits of the pool. */
function poolSettings(options: PostgresOptions): PoolSettings {
  const { leakDetection, onConnect } = options;
  const max = positiveInteger(options.max ?? POSTGRES_DEFAULTS.max, 'max');
  if (onConnect !== undefined && typeof onConnect !== 'function') throw expected('onConnect', 'a function', onConnect);
  return {
    max,
    min: leastConnections(options.min ?? POSTGRES_DEFAULTS.min, max),
    maxConnecting: positiveInteger(options.maxConnecting ?? POSTGRES_DEFAULTS.maxConnecting, 'maxConnecting'),
    acquireTimeoutMs: acquireLimit(options.acquireTimeout ?? POSTGRES_DEFAULTS.acquireTimeout),
    maxWaiting: positiveInteger(options.maxWaiting ?? POSTGRES_DEFAULTS.maxWaiting, 'maxWaiting'),
    idleTimeoutMs: timeLimit(options.idleTimeout ?? POSTGRES_DEFAULTS.idleTimeout, 'idleTimeout'),
    maxLifetimeMs: timeLimit(options.maxLifetime ?? POSTGRES_DEFAULTS.maxLifetime, 'maxLifetime'),
    leakDetectionMs: leakDetection === undefined ? null : timeLimit(leakDetection, 'leakDetection'),
    onConnect: onConnect ?? null,
  };
}

const TYPES: Readonly<Record<string, string>> = {
  host: 'string',
  user: 'string',
  database: 'string',
  name: 'string',
  prepare: 'boolean',
};
/** What a pool that is given has of its own. */
const CONNECTION = [
  'url',
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'max',
  'min',
  'maxConnecting',
  'maxWaiting',
  'idleTimeout',
  'maxLifetime',
  'onConnect',
] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...CONNECTION,
  ...Object.keys(TYPES),
  'pool',
  'acquireTimeout',
  'leakDetection',
  'logger',
  'slowQuery',
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
  const application_name = name ?? POSTGRES_DEFAULTS.applicationName;
  if (pool !== undefined) checkPool(pool, options);
  const given = pool === undefined ? connectConfig(options, env, application_name) : { application_name };
  const resource = name ?? (pool === undefined ? resourceName(given, env) : 'the given pool');
  const connectTimeoutMs = timeLimit(options.connectTimeout ?? POSTGRES_DEFAULTS.connectTimeout, 'connectTimeout');
  const { password } = given;
  const config =
    typeof password === 'function'
      ? { ...given, password: () => askPassword(password, connectTimeoutMs, resource) }
      : given;
  return {
    ...poolSettings(options),
    observer: observerSettings(options),
    pool: pool ?? null,
    config,
    resource,
    connectTimeoutMs,
    timeoutMs: timeLimit(options.timeout ?? POSTGRES_DEFAULTS.timeout, 'timeout'),
    prepare: options.prepare ?? POSTGRES_DEFAULTS.prepare,
    naming: namingOf(options.naming ?? POSTGRES_DEFAULTS.naming),
  };
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
  checkTls(ssl, 'ssl');
  const given = { host, port, user, password, database };
  const alone = Object.values(given).every((value) => value === undefined);
  const url = options.url ?? (alone ? env['DATABASE_URL'] : undefined);
  const base = url === undefined ? {} : fromUrl(url, options.url === undefined ? 'DATABASE_URL' : 'url');
  const own = Object.fromEntries(Object.entries({ ...given, ssl }).filter(([, value]) => value !== undefined));
  const config = { ...base, ...own } as Partial<ConnectConfig> & { readonly ssl?: Tls };
  return {
    ...config,
    ...(config.ssl !== undefined && { ssl: tlsConfig(config.ssl, config.host ?? env['PGHOST'] ?? 'localhost') }),
    application_name: name ?? base.application_name ?? application_name,
  };
}

function resourceName(
  { host, port, database, user }: ConnectConfig,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const place = `${host ?? env['PGHOST'] ?? 'localhost'}:${port ?? env['PGPORT'] ?? 5432}`;
  return `${place}/${database ?? env['PGDATABASE'] ?? user ?? env['PGUSER'] ?? ''}`;
}
