import { Deadline } from '../core/deadline.js';
import { QueryError } from '../errors/runtime.js';
import type { PostgresClient } from './driver.js';
import { plain } from './exchange.js';
import type { ConnectSession } from './options.js';
import { NO_EVENTS, Session } from './session.js';
import { encodeParameter } from './sql.js';

/** Runs the caller's `onConnect` on a new connection, within the time for connecting. Whoever makes the connection drops it when this fails. */
export async function warmUp(
  client: PostgresClient,
  onConnect: (session: ConnectSession) => void | Promise<void>,
  timeoutMs: number,
  resource: string,
): Promise<void> {
  const deadline = new Deadline(timeoutMs, undefined);
  const session = new Session(client, () => {}, resource, NO_EVENTS);
  const ended = new Promise<never>((_resolve, reject) => {
    deadline.listen(() => reject(deadline.error('not-executed', resource, '`onConnect` did not end')));
  });
  const refused = new WeakSet<object>();
  const query: ConnectSession['query'] = async (text, values = []) => {
    const statement = plain(text, values.map(encodeParameter));
    try {
      return (await session.run(statement, new Deadline(undefined, undefined))).rows;
    } catch (error) {
      refused.add(error as object);
      throw error;
    }
  };
  const work = async (): Promise<void> => {
    try {
      await onConnect({ query });
    } catch (error) {
      if (typeof error === 'object' && error !== null && refused.has(error)) throw error;
      throw new QueryError('`onConnect` failed', { resource, cause: error });
    }
    if (!session.isClean) throw new QueryError('`onConnect` left a transaction open', { resource });
  };
  try {
    await Promise.race([work(), ended]);
  } finally {
    deadline.clear();
    session.release();
  }
}
