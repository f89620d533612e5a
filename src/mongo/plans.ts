import { LRUCache } from 'lru-cache';

const MAX_PLANS = 1_000;

/** Compiled commands by shape. Bounded: an application that builds filters from input has any number of shapes. */
export class Plans {
  readonly #plans = new LRUCache<string, object>({ max: MAX_PLANS });

  get<P extends object>(key: string, compile: () => P): P {
    const known = this.#plans.get(key);
    if (known !== undefined) return known as P;
    const plan = compile();
    this.#plans.set(key, plan);
    return plan;
  }
}
