/**
 * The part of the driver's `Redis` and `Cluster` that is called: a client of your own fits. It is written out here, because the types of the library
 * must not need the driver.
 */
export interface RedisClientLike {
  readonly status: string;
  connect(): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
  call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>;
  /** The same, with the texts of the reply as bytes. */
  callBuffer(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>;
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
}

/** What a client of our own has besides, and one that the application brought may have. */
export interface SingleRedisClient extends RedisClientLike {
  readonly options: {
    password?: string | undefined;
    connectionName?: string | undefined;
    readonly host?: string | undefined;
    readonly port?: number | undefined;
  };
  /** Null until it is connected. */
  readonly stream?: { readonly bytesRead: number; destroy(): void } | null;
  duplicate(override?: object): SingleRedisClient;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
}

/** What a cluster has besides. */
export interface ClusterRedisClient extends RedisClientLike {
  nodes(role: 'master'): SingleRedisClient[];
}

export function isCluster(client: RedisClientLike): client is ClusterRedisClient {
  return typeof (client as Partial<ClusterRedisClient>).nodes === 'function';
}
