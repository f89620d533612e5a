import { channels, type LockTrace, traced } from '../../core/channels.js';
import type { LockLostError } from '../../errors/lock.js';
import type { LockStore } from './port.js';

/** The lock that a trace is about. */
interface Subject {
  readonly name: string;
  readonly fence?: bigint | undefined;
}

function traceOf(store: LockStore, operation: LockTrace['operation'], { name, fence }: Subject): LockTrace {
  const { engine = store.name, name: resource } = store;
  return { engine, resource, operation, lock: name, ...(fence !== undefined && { fence: String(fence) }) };
}

/** What `work` gives, traced where somebody listens. */
export function tracedLock<T>(
  store: LockStore,
  operation: LockTrace['operation'],
  subject: Subject,
  work: (trace: LockTrace | null) => Promise<T>,
): Promise<T> {
  return traced(channels.lock, () => traceOf(store, operation, subject), work);
}

/** Many are extended by one call: each has a trace of its own. */
export function traceExtensions(
  store: LockStore,
  subjects: readonly Subject[],
  answers: Promise<readonly boolean[]>,
): void {
  if (!channels.lock.hasSubscribers) return;
  for (const [i, subject] of subjects.entries()) {
    const told = async (trace: LockTrace | null): Promise<void> => {
      trace!.isOurs = (await answers)[i] === true;
    };
    tracedLock(store, 'extend', subject, told).catch(() => {});
  }
}

/** It is known from now on that it is not held any more. */
export function traceLoss(store: LockStore, subject: Subject, loss: LockLostError): void {
  if (channels.lock.hasSubscribers) tracedLock(store, 'lost', subject, () => Promise.reject(loss)).catch(() => {});
}
