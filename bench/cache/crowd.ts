import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.js';
import { slugOf } from './peers/index.js';

export const PROCESSES = 4;
/** How long a load of a stampede takes: longer than it takes until all processes have asked. */
export const LOAD_MS = 100;

/** What a process of the crowd is told. */
export type Order =
  | {
      readonly kind: 'open';
      readonly url: string;
      readonly caches: readonly { readonly slug: string; readonly prefix: string }[];
    }
  | { readonly kind: 'run'; readonly slug: string; readonly key: string; readonly callers: number }
  | { readonly kind: 'close' };

/** What it answers. */
export type Report = { readonly loads: number } | { readonly error: string };

/** Runs a file of this folder in a process of its own. */
export function started(file: string, flags: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // Not those of this process: a test runner has others.
  return fork(path, { execArgv: [...flags, '--import', 'tsx'] });
}

/** The next message of a process. @throws Error when it says so, and when it ends instead */
export function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null): void => reject(new Error(`A process of the bench ended with ${code}`));
    child.once('exit', failed);
    child.once('message', (message) => {
      child.off('exit', failed);
      const { error } = message as { readonly error?: string };
      if (error === undefined) resolve(message as T);
      else reject(new Error(`A process of the bench failed: ${error}`));
    });
  });
}

/** Ends a process; resolves when it is gone. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await gone;
}

/** Several processes, each with every cache open. */
export class Crowd {
  readonly #children: readonly ChildProcess[];

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
  }

  /** Has a crowd for as long as `use` takes. */
  static async with<T>(
    url: string,
    caches: readonly { readonly peer: Peer; readonly prefix: string }[],
    use: (crowd: Crowd) => Promise<T>,
  ): Promise<T> {
    const children = Array.from({ length: PROCESSES }, () => started('crowd-process.ts'));
    const crowd = new Crowd(children);
    try {
      const named = caches.map(({ peer, prefix }) => ({ slug: slugOf(peer), prefix }));
      await crowd.#tell({ kind: 'open', url, caches: named });
      const result = await use(crowd);
      await crowd.#tell({ kind: 'close' });
      return result;
    } finally {
      await Promise.all(children.map(ended));
    }
  }

  async run(
    peer: Peer,
    key: string,
    callers: number,
  ): Promise<{ readonly milliseconds: number; readonly loads: number }> {
    const startedAt = performance.now();
    const reports = await this.#tell({ kind: 'run', slug: slugOf(peer), key, callers });
    return {
      milliseconds: performance.now() - startedAt,
      loads: reports.reduce((sum, { loads }) => sum + loads, 0),
    };
  }

  #tell(order: Order): Promise<readonly { readonly loads: number }[]> {
    const answers = this.#children.map((child) => answer<{ readonly loads: number }>(child));
    for (const child of this.#children) child.send(order);
    return Promise.all(answers);
  }
}
