import { expected, refuseUnknown, timeLimit } from '../../core/engine-options.js';
import { type ObserverOptions, type ObserverSettings, observerSettings } from '../../core/observer.js';
import { checkTls, type Tls } from '../../core/tls.js';
import type { Duration } from '../../util/duration.js';
import type { RedisClientLike } from './client.js';
import { fromUrl } from './url.js';

/** TLS settings: true verifies the server by the system's certificates; an object goes to Node's `tls.connect`. */
export type RedisTls = Tls;

/** Where the store is, and how it is used. */
export interface RedisOptions extends ObserverOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. Options beside it go before its parts. @default the environment's `REDIS_URL` */
  readonly url?: string | undefined;
  /** @default 'localhost' */
  readonly host?: string | undefined;
  /** @default 6379 */
  readonly port?: number | undefined;
  /** Of an access control list. @default the server's own `default` */
  readonly username?: string | undefined;
  /** A function is asked at every new connection, for passwords and tokens that rotate. @default none */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** Number of the database. @default 0 */
  readonly db?: number | undefined;
  /** Goes before what the URL says. @default what the URL says, else no TLS */
  readonly tls?: RedisTls | undefined;
  /**
   * A client of the application's own, single, by Sentinel or cluster, instead of all the options above. Its settings hold, and `close()` leaves it open.
   * By the driver's defaults it sends a command again whose reply got lost, so that it may be executed twice: `maxRetriesPerRequest: 0` and
   * `autoResendUnfulfilledCommands: false` keep a `Redis` from that, `retryDelayOnFailover: 0` a `Cluster`.
   */
  readonly client?: RedisClientLike | undefined;
  /** Name in errors, and of the connection on the server. @default 'trivet' on the server, `host:port/db` in errors */
  readonly name?: string | undefined;
  /** Longest time for making a connection. @default '5s' */
  readonly connectTimeout?: Duration | undefined;
  /** Longest time for a command that gives none of its own: waiting for the connection and running. @default '5s' */
  readonly timeout?: Duration | undefined;
}

/** The defaults of `RedisOptions`. */
export const REDIS_DEFAULTS: {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly connectTimeout: Duration;
  readonly timeout: Duration;
} = Object.freeze({ host: 'localhost', port: 6379, db: 0, connectTimeout: '5s', timeout: '5s' });

export interface Settings {
  readonly observer: ObserverSettings;
  readonly client: RedisClientLike | null;
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | (() => string | Promise<string>) | undefined;
  readonly db: number;
  readonly tls: RedisTls;
  readonly connectionName: string;
  readonly resource: string;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
}

const CONNECTION = ['url', 'host', 'port', 'username', 'password', 'db', 'tls'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...CONNECTION,
  'client',
  'name',
  'connectTimeout',
  'timeout',
  'logger',
  'slowQuery',
]);
const MAX_NAME = 64;

/** Checks the options. @throws TypeError that says what was expected; it never shows an address or a password. */
export function parseOptions(
  options: RedisOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  refuseUnknown(options, KNOWN);
  const { client, name, password, tls } = options;
  if (client !== undefined) checkClient(client, options);
  for (const each of ['host', 'username', 'name'] as const) {
    if (options[each] !== undefined && typeof options[each] !== 'string')
      throw expected(each, 'a string', options[each]);
  }
  // Never described: what was given by mistake may still be a secret.
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function')
    throw new TypeError('Expected `password` to be a string or a function');
  checkTls(tls, 'tls');
  if (options.url !== undefined && typeof options.url !== 'string')
    throw new TypeError('Expected `url` to be a string');
  const alone = client === undefined && options.host === undefined && options.port === undefined;
  const url = options.url ?? (alone ? env['REDIS_URL'] : undefined);
  const base = url === undefined ? {} : fromUrl(url, options.url === undefined ? 'REDIS_URL' : 'url');
  const host = options.host ?? base.host ?? REDIS_DEFAULTS.host;
  const port = integer(options.port ?? base.port ?? REDIS_DEFAULTS.port, 'port', 1, 65_535);
  const db = integer(options.db ?? base.db ?? REDIS_DEFAULTS.db, 'db', 0, 1_000_000);
  return {
    client: client ?? null,
    observer: observerSettings(options),
    host,
    port,
    username: options.username ?? base.username,
    password: password ?? base.password,
    db,
    tls: tls ?? base.tls ?? false,
    // The server refuses blanks in it.
    connectionName: (name ?? 'trivet').replace(/[^\x21-\x7e]/g, '_').slice(0, MAX_NAME),
    resource: name ?? (client === undefined ? `${host}:${port}/${db}` : 'the given client'),
    connectTimeoutMs: timeLimit(options.connectTimeout ?? REDIS_DEFAULTS.connectTimeout, 'connectTimeout'),
    timeoutMs: timeLimit(options.timeout ?? REDIS_DEFAULTS.timeout, 'timeout'),
  };
}

function checkClient(client: RedisClientLike, options: RedisOptions): void {
  for (const each of CONNECTION) {
    if (options[each] !== undefined)
      throw new TypeError(`\`${each}\` cannot be given together with \`client\`: the client has its own`);
  }
  if (
    typeof client !== 'object' ||
    client === null ||
    typeof client.call !== 'function' ||
    typeof client.on !== 'function'
  )
    throw new TypeError('Expected `client` to be a Redis or a Cluster of the package `ioredis`');
}

function integer(value: number, option: string, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw expected(option, `an integer from ${from} to ${to}`, value);
}
