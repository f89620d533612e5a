import { ClosedError } from '../errors/runtime.js';
import type { Call } from './call.js';
import type { Document } from './client.js';

/**
 * A part of a command that knows when it is sent. The driver asks what has a `toBSON` for its value when it writes the message, on the connection that it has
 * got by then: before, nothing can have been executed, and what nobody waits for any more is not written. It rides in the very message, so that calls
 * at the same time are never taken for each other.
 */
class Sending {
  readonly #call: Call;
  readonly #value: unknown;

  constructor(call: Call, value: unknown) {
    this.#call = call;
    this.#value = value;
    call.watch?.handed();
  }

  toBSON(): unknown {
    const call = this.#call;
    // Its caller may have been told that nothing was executed.
    if (call.over) throw new ClosedError('The call is over');
    call.sent = true;
    call.watch?.sent();
    return this.#value ?? call.left();
  }

  /** For whoever listens to the commands of the driver. */
  toJSON(): unknown {
    return this.#value;
  }
}

/** Milliseconds left when the command is sent: its `maxTimeMS`. */
export function sentLimit(call: Call): unknown {
  return new Sending(call, undefined);
}

/** `value` as it is, which tells the call when it is sent. */
export function sent(call: Call, value: number | object): object {
  return new Sending(call, value);
}

/** The driver looks into the last stage, for one that writes. */
export function sentPipeline(call: Call, pipeline: readonly object[]): object[] {
  if (pipeline.length > 1) return [sent(call, pipeline[0]!), ...pipeline.slice(1)];
  const [stage] = pipeline as readonly Document[];
  if (stage !== undefined && !('$out' in stage) && !('$merge' in stage)) return [sent(call, stage)];
  return [sent(call, { $match: {} }), ...pipeline];
}
