import { TimeoutError } from 'trivet';
import { describe, expect, it } from 'vitest';
import { Limits } from '../../../src/core/time-left.js';

describe('the limits of a call', () => {
  it('are what the call brought where it brought no timeout', () => {
    const options = { signal: new AbortController().signal };
    expect(new Limits(options, 0).left()).toBe(options);
  });

  it('are what is left of the time, and a TimeoutError where nothing is', () => {
    const { signal } = new AbortController();
    const left = new Limits({ signal, timeoutMs: 60_000 }, performance.now() - 10_000).left();
    expect(left.signal).toBe(signal);
    expect(left.timeoutMs).toBeLessThanOrEqual(50_000);
    expect(left.timeoutMs).toBeGreaterThan(0);
    expect(() => new Limits({ timeoutMs: 5 }, performance.now() - 5).left()).toThrow(TimeoutError);
  });
});
