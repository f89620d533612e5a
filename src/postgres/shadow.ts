import type { Deadline } from '../core/deadline.js';
import { plain } from './exchange.js';
import type { Session } from './session.js';

/** Runs work in the open transaction and takes back what it made: only what it gives is left. */
export async function undone<T>(session: Session, deadline: Deadline, work: () => Promise<T>): Promise<T> {
  const run = (sql: string) => session.run(plain(sql), deadline);
  await run('savepoint trivet_shadow');
  try {
    return await work();
  } finally {
    if (!session.gone) {
      await run('rollback to savepoint trivet_shadow');
      await run('release savepoint trivet_shadow');
    }
  }
}
