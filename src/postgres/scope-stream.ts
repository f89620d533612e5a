import type { Deadline } from '../core/deadline.js';
import type { Scope } from '../core/transaction-scope.js';
import { plain, type Statement } from './exchange.js';
import { quote } from './fields.js';
import type { Row } from './rows.js';
import type { Session } from './session.js';

/** Runs work as one call of the transaction, within the milliseconds that are left. */
type CallIn = <T>(leftMs: number | undefined, work: (session: Session, deadline: Deadline) => Promise<T>) => Promise<T>;

let cursors = 0;

/**
 * The rows of a statement inside a transaction. Its connection has other calls to serve between two batches, so they come from a cursor of
 * SQL, a statement per batch, instead of a portal that keeps the connection.
 */
export async function* streamInScope(
  scope: Scope<Session>,
  statement: Statement,
  batch: number,
  timeoutMs: number | undefined,
  callIn: CallIn,
): AsyncGenerator<Row, void, undefined> {
  const startedAt = performance.now();
  const call = <T>(work: (session: Session, deadline: Deadline) => Promise<T>): Promise<T> =>
    callIn(timeoutMs === undefined ? undefined : Math.max(1, startedAt + timeoutMs - performance.now()), work);
  const cursor = quote(`trivet_cursor_${++cursors}`);
  const open = plain(`declare ${cursor} no scroll cursor for ${statement.text}`, statement.values);
  const fetch: Statement = { ...plain(`fetch ${batch} from ${cursor}`), columns: statement.columns };
  await call((session, deadline) => session.run(open, deadline));
  let done = false;
  try {
    while (!done) {
      const { rows } = await call((session, deadline) => session.run(fetch, deadline));
      done = rows.length < batch;
      yield* rows;
    }
  } finally {
    // The end of the transaction closes it, too, and so does one that failed.
    if (!scope.closed && scope.failure === null) {
      await call((session, deadline) => session.run(plain(`close ${cursor}`), deadline)).catch(() => {});
    }
  }
}
