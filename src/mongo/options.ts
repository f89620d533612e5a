import { type Clock, systemClock } from '../util/clock.js';
import { describeValue } from '../util/describe.js';
import { type Duration, parseDuration } from '../util/duration.js';
import type { MongoClientLike } from './client.js';
import type { Naming } from './names.js';

/** Settings of a `MongoDatabase`. */
export interface MongoDatabaseOptions {
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
  /** Where repositories take the time from. @default the system's clock */
  readonly clock?: Clock | undefined;
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
  readonly clock: Clock;
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
  'clock',
  'label',
]);

/** Checks the options. @throws TypeError that names the option and says what was expected */
export function parseOptions(options: MongoDatabaseOptions): Settings {
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key)) throw new TypeError(`Unknown option \`${key}\`: the options are ${[...KNOWN].join(', ')}`);
  }
  const { client, max = MONGO_DEFAULTS.max, naming = MONGO_DEFAULTS.naming, clock = systemClock } = options;
  if (client !== undefined && options.url !== undefined) throw new TypeError('Expected `url` or `client`, not both');
  if (client !== undefined && typeof (client as { readonly db?: unknown } | null)?.db !== 'function') {
    throw new TypeError('Expected `client` to be a MongoClient');
  }
  const url = client === undefined ? parseUrl(options.url ?? process.env['MONGODB_URI']) : undefined;
  if (!Number.isInteger(max) || max < 1) {
    throw new TypeError(`Expected \`max\` to be an integer from 1, got ${describeValue(max)}`);
  }
  if (naming !== 'snake' && naming !== 'as-written') {
    throw new TypeError(`Expected \`naming\` to be 'snake' or 'as-written', got ${describeValue(naming)}`);
  }
  if (typeof (clock as { readonly now?: unknown } | null)?.now !== 'function') {
    throw new TypeError('Expected `clock` to have a method `now`');
  }
  const name = parseName(options.name ?? (url === undefined ? undefined : databaseOf(url)));
  return {
    url,
    name,
    client,
    max,
    connectTimeoutMs: positive(options.connectTimeout ?? MONGO_DEFAULTS.connectTimeout, 'connectTimeout'),
    timeoutMs: positive(options.timeout ?? MONGO_DEFAULTS.timeout, 'timeout'),
    naming,
    clock,
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

// The longest delay that a timer takes.
const MAX_MS = 2 ** 31 - 1;

function positive(duration: Duration, option: string): number {
  const ms = parseDuration(duration, option);
  if (ms >= 1 && ms <= MAX_MS) return ms;
  throw new TypeError(`Expected \`${option}\` to be from 1 ms to 24 days, got ${describeValue(duration)}`);
}
