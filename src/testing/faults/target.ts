/** Where a server listens. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A socket of this machine. */
export interface SocketTarget {
  readonly path: string;
}

const PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'mongodb:': 27017,
  'redis:': 6379,
  'rediss:': 6379,
};

/** The host and port of an address. @throws TypeError that does not show the address, which may hold a password. */
export function targetOf(target: string | Target): Target | SocketTarget {
  if (typeof target !== 'string') return { host: target.host, port: target.port };
  const { protocol, hostname, port, searchParams } = parsed(target);
  const number = port === '' ? PORTS[protocol] : Number(port);
  const folder = isPostgres(protocol) ? searchParams.get('host') : null;
  if (folder?.startsWith('/')) return { path: `${folder}/.s.PGSQL.${number}` };
  if (number === undefined || hostname === '') throw wrong();
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: number };
}

/** The same address with another host and port. */
export function throughProxy(original: string, host: string, port: number): string {
  const url = parsed(original);
  url.hostname = host;
  url.port = String(port);
  // The driver takes it for the host, before that of the address.
  if (isPostgres(url.protocol)) url.searchParams.delete('host');
  if (url.protocol === 'mongodb:') {
    // The driver would ask the server for the members of its replica set, and go to them past the proxy.
    url.searchParams.delete('replicaSet');
    url.searchParams.set('directConnection', 'true');
  }
  return url.href;
}

function isPostgres(protocol: string): boolean {
  return protocol === 'postgres:' || protocol === 'postgresql:';
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw wrong();
  }
}

function wrong(): TypeError {
  return new TypeError('Expected the address of one server, such as postgres://user@host:5432/database');
}
