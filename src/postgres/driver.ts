import type { Client, Pool, PoolConfig } from 'pg';
import { DriverMissingError } from '../errors/runtime.js';
import type { NameOf } from './beside-connection.js';

export type { PoolConfig } from 'pg';

/** Told how asking for a client ended. */
export type Taken = (error: Error | undefined, client: PostgresClient | undefined, release: Release) => void;

/** What is used of a `pg.Pool`. */
export interface PostgresPool {
  connect(taken: Taken): void;
  /** Makes a client beside those that are idle; its published types leave it out. */
  newClient?(item: { readonly callback: Taken }): void;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect' | 'remove', listener: () => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'connect', listener: () => void): unknown;
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** What is used of a client of a `pg.Pool`. */
export interface PostgresClient {
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** Gives a client back; with true, the pool drops it. */
export type Release = (destroy?: boolean) => void;

/** Takes a client out of its pool. A graceful end would wait for a peer that may be gone. */
export function dropClient(client: PostgresClient, release: Release): void {
  release(true);
  (client as Partial<WireClient>).connection?.stream.destroy();
}

/** The part of the driver's connection that statements are written to. It is the one that `pg-cursor` and `pg-query-stream` use. */
export interface WireConnection {
  readonly stream: {
    cork?(): void;
    uncork?(): void;
    destroy(): void;
    once(event: 'close', listener: () => void): unknown;
    readonly writable: boolean;
    readonly destroyed?: boolean;
  };
  readonly parsedStatements: Record<string, string | undefined>;
  parse(message: { text: string; name: string }): void;
  bind(message: { portal: string; statement: string; values: readonly unknown[]; binary: boolean }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  close(message: { type: 'P' | 'S'; name: string }): void;
  flush(): void;
  sync(): void;
}

/** A client as the driver makes it, with the members that its published types leave out. */
export interface WireClient extends PostgresClient {
  readonly connection: WireConnection;
  readonly processID: number | null;
  /** What the server said last: idle, in a transaction, in one that failed. Absent from older versions. */
  readonly _txStatus?: 'I' | 'T' | 'E' | null;
  /** Null when everything was answered. Absent from older versions. */
  readonly _activeQuery?: unknown;
  readonly _queryable?: boolean;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  query(submittable: { submit(connection: WireConnection): unknown }): unknown;
}

/** What the library uses of the npm package. */
export interface Driver {
  readonly Pool: new (config: PoolConfig) => Pool;
  readonly Client: new (config: PoolConfig) => Client;
}

/** How long a connection is silent before the system asks its peer whether it is still there. */
export const KEEP_ALIVE_MS = 10_000;

const PACKAGE = 'pg';
const RANGE = '^8.16.0';

/** Loads `pg` at the first connection, so that importing the library needs no driver. @throws DriverMissingError */
export async function loadDriver(load: () => Promise<unknown> = () => import('pg')): Promise<Driver> {
  try {
    const module = (await load()) as Driver & { readonly default?: Driver };
    return module.default ?? module;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new DriverMissingError(PACKAGE, RANGE, { cause: error });
  }
}

/** Settings of a connection, as the driver takes them. */
export interface ConnectConfig {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly database?: string | undefined;
  readonly ssl?: PoolConfig['ssl'];
  readonly options?: string | undefined;
  readonly application_name: string;
  readonly enableChannelBinding?: boolean | undefined;
}

/** A client that is in no pool. */
export interface SingleClient extends WireClient {
  connect(connected: (error: Error | null | undefined) => void): void;
  unref(): void;
  end(ended: () => void): void;
  once(event: 'end', listener: () => void): unknown;
}

/** A client beside the pool: it logs in as those of the pool do, and has a name that tells it from them. */
export function createClient(
  { Client }: Driver,
  pool: PostgresPool | null,
  config: ConnectConfig,
  connectTimeoutMs: number,
  nameOf: NameOf,
): SingleClient {
  const { options } = (pool ?? {}) as { readonly options?: PoolConfig };
  const given = options ?? config;
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return new Client({
    ...settings,
    // Pools hide it from enumeration.
    password: given.password,
    application_name: nameOf(given.application_name ?? config.application_name),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  } as PoolConfig) as unknown as SingleClient;
}

const CANCEL_TIMEOUT_MS = 1_000;

/**
 * Asks the server to cancel what the client runs, by the protocol's own request on a side connection: it needs no login and no
 * free slot, and its secret makes sure that it reaches no other session. Never fails: the statement may just have ended. Settles when the server has it, or cannot be reached.
 */
export function requestCancel(client: WireClient): Promise<void> {
  const { processID, secretKey, host, port, ssl } = client;
  if (processID === null || secretKey === null) return Promise.resolve();
  type Side = WireConnection & {
    connect(port: number | string, host?: string): void;
    on(event: string, listener: () => void): void;
    requestSsl(): void;
    cancel(processID: number, secretKey: number): void;
    readonly stream: { destroy(): void; end(): void };
  };
  const Connection = client.connection.constructor as new (config: { readonly ssl: unknown }) => Side;
  const side = new Connection({ ssl });
  const timer = setTimeout(() => side.stream.destroy(), CANCEL_TIMEOUT_MS);
  timer.unref();
  const send = (): void => {
    side.cancel(processID, secretKey);
    side.stream.end();
  };
  side.on('error', () => side.stream.destroy());
  const over = new Promise<void>((resolve) => {
    side.on('end', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  side.on('connect', () => (ssl ? side.requestSsl() : send()));
  side.on('sslconnect', send);
  if (host?.startsWith('/')) side.connect(`${host}/.s.PGSQL.${port}`);
  else side.connect(port, host);
  return over;
}
