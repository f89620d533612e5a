import { decoded, refuseNoName, refuseRest } from '../core/engine-url.js';
import type { ConnectConfig } from './driver.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type FromUrl = Mutable<Partial<ConnectConfig>>;

/** Parameters that change nothing here, but stand in the URLs that hosts hand out. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'client_encoding',
  'connect_timeout',
  'gssencmode',
  'target_session_attrs',
]);

/**
 * The parts of a connection URL. The driver's own parser is not used: with it the URL's `sslmode` silently beats an explicit `ssl`.
 * @throws TypeError that names the option, never the URL.
 */
export function fromUrl(text: string, option: string): FromUrl {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The error of `new URL` carries the URL, and with it the password.
    throw new TypeError(
      `Expected \`${option}\` to be a URL such as postgres://user:password@host:5432/database (special characters encoded)`,
    );
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new TypeError(`Expected \`${option}\` to begin with postgres:// or postgresql://`);
  }
  refuseRest(url, option);
  const path = url.pathname.slice(1);
  const config: FromUrl = {};
  const part = (value: string): string => decoded(value, option);
  if (url.hostname !== '') config.host = part(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (url.port !== '') config.port = Number(url.port);
  if (url.username !== '') config.user = part(url.username);
  if (url.password !== '') config.password = part(url.password);
  if (path !== '') config.database = part(path);
  for (const [name, value] of url.searchParams) apply(config, name, value, option);
  return config;
}

function apply(config: FromUrl, name: string, value: string, option: string): void {
  switch (name) {
    case 'host':
    case 'user':
    case 'password':
    case 'options':
    case 'application_name':
      config[name] = value;
      return;
    case 'port':
      config.port = Number(value);
      return;
    case 'dbname':
      config.database = value;
      return;
    case 'channel_binding':
      config.enableChannelBinding = value === 'require';
      return;
    case 'sslmode':
      config.ssl = tlsOf(value, option);
      return;
  }
  if (!WITHOUT_EFFECT.has(name)) {
    refuseNoName(name, option);
    throw new TypeError(
      `Unknown parameter \`${name}\` in \`${option}\`: use the options of PostgresDatabase, or bring a pool of your own`,
    );
  }
}

function tlsOf(mode: string, option: string): boolean | { rejectUnauthorized: false } {
  switch (mode) {
    case 'disable':
      return false;
    case 'no-verify':
      return { rejectUnauthorized: false };
    case 'prefer':
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return true;
    default:
      throw new TypeError(
        `Expected \`sslmode\` of \`${option}\` to be disable, no-verify, prefer, require, verify-ca or verify-full`,
      );
  }
}
