import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { anySignal } from '../../../src/util/any-signal.js';
import { until } from '../../setup/outcomes.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('the first of several signals', () => {
  it('aborts by one that nobody else holds, though garbage was collected', async () => {
    const signal = anySignal([new AbortController().signal, AbortSignal.timeout(50)]);
    // What is held weakly stays until the turn of the event loop ends.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    await until(() => signal.aborted);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('is that of the source, with its reason, and aborted at once where one is', () => {
    const one = new AbortController();
    const signal = anySignal([one.signal, new AbortController().signal]);
    expect(signal.aborted).toBe(false);
    one.abort('enough');
    expect(signal.reason).toBe('enough');
    expect(anySignal([one.signal]).aborted).toBe(true);
  });
});
