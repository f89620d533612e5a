import { describe, expect, it } from 'vitest';
import { AbortedError, TimeoutError } from '../../../src/errors/runtime.js';
import { type Call, within } from '../../../src/mongo/call.js';

const limits = { resource: 'host/app', signal: undefined, timeoutMs: undefined, defaultMs: 60_000 };
const same = (error: unknown): unknown => error;
const never = new Promise<never>(() => {});

describe('a call', () => {
  it('gives what its work gives, and maps what it throws', async () => {
    expect(await within(limits, async () => 1, same)).toBe(1);
    const mapped = within(
      limits,
      () => Promise.reject(new Error('raw')),
      () => new RangeError('mapped'),
    );
    await expect(mapped).rejects.toBeInstanceOf(RangeError);
  });

  it('does nothing when its signal is aborted before', async () => {
    let began = false;
    const work = async (): Promise<void> => {
      began = true;
    };
    const error = await within({ ...limits, signal: AbortSignal.abort('why') }, work, same).catch((each) => each);
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.outcome).toBe('not-executed');
    expect(began).toBe(false);
  });

  it.each([
    [true, 'unknown'],
    [false, 'not-executed'],
  ])('that is aborted ends at once; sent: %s, outcome: %s', async (sent, outcome) => {
    const controller = new AbortController();
    let seen: Call | undefined;
    const ended = within(
      { ...limits, signal: controller.signal },
      (call) => {
        call.sent = sent;
        seen = call;
        return never;
      },
      same,
    ).catch((each) => each);
    controller.abort('why');
    expect(await ended).toMatchObject({ code: 'ABORTED', outcome, cause: 'why', resource: 'host/app' });
    expect(seen!.signal!.aborted).toBe(true);
    expect(seen!.over).toBe(true);
  });

  it('ends at its own deadline, or at the default one', async () => {
    for (const each of [{ timeoutMs: 1 }, { defaultMs: 1 }]) {
      await expect(within({ ...limits, ...each }, () => never, same)).rejects.toBeInstanceOf(TimeoutError);
    }
  });

  it('makes no signal for the driver unless it was given a signal or a timeout', async () => {
    const signalOf = (more: object): Promise<unknown> =>
      within({ ...limits, ...more }, async (call) => call.signal, same);
    expect(await signalOf({})).toBeUndefined();
    expect(await signalOf({ timeoutMs: 60_000 })).toBeInstanceOf(AbortSignal);
  });

  it('tells how much time is left, never nothing', async () => {
    const left = await within({ ...limits, defaultMs: 5_000 }, async (call) => call.left(), same);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5_000);
  });
});
