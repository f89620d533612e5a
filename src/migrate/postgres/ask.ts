import { Deadline } from '../../core/deadline.js';
import type { BesideConnection } from '../../postgres/beside-connection.js';
import type { Ask } from './place.js';

/** Longest time for a statement about the ledger itself. */
const ASK_MS = 30_000;

/** Asks on a connection of its own; errors are the library's. */
export function askOn(beside: BesideConnection, within?: Deadline): Ask {
  return async (text, values) => {
    const deadline = within ?? new Deadline(ASK_MS, undefined);
    try {
      return (await beside.run(text, values, deadline)).rows;
    } catch (error) {
      throw beside.map(error, deadline.elapsedMs);
    } finally {
      if (within === undefined) deadline.clear();
    }
  };
}
