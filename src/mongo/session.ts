import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.js';
import type { MongoClientLike, MongoSessionLike } from './client.js';
import { forDriver } from './concerns.js';
import { labelled } from './errors.js';

const MAX_ATTEMPTS = 8;
const MAX_COMMITS = 4;
const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 500;

/**
 * Runs `work` in a transaction, again where the server says that it lost against another one. `work` throws the driver's own
 * errors: their labels decide, so they are mapped only outside.
 */
export async function transact<T>(
  client: MongoClientLike,
  call: Call,
  work: (session: MongoSessionLike) => Promise<T>,
): Promise<T> {
  const session = client.startSession();
  try {
    for (let attempt = 1; ; attempt++) {
      // A client that reads from secondaries would lend its preference to the transaction, which the driver then refuses.
      session.startTransaction({ readPreference: 'primary', ...forDriver(call.concerns.writeConcern) });
      try {
        const result = await work(session);
        // After its deadline a call must leave nothing behind.
        if (call.over) throw new Error('The call is over');
        call.watch?.handedUnseen();
        await commit(session, call);
        return result;
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction().catch(() => {});
        if (call.over || attempt === MAX_ATTEMPTS || !labelled(error, 'TransientTransactionError')) throw error;
        await sleep(pause(attempt));
      }
    }
  } finally {
    await session.endSession().catch(() => {});
  }
}

/** Commits, again while the server does not say what became of it. It is done once. */
export async function commit(session: MongoSessionLike, call: Call): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await session.commitTransaction();
      return;
    } catch (thrown) {
      const error = legible(thrown);
      const expired = (error as { readonly code?: unknown }).code === 50;
      if (call.over || expired || attempt === MAX_COMMITS || !labelled(error, 'UnknownTransactionCommitResult'))
        throw error;
      await sleep(pause(attempt));
    }
  }
}

/**
 * The driver asks an error of a commit for its labels, and fails itself over one of a socket, which has none. The commit was sent then, and may
 * be sent again: it is done once.
 */
function legible(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const lost = new Error('the connection broke at the commit', { cause: error });
  const hasErrorLabel = (label: string): boolean => label === 'UnknownTransactionCommitResult';
  return Object.assign(lost, { name: 'MongoNetworkError', hasErrorLabel });
}

/** Full jitter, so that two that lost against each other do not meet again. */
function pause(attempt: number): number {
  return Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
}
