import type { Resource } from '../core/ports.js';
import { TrivetError } from '../errors/error.js';
import { TimeoutError } from '../errors/runtime.js';
import type { Pools } from './health.js';

/** What a pool that does not keep the deadline is given besides: its own end of it comes first. */
const GRACE_MS = 500;

/** Everything was closed that could be; these pools said that something went wrong. */
export class PoolCloseError extends TrivetError {
  static override readonly code: string = 'POOL_CLOSE';
  /** What each of them failed with, by name. */
  readonly failures: Readonly<Record<string, Error>>;

  constructor(failures: Readonly<Record<string, Error>>) {
    const list = Object.entries(failures);
    super(
      `${list.length} of the pools did not close in order: ${list.map(([name, { message }]) => `\`${name}\`: ${message}`).join('; ')}`,
      {
        cause: list[0]?.[1],
        outcome: 'executed',
      },
    );
    this.failures = failures;
  }
}

/**
 * Closes caches and locks first, which may still write to a database, then the databases side by side. None can keep the others waiting.
 * @throws PoolCloseError when all is done
 */
export async function closeAll(pools: Pools, deadlineMs: number): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  const failures: Record<string, Error> = {};
  const close = (list: readonly (readonly [string, Resource])[], milliseconds: number): Promise<unknown> =>
    Promise.all(
      list.map(([name, resource]) =>
        closeOne(name, resource, Math.max(1, Math.round(milliseconds))).catch((error) => {
          failures[name] = error instanceof Error ? error : new Error('unknown failure');
        }),
      ),
    );
  const all = Object.entries(pools);
  const isStore = ([, resource]: readonly [string, Resource]): boolean =>
    (resource as { readonly engine?: unknown }).engine === 'redis';
  // Half of the time at most, so that a store that hangs leaves the databases theirs.
  await close(all.filter(isStore), deadlineMs / 2);
  await close(
    all.filter((each) => !isStore(each)),
    endsAt - performance.now(),
  );
  if (Object.keys(failures).length > 0) throw new PoolCloseError(failures);
}

async function closeOne(name: string, resource: Resource, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new TimeoutError(`\`${name}\` did not close within ${deadlineMs} ms`, { outcome: 'unknown' });
    timer = setTimeout(() => reject(error), deadlineMs + GRACE_MS);
  });
  try {
    await Promise.race([resource.close({ deadline: `${deadlineMs}ms` }), late]);
  } finally {
    clearTimeout(timer);
  }
}
