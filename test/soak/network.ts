import type { FaultProxy } from '../../src/testing/index.js';
import { oneOf } from './leg.js';

/** A fault of the network that passes: most of the time it is a small one. */
export async function disturb(proxy: FaultProxy, random: () => number): Promise<void> {
  const kind = oneOf(['reset', 'reply', 'request', 'slow', 'slices', 'hole', 'refuse', 'calm', 'calm'], random);
  switch (kind) {
    case 'reset':
      proxy.reset();
      return;
    case 'reply':
      void proxy.dropReply({ nth: 1 + Math.floor(random() * 20) });
      return;
    case 'request':
      void proxy.dropRequest({ nth: 1 + Math.floor(random() * 20), silent: random() < 0.3 });
      return;
    case 'slow':
      return proxy.set({ delay: '2ms', jitter: '20ms' });
    case 'slices':
      return proxy.set({ slice: 16 });
    case 'hole':
      return proxy.set({ blackHole: oneOf([true, 'requests', 'replies'] as const, random) });
    case 'refuse':
      proxy.reset();
      return proxy.set({ refuse: true });
    default:
      return proxy.heal();
  }
}
