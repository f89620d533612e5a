import { type RedisOptions, RedisStore } from '../../src/index.js';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.js';
import { atEnd } from '../setup/at-end.js';

export { caught } from '../setup/outcomes.js';

/** A store that is closed when the test or the file is done. */
export function openedAt(url: string, options: RedisOptions = {}): RedisStore {
  const store = new RedisStore({ url, ...options });
  atEnd(() => store.close({ deadline: '1s' }));
  return store;
}

/** A store behind a bad network. */
export async function behindProxy(
  url: string,
  options: RedisOptions = {},
): Promise<{ readonly proxy: FaultProxy; readonly store: RedisStore }> {
  const proxy = await startFaultProxy(url);
  const store = new RedisStore({ url: proxy.url(url), ...options });
  atEnd(async () => {
    await store.close({ deadline: '1s' });
    await proxy.close();
  });
  return { proxy, store };
}
