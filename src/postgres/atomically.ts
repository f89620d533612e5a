import type { Deadline } from '../core/deadline.js';
import { plain } from './exchange.js';
import type { Session } from './session.js';

/** Runs several statements of one command as one transaction, or as a part of the one that is open. */
export async function atomically<T>(session: Session, deadline: Deadline, work: () => Promise<T>): Promise<T> {
  if (session.inTransaction) return work();
  await session.run(plain('begin'), deadline);
  session.inTransaction = true;
  try {
    const result = await work();
    await session.run(plain('commit'), deadline);
    return result;
  } catch (error) {
    // A connection that is gone has rolled back by itself.
    if (!session.gone) await session.run(plain('rollback'), deadline).catch(() => session.destroy(false));
    throw error;
  } finally {
    session.inTransaction = false;
  }
}
