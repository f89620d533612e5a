import { expect } from 'vitest';

/** What a call fails with. */
export function caught(promise: Promise<unknown>): Promise<any> {
  return promise.then(
    () => expect.unreachable('the call should have failed'),
    (reason: unknown) => reason,
  );
}

/** The errors that a server away or in trouble may end a call with. */
export const TROUBLE: ReadonlySet<string> = new Set(['CONNECTION', 'POOL_UNAVAILABLE', 'POOL_EXHAUSTED', 'TIMEOUT']);
