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
import { describeValue } from '../util/describe.js';
import type { Duration } from '../util/duration.js';
import type { MongoClientLike } from './client.js';

/** TLS settings: true verifies the server by the system's certificates; an object goes to Node's `tls.connect`. */
export type MongoTls = Tls;

/** Settings of a `MongoDatabase`. */
export interface MongoOptions extends ObserverOptions {
  /** Connection string, `mongodb://…` or `mongodb+srv://…`. @default the environment's `MONGODB_URI` */
  readonly url?: string | undefined;
  /** Name of the database. @default the one in `url` */
  readonly name?: string | undefined;
  /** Goes before the user in `url`. @default the one in `url` */
  readonly user?: string | undefined;
  /**
   * Goes before the one in `url`, and needs `user`. A function is asked when the client is made, and again when the server refuses a new connection,
   * for passwords that rotate: a client with the new one takes over then, and connections that are open go on until they are free.
   * @default the one in `url`
   */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** TLS with the server: true verifies it by the system's certificates. Beside it no parameter of the URL about TLS has an effect. @default what the URL says, else no TLS */
  readonly tls?: MongoTls | undefined;
  /** A `MongoClient` of your own, instead of `url`; its settings hold, and `close()` leaves it open. */
  readonly client?: MongoClientLike | undefined;
  /** Most connections to one server. @default 10 @minimum 1 */
  readonly max?: number | undefined;
  /** Connections to one server that are kept open when nobody needs them. @default 0 @minimum 0 */
  readonly min?: number | undefined;
  /** Most connections to one server that are being made at the same time. @default 2 @minimum 1 */
  readonly maxConnecting?: number | undefined;
  /** How long a connection that nobody needs is kept, beyond `min`. @default '30s' */
  readonly idleTimeout?: Duration | undefined;
  /**
   * Longest wait for a connection of a server that is there, then `PoolExhaustedError` when all are in use, `PoolUnavailableError` when none can be made.
   * @default '5s' @minimum 100 ms
   */
  readonly acquireTimeout?: Duration | undefined;
  /** Longest wait for a server that can be reached and for its connection. @default '5s' */
  readonly connectTimeout?: Duration | undefined;
  /** Longest time of a call that brings no timeout of its own; of a stream, for each batch. @default '30s' */
  readonly timeout?: Duration | undefined;
  /** How top-level fields are named in documents, where neither the entity nor `column()` says. @default 'as-written' */
  readonly naming?: Naming | undefined;
  /** Name in errors, and `appName` on the server. @default hosts and database, without credentials */
  readonly label?: string | undefined;
}

/** Options after they were checked. */
export interface Settings {
  readonly observer: ObserverSettings;
  readonly url: string | undefined;
  readonly name: string;
  readonly client: MongoClientLike | undefined;
  readonly max: number;
  readonly min: number;
  readonly maxConnecting: number;
  readonly idleTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly user: string | undefined;
  readonly password: string | (() => string | Promise<string>) | undefined;
  readonly tls: MongoTls | undefined;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly naming: Naming;
  readonly label: string;
}

/** The defaults of `MongoOptions`. */
export const MONGO_DEFAULTS: Readonly<{
  max: number;
  min: number;
  maxConnecting: number;
  idleTimeout: Duration;
  acquireTimeout: Duration;
  connectTimeout: Duration;
  timeout: Duration;
  naming: Naming;
}> = Object.freeze({
  max: 10,
  min: 0,
  maxConnecting: 2,
  idleTimeout: '30s',
  acquireTimeout: '5s',
  connectTimeout: '5s',
  timeout: '30s',
  naming: 'as-written',
});

/** What a client that is given has of its own. */
const CONNECTION = ['url', 'user', 'password', 'tls', 'min', 'maxConnecting', 'idleTimeout', 'acquireTimeout'] as const;

const KNOWN: ReadonlySet<string> = new Set([
  ...CONNECTION,
  'logger',
  'slowQuery',
  'name',
  'client',
  'max',
  'connectTimeout',
  'timeout',
  'naming',
  'label',
]);

