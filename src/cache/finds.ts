import type { CacheOutcome, CacheTrace } from '../core/channels.js';
import type { Body } from './body.js';
import type { Look } from './entries.js';
import { type CacheKey, keyText } from './key.js';
import { counted } from './many.js';
import { type CallSettings, callSettings, type GetOptions } from './options.js';
import type { Part } from './part.js';

const HIT = ['hits', 'hit'] as const;
const STALE = ['stale', 'stale'] as const;
const MISS = ['misses', 'miss'] as const;

/** Finds values that are there, and loads none. */
export class Finds {
  readonly #part: Part;

  constructor(part: Part) {
    this.#part = part;
  }

  async one(key: CacheKey | string, options: GetOptions | undefined, outcome: CacheOutcome | null): Promise<unknown> {
    const near = this.#part.nearby(key);
    if (near !== undefined) return this.near(near, outcome);
    const text = keyText(key);
    const call = callSettings(options, this.#part.settings);
    const { heard } = this.#part;
    return this.#served(text, await this.#part.look(text, call.tags), call, heard, outcome);
  }

  async many(
    keys: readonly (CacheKey | string)[],
    options: GetOptions | undefined,
    trace: CacheTrace | null,
  ): Promise<unknown[]> {
    const texts = keys.map((key) => keyText(key));
    const call = callSettings(options, this.#part.settings);
    const { heard } = this.#part;
    const looks = await this.#part.looks(texts, call.tags);
    const values = await Promise.all(looks.map((look, i) => this.#served(texts[i]!, look, call, heard, null)));
    if (trace !== null) counted(trace, values.filter((value) => value !== undefined).length, values.length);
    return values;
  }

  /** What is at hand in this process. A value that cannot be frozen is read anew for each who asks. */
  near({ value, body }: { readonly value: unknown; readonly body: Body }, outcome: CacheOutcome | null): unknown {
    if (outcome !== null) {
      outcome.result = 'hit';
      outcome.level = 'l1';
    }
    return value === undefined ? this.#part.entries.value(body) : value;
  }

  async #served(
    text: string,
    look: Look,
    call: CallSettings,
    heard: number,
    outcome: CacheOutcome | null,
  ): Promise<unknown> {
    const age = await this.#part.age(look, call);
    const isGood = age === 'fresh' || age === 'early' || age === 'stale';
    const found = isGood ? await this.#part.value(look.body!, text) : null;
    if (found !== null && age !== 'stale') this.#part.keep(look, found.value, text, heard);
    const [name, event] = found === null ? MISS : age === 'stale' ? STALE : HIT;
    this.#part.count(name);
    this.#part.tell(event, text);
    if (outcome !== null) {
      outcome.result = event;
      if (found !== null) outcome.level = 'store';
    }
    return found?.value;
  }
}
