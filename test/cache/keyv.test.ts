import { keyvApiTests, keyvNamespaceTest, keyvValueTests } from '@keyv/test-suite';
import Keyv from 'keyv';
import * as vitest from 'vitest';
import { CacheManager, type CacheStore, MemoryStore, RedisStore } from '../../src/index.js';
import { redisPrefix } from '../setup/databases.js';

/** A cache as a store of `keyv`. The names of its namespaces are in the keys that it is given. */
class Adapter {
  readonly opts: Record<string, unknown> = {};
  namespace: string | undefined;
  readonly #cache: CacheManager;

  constructor(cache: CacheManager) {
    this.#cache = cache;
  }

  /** To clear a namespace must leave the others. */
  get #own(): CacheManager {
    return this.namespace === undefined ? this.#cache : this.#cache.namespace(this.namespace);
  }

  get(key: string): Promise<unknown> {
    return this.#own.get(key);
  }

  getMany(keys: string[]): Promise<unknown[]> {
    return this.#own.getMany(keys);
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    await this.#own.set(key, value, { ttl: ttl === undefined ? '1d' : `${ttl}ms` });
    return true;
  }

  has(key: string): Promise<boolean> {
    return this.#own.get(key).then((value) => value !== undefined);
  }

  delete(key: string): Promise<boolean> {
    return this.#own.delete(key);
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    const deleted = await Promise.all(keys.map((key) => this.#own.delete(key)));
    return deleted.includes(true);
  }

  async clear(): Promise<void> {
    await this.#own.clear();
  }

  on(): this {
    return this;
  }
}

const { url, prefix } = await redisPrefix();
const redis = new RedisStore({ url });
vitest.afterAll(() => redis.close());
let caches = 0;

// Its iterator is left out: a cache does not list what is in it.
vitest.describe.each([
  ['Redis', redis],
  ['memory', new MemoryStore()],
] as const)('the test suite of keyv, on %s', (_name, store) => {
  for (const [part, tests] of [
    ['its calls', keyvApiTests],
    ['its values', keyvValueTests],
    ['its namespaces', keyvNamespaceTest],
  ] as const)
    vitest.describe(part, () => tests(vitest, Keyv, sharing(store)));
});

/** Stores that share what is in them, as the suite wants it. */
function sharing(store: CacheStore): () => Adapter {
  const cache = new CacheManager(store, { prefix: `${prefix}keyv${caches++}`, storeTimeout: '10s' });
  return () => new Adapter(cache);
}
