import { describe, expect, it } from 'vitest';
import type { Call } from '../../../src/mongo/call.js';
import type { MongoSessionLike } from '../../../src/mongo/client.js';
import { mapError } from '../../../src/mongo/errors.js';
import { commit } from '../../../src/mongo/session.js';

const call: Call = {
  startedAt: 0,
  signal: undefined,
  sent: true,
  session: undefined,
  watch: null,
  concerns: {} as Call['concerns'],
  over: false,
  left: () => 60_000,
};

/** What the driver does when its commit fails by a bare error of a socket: it fails itself, for that has no labels. */
function failing(times: number): { readonly session: MongoSessionLike; commits(): number } {
  let commits = 0;
  const session = {
    commitTransaction: async () => {
      commits += 1;
      if (commits <= times) throw new TypeError('error.hasErrorLabel is not a function');
    },
  } as unknown as MongoSessionLike;
  return { session, commits: () => commits };
}

describe('a commit that the driver stumbles over', () => {
  it('is sent again, since a commit is done once', async () => {
    const { session, commits } = failing(1);
    await commit(session, call);
    expect(commits()).toBe(2);
  });

  it('that never comes through is a ConnectionError of unknown outcome', async () => {
    const { session, commits } = failing(100);
    const error = await commit(session, call).then(
      () => expect.unreachable(),
      (reason: unknown) => reason,
    );
    expect(commits()).toBe(4);
    expect(mapError(error, { resource: 'db', names: null, startedAt: 0, sent: true })).toMatchObject({
      code: 'CONNECTION',
      outcome: 'unknown',
      retryable: true,
    });
  });
});
