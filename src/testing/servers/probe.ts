import { lookup } from 'node:dns/promises';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves when something accepts a connection; rejects with the reason when it does not within `timeout` ms. A port
 * that nobody listens on is refused at once: the time is for firewalls that drop packets, and for busy event loops.
 */
export function accepts(port: number, host = '127.0.0.1', timeout = 1000): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
  });
}

/** A port that was free a moment ago; whoever listens on it must cope with having lost it. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Calls `attempt` until it returns true; its last error is the one that is thrown after `timeout` ms. */
export async function until(attempt: () => Promise<boolean>, timeout: number): Promise<void> {
  const end = performance.now() + timeout;
  for (;;) {
    let last: unknown;
    try {
      if (await attempt()) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw last ?? new Error(`not ready within ${timeout / 1000} s`);
    await delay(20);
  }
}

/** Whether a name resolves, within a second: a resolver that is cut off would take many. */
export async function resolves(host: string): Promise<boolean> {
  const abandon = new AbortController();
  const late = delay(1000, false, { signal: abandon.signal, ref: false }).catch(() => false);
  const found = lookup(host).then(
    () => true,
    () => false,
  );
  return Promise.race([found, late]).finally(() => abandon.abort());
}
