import { LRUCache } from 'lru-cache';
import type { Command } from '../query/command.js';

/** Compiled commands by shape. Bounded: an application that builds filters from input has any number of shapes. */
export class PlanCache {
  readonly #plans: LRUCache<string, object>;

  constructor(max = 1_000) {
    this.#plans = new LRUCache({ max });
  }

  get size(): number {
    return this.#plans.size;
  }

  /** The plan of the key; the first time it is compiled. The least recently used go first. */
  get<P extends object>(key: string, compile: () => P): P {
    const known = this.#plans.get(key);
    if (known !== undefined) return known as P;
    const plan = compile();
    this.#plans.set(key, plan);
    return plan;
  }

  clear(): void {
    this.#plans.clear();
  }
}

/** Equal for commands that differ only in values, limit and offset. */
export function planKey({ kind, entity, shape }: Exclude<Command, { readonly kind: 'ensureSchema' }>): string {
  return `${kind}:${entity.id}:${shape}`;
}
