import { expected, refuseUnknown } from '../core/engine-options.js';
import { anySignal } from '../util/any-signal.js';
import type { Part } from './part.js';

/** Options of `clear`. */
export interface ClearOptions {
  /**
   * Whether the entries that are not given any more are also taken out of the store, behind: the event `swept` tells when that is done. Otherwise they go
   * when their time has come, or when the store wants the room.
   * @default false
   */
  readonly sweep?: boolean | undefined;
  /** Ends the sweep. What is cleared stays cleared. */
  readonly signal?: AbortSignal | undefined;
}

const KNOWN: ReadonlySet<string> = new Set(['sweep', 'signal']);

/** @throws TypeError that names the option and says what was expected */
export function clearSettings(options: ClearOptions): {
  readonly sweep: boolean;
  readonly signal: AbortSignal | undefined;
} {
  refuseUnknown(options, KNOWN);
  const { sweep: sweeps = false, signal } = options;
  if (typeof sweeps !== 'boolean') throw expected('sweep', 'a boolean', sweeps);
  return { sweep: sweeps, signal };
}

/** Sweeps that go on, by what they sweep: a further one takes the place of one that began before. */
const going = new WeakMap<Part['backing'], Map<string, AbortController>>();

/** Takes what a namespace had before it was cleared out of the store. Never rejects: `swept` tells how it ended. */
export async function sweep(part: Part, signal: AbortSignal | undefined): Promise<void> {
  const { backing, space } = part;
  let sweeps = going.get(backing);
  if (sweeps === undefined) {
    sweeps = new Map();
    going.set(backing, sweeps);
  }
  sweeps.get(space.path)?.abort();
  const controller = new AbortController();
  sweeps.set(space.path, controller);
  const ended = signal === undefined ? controller.signal : anySignal([controller.signal, signal]);
  let removed = 0;
  let failure: unknown = null;
  try {
    // One that nobody has read of yet is made, so that what is stored from now on can be told from what was.
    const capture = await backing.store.capture([space.clear], STAMP_MS, null);
    const steps = backing.store.sweep?.(space.path, capture!.stamps[0]!, ended) ?? [];
    for await (const count of steps) {
      removed += count;
      ended.throwIfAborted();
      // Others come first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    failure = error;
  } finally {
    if (sweeps.get(space.path) === controller) sweeps.delete(space.path);
  }
  part.tell('swept', removed, failure);
}

/** Longer than a sweep takes. */
const STAMP_MS = 3_600_000;
