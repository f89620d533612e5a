import { channels, type QueryTrace } from '../core/channels.js';
import type { Outcome } from '../errors/error.js';
import { AbortedError, TimeoutError } from '../errors/runtime.js';
import type { Assignment } from '../query/command.js';
import type { EntityModel } from '../schema/model.js';
import type { MongoSessionLike } from './client.js';
import { type Concerns, NO_CONCERNS } from './concerns.js';
import { Watch } from './watch.js';

/** What a call is about, for the message when it fails. */
export interface Subject {
  readonly entity: EntityModel;
  readonly assignments?: readonly Assignment[];
}

/** One call on the database: its deadline, and whether anybody still waits for it. */
export interface Call {
  readonly startedAt: number;
  /**
   * Aborts what the driver does, and with it the connection. Absent where the call brought neither a signal nor a timeout:
   * it costs the driver a fifth of a lookup, and the client's own limits hold then.
   */
  readonly signal: AbortSignal | undefined;
  /** Whether a message was written: from then on the outcome of a failure is not known. */
  sent: boolean;
  /** Of the transaction that the call belongs to. */
  session: MongoSessionLike | undefined;
  /** Null where nobody listens. */
  readonly watch: Watch | null;
  /** What the caller asks of reads and writes besides. */
  readonly concerns: Concerns;
  /** Nobody waits any more: nothing new may be started. */
  readonly over: boolean;
  /** Milliseconds left, at least 1: the server's own limit of a command. */
  left(): number;
}

/** Whether something of a call that failed may be stored: of one that belongs to a transaction nothing can, because that is aborted then. */
export function mayBeStored({ sent, session }: Call): boolean {
  return sent && session === undefined;
}

/** Ends a call with the error for its outcome. */
export type EndCall = (error: (outcome: Outcome) => Error) => void;

/** When a call ends at the latest, and who is told of it. */
export interface CallLimits {
  readonly resource: string;
  readonly signal: AbortSignal | undefined;
  /** Of this call, or undefined for the default. */
  readonly timeoutMs: number | undefined;
  readonly defaultMs: number;
  readonly concerns?: Concerns;
  /** To be filled in, where somebody listens. */
  readonly trace?: QueryTrace | undefined;
  /** Told of the call with what ends it; gives what is told of its end. */
  readonly begin?: (end: EndCall) => () => void;
}

/** Runs `work` until it settles, the signal aborts or the deadline passes, whichever comes first. */
export function within<T>(
  limits: CallLimits,
  work: (call: Call) => Promise<T>,
  mapError: (error: unknown, call: Call) => unknown,
): Promise<T> {
  const { resource, signal } = limits;
  if (signal?.aborted)
    return Promise.reject(new AbortedError('The call was aborted before it began', { resource, cause: signal.reason }));
  const timeoutMs = limits.timeoutMs ?? limits.defaultMs;
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const controller = signal !== undefined || limits.timeoutMs !== undefined ? new AbortController() : undefined;
    const { trace } = limits;
    const isWatched = trace !== undefined || channels.acquire.hasSubscribers;
    const watch = isWatched ? new Watch(resource, trace ?? null) : null;
    const call: { -readonly [K in keyof Call]: Call[K] } = {
      startedAt,
      signal: controller?.signal,
      sent: false,
      session: undefined,
      watch,
      concerns: limits.concerns ?? NO_CONCERNS,
      over: false,
      left: () => Math.max(1, Math.ceil(startedAt + timeoutMs - performance.now())),
    };
    const finish = (error: unknown): void => {
      call.over = true;
      watch?.end(error);
      ended?.();
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const end = (error: Error): void => {
      finish(error);
      reject(error);
      controller?.abort(error);
    };
    const outcome = (): Outcome => (mayBeStored(call) ? 'unknown' : 'not-executed');
    const details = () => ({ resource, outcome: outcome(), elapsedMs: Math.round(performance.now() - startedAt) });
    const abort = (): void => end(new AbortedError('The call was aborted', { ...details(), cause: signal?.reason }));
    const expire = (): void =>
      end(new TimeoutError(`The call took longer than ${timeoutMs} ms`, { ...details(), retryable: !call.sent }));
    const timer = setTimeout(expire, timeoutMs);
    const ended = limits.begin?.((error) => end(error(outcome())));
    signal?.addEventListener('abort', abort, { once: true });
    work(call).then(
      (value) => {
        if (call.over) return;
        finish(null);
        resolve(value);
      },
      (error) => {
        if (call.over) return;
        const mapped = mapError(error, call);
        finish(mapped);
        reject(mapped);
      },
    );
  });
}
