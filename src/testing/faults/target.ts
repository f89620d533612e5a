/** Where a server listens. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

const PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'mongodb:': 27017,
  'redis:': 6379,
  'rediss:': 6379,
};

/** The host and port of an address. @throws TypeError that does not show the address, which may hold a password. */
export function targetOf(target: string | Target): Target {
  if (typeof target !== 'string') return { host: target.host, port: target.port };
  const { protocol, hostname, port } = parsed(target);
  const number = port === '' ? PORTS[protocol] : Number(port);
  if (number === undefined || hostname === '') throw wrong();
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: number };
}

/** The same address with another host and port. */
export function throughProxy(original: string, host: string, port: number): string {
  const url = parsed(original);
  url.hostname = host;
  url.port = String(port);
  if (url.protocol === 'mongodb:') {
    // The driver would ask the server for the members of its replica set, and go to them past the proxy.
    url.searchParams.delete('replicaSet');
    url.searchParams.set('directConnection', 'true');
  }
  return url.href;
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