/** Checks the options. @throws TypeError that names the option and says what was expected */
export function parseOptions(options: MongoOptions): Settings {
  refuseUnknown(options, KNOWN);
  const { client } = options;
  if (client !== undefined && options.url !== undefined) throw new TypeError('Expected `url` or `client`, not both');
  if (client !== undefined) checkGiven(options);
  checkCredentials(options);
  if (client !== undefined && typeof (client as { readonly db?: unknown } | null)?.db !== 'function') {
    throw new TypeError('Expected `client` to be a MongoClient');
  }
  const given = client === undefined ? parseUrl(options.url ?? process.env['MONGODB_URI']) : undefined;
  const url = given !== undefined && options.tls !== undefined ? withoutTls(given) : given;
  const name = parseName(options.name ?? (url === undefined ? undefined : databaseOf(url)));
  return {
    url,
    name,
    client,
    ...poolSettings(options),
    observer: observerSettings(options),
    user: options.user,
    password: options.password,
    tls: options.tls,
    connectTimeoutMs: timeLimit(options.connectTimeout ?? MONGO_DEFAULTS.connectTimeout, 'connectTimeout'),
    timeoutMs: timeLimit(options.timeout ?? MONGO_DEFAULTS.timeout, 'timeout'),
    naming: namingOf(options.naming ?? MONGO_DEFAULTS.naming),
    label: parseLabel(options.label) ?? (url === undefined ? name : `${hostsOf(url)}/${name}`),
  };
}

function checkGiven(options: MongoOptions): void {
  for (const each of CONNECTION) {
    if (options[each] !== undefined)
      throw new TypeError(`\`${each}\` cannot be given together with \`client\`: the client has its own`);
  }
}

function checkCredentials({ user, password, tls }: MongoOptions): void {
  if (user !== undefined && typeof user !== 'string') throw expected('user', 'a string', user);
  // Never described: what was given by mistake may still be a secret.
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function')
    throw new TypeError('Expected `password` to be a string or a function');
  if ((user === undefined) !== (password === undefined)) throw new TypeError('Expected `user` and `password` together');
  checkTls(tls, 'tls');
}

function poolSettings(
  options: MongoOptions,
): Pick<Settings, 'max' | 'min' | 'maxConnecting' | 'idleTimeoutMs' | 'acquireTimeoutMs'> {
  const max = positiveInteger(options.max ?? MONGO_DEFAULTS.max, 'max');
  return {
    max,
    min: leastConnections(options.min ?? MONGO_DEFAULTS.min, max),
    maxConnecting: positiveInteger(options.maxConnecting ?? MONGO_DEFAULTS.maxConnecting, 'maxConnecting'),
    idleTimeoutMs: timeLimit(options.idleTimeout ?? MONGO_DEFAULTS.idleTimeout, 'idleTimeout'),
    acquireTimeoutMs: acquireLimit(options.acquireTimeout ?? MONGO_DEFAULTS.acquireTimeout),
  };
}

// Its message must never show the value: a connection string holds a password.
function parseUrl(url: unknown): string {
  if (typeof url === 'string' && /^mongodb(\+srv)?:\/\/[^/]/.test(url)) return url;
  throw new TypeError(
    'Expected `url` to be a connection string such as `mongodb://localhost/app`: give `url` or `client`, or set the environment variable MONGODB_URI',
  );
}

/** What is given goes before what the URL says: the driver would refuse the two together, or take the weaker one. */
function withoutTls(url: string): string {
  const at = url.indexOf('?');
  if (at < 0) return url;
  const isTls = (part: string): boolean => [...new URLSearchParams(part).keys()].some((key) => /^(tls|ssl)/i.test(key));
  const kept = url
    .slice(at + 1)
    .split('&')
    .filter((part) => !isTls(part));
  return `${url.slice(0, at)}${kept.length > 0 ? '?' : ''}${kept.join('&')}`;
}

const HOSTS = /^[^:@,]*(:\d+)?(,[^:@,]*(:\d+)?)*$/;

/** What follows the credentials: hosts, then the path. A password with an unescaped `/` is refused by the driver, and must not show either. */
function afterCredentials(url: string): string {
  const rest = url.slice(url.indexOf('://') + 3);
  const authority = rest.split(/[/?]/, 1)[0]!;
  if (!authority.includes('@') && HOSTS.test(authority)) return rest;
  return authority.includes('@') ? rest.slice(authority.lastIndexOf('@') + 1) : rest.slice(rest.lastIndexOf('@') + 1);
}

function hostsOf(url: string): string {
  return afterCredentials(url).split(/[/?]/, 1)[0]!;
}

function databaseOf(url: string): string | undefined {
  const path = /^[^/?]*\/([^?]*)/.exec(afterCredentials(url))?.[1];
  return path === undefined || path === '' ? undefined : path;
}

function parseName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length < 64 && !/[/\\. "$*<>:|?\0]/.test(name)) return name;
  throw new TypeError(
    `Expected \`name\` to be the name of a database, of at most 63 characters and none of /\\. "$*<>:|?, got ${describeValue(name)}: give \`name\`, or put it into \`url\``,
  );
}

function parseLabel(label: unknown): string | undefined {
  if (label === undefined || (typeof label === 'string' && label !== '')) return label;
  throw new TypeError(`Expected \`label\` to be a text that is not empty, got ${describeValue(label)}`);
}
