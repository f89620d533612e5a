import { decoded, refuseNoName, refuseRest } from '../../core/engine-url.js';

/** Where a server is, as an address says it. */
export interface RedisAddress {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: boolean;
}

/** The parts of an address. @throws TypeError that names the option, never the address, which may hold a password */
export function fromUrl(text: string, option: string): RedisAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError(
      `Expected \`${option}\` to be an address such as redis://user:password@host:6379/0 (special characters encoded)`,
    );
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw new TypeError(`Expected \`${option}\` to begin with redis:// or rediss://`);
  refuseRest(url, option);
  const [parameter] = url.searchParams.keys();
  if (parameter !== undefined) {
    refuseNoName(parameter, option);
    throw new TypeError(
      `Unknown parameter \`${parameter}\` in \`${option}\`: use the options of RedisStore, or bring a client of your own`,
    );
  }
  const path = url.pathname.slice(1);
  if (!/^\d*$/.test(path))
    throw new TypeError(`Expected the path of \`${option}\` to be the number of a database, such as /0`);
  const part = (value: string): string => decoded(value, option);
  return {
    ...(url.hostname !== '' && { host: part(url.hostname).replace(/^\[(.*)\]$/, '$1') }),
    ...(url.port !== '' && { port: Number(url.port) }),
    ...(url.username !== '' && { username: part(url.username) }),
    ...(url.password !== '' && { password: part(url.password) }),
    ...(path !== '' && { db: Number(path) }),
    ...(url.protocol === 'rediss:' && { tls: true }),
  };
}
