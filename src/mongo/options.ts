import { namingOf, positiveInteger, refuseUnknown, timeLimit } from '../core/engine-options.js';
import type { Naming } from '../schema/model.js';
import { describeValue } from '../util/describe.js';
import type { Duration } from '../util/duration.js';
import type { MongoClientLike } from './client.js';

/** Settings of a `MongoDatabase`. */
export interface MongoOptions {
  /** Connection string, `mongodb://…` or `mongodb+srv://…`. @default the environment's `MONGODB_URI` */
  readonly url?: string | undefined;
  /** Name of the database. @default the one in `url` */
  readonly name?: string | undefined;
  /** A `MongoClient` of your own, instead of `url`; its settings hold, and `close()` leaves it open. */
  readonly client?: MongoClientLike | undefined;
  /** Most connections to one server. @default 10 @minimum 1 */
  readonly max?: number | undefined;
  /** Longest wait for a server that can be reached and for its connection. @default '5s' */
  readonly connectTimeout?: Duration | undefined;
  /** Longest time of a call that brings no timeout of its own; of a stream, for each batch. @default '30s' */
  readonly timeout?: Duration | undefined;
  /** How top-level fields are named in documents, where neither the entity nor `column()` says. @default 'as-written' */
  readonly naming?: Naming | undefined;
  /** Name in errors, and `appName` on the server. @default hosts and database, without credentials */
  readonly label?: string | undefined;
}

export interface Settings {
  readonly url: string | undefined;
  readonly name: string;
  readonly client: MongoClientLike | undefined;
  readonly max: number;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly naming: Naming;
  readonly label: string;
}

export const MONGO_DEFAULTS: Readonly<{ max: number; connectTimeout: Duration; timeout: Duration; naming: Naming }> =
  Object.freeze({ max: 10, connectTimeout: '5s', timeout: '30s', naming: 'as-written' });

const KNOWN: ReadonlySet<string> = new Set([
  'url',
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
  if (client !== undefined && typeof (client as { readonly db?: unknown } | null)?.db !== 'function') {
    throw new TypeError('Expected `client` to be a MongoClient');
  }
  const url = client === undefined ? parseUrl(options.url ?? process.env['MONGODB_URI']) : undefined;
  const name = parseName(options.name ?? (url === undefined ? undefined : databaseOf(url)));
  return {
    url,
    name,
    client,
    max: positiveInteger(options.max ?? MONGO_DEFAULTS.max, 'max'),
    connectTimeoutMs: timeLimit(options.connectTimeout ?? MONGO_DEFAULTS.connectTimeout, 'connectTimeout'),
    timeoutMs: timeLimit(options.timeout ?? MONGO_DEFAULTS.timeout, 'timeout'),
    naming: namingOf(options.naming ?? MONGO_DEFAULTS.naming),
    label: parseLabel(options.label) ?? (url === undefined ? name : `${hostsOf(url)}/${name}`),
  };
}

// Its message must never show the value: a connection string holds a password.
function parseUrl(url: unknown): string {
  if (typeof url === 'string' && /^mongodb(\+srv)?:\/\/[^/]/.test(url)) return url;
  throw new TypeError(
    'Expected `url` to be a connection string such as `mongodb://localhost/app`: give `url` or `client`, or set the environment variable MONGODB_URI',
  );
}

const HOSTS = /^[^:@]*(:\d+)?(,[^:@]*(:\d+)?)*$/;

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
