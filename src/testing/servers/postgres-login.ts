import type { Client } from 'pg';
import { loadPg } from '../driver.js';
import { StepUnavailable } from './error.js';
import { reasonOf, secretsOf } from './report.js';

/** Runs `use` with a connection of its own. */
export async function withClient<Result>(
  url: string,
  use: (client: Client) => Promise<Result>,
  timeout = 3000,
): Promise<Result> {
  const pg = await loadPg();
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeout });
  // A server that ends while we are connected must not end us.
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Logs in and returns the server's version; the step is unavailable when that fails or the login cannot create databases. */
export async function checkLogin(url: string, timeout?: number): Promise<string> {
  try {
    return await withClient(
      url,
      async (client) => {
        const { rows } = await client.query<{ version: string; allowed: boolean; standby: boolean }>(
          `select current_setting('server_version') as version, rolsuper or rolcreatedb as allowed,
                  pg_is_in_recovery() as standby
           from pg_roles where rolname = current_user`,
        );
        const row = rows[0];
        if (!row?.allowed) throw new StepUnavailable('the login has no right to create a database (CREATEDB)');
        if (row.standby) throw new StepUnavailable('it is a standby, which refuses writes');
        return row.version.split(' ')[0] ?? row.version;
      },
      timeout,
    );
  } catch (error) {
    if (error instanceof StepUnavailable) throw error;
    throw new StepUnavailable(loginReason(error, url));
  }
}

function loginReason(error: unknown, url: string): string {
  const reason = reasonOf(error, secretsOf(url));
  // What the driver says when the server asks for a password and there is none.
  return /client password must be a string/i.test(reason) ? 'the server asks for a password' : reason;
}

/** Parses an address; the driver also takes one without a host, which `URL` does not. */
function parseAddress(url: string): URL {
  return new URL(url.replace(/^(postgres(?:ql)?:\/\/)([^/?]*@)?(?=[/?]|$)/, '$1$2localhost'));
}

/** The same server and login, another database. */
export function withDatabase(url: string, database: string): string {
  const address = parseAddress(url);
  address.pathname = `/${encodeURIComponent(database)}`;
  return address.href;
}

/** `host:port` of an address, or its socket's path. */
export function addressOf(url: string): string {
  const address = parseAddress(url);
  return address.searchParams.get('host') ?? `${address.hostname}:${address.port || 5432}`;
}

/** An address from parts; a host that starts with `/` is the folder of a socket. */
export function addressFrom(parts: {
  readonly host: string;
  readonly port: string | number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
}): string {
  const { host, port, user, password, database } = parts;
  const login = [user, ...(password === undefined ? [] : [password])].map(encodeURIComponent).join(':');
  const path = encodeURIComponent(database);
  if (host.startsWith('/')) return `postgres://${login}@localhost:${port}/${path}?host=${encodeURIComponent(host)}`;
  return `postgres://${login}@${host.includes(':') ? `[${host}]` : host}:${port}/${path}`;
}
