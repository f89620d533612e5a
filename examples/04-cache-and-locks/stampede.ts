import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Four processes, 250 callers in each, one key: how often it was loaded, and how many different values they got. */
export async function stampede(
  url: string,
  prefix: string,
  signal: AbortSignal,
): Promise<[loads: number, values: number]> {
  const script = fileURLToPath(new URL('caller.ts', import.meta.url));
  const children = Array.from({ length: 4 }, () =>
    fork(script, [url, prefix], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  try {
    await Promise.all(children.map((child) => once(child, 'message', { signal })));
    for (const child of children) child.send('go');
    const results = await Promise.all(
      children.map(
        async (child) => (await once(child, 'message', { signal }))[0] as { loads: number; values: string[] },
      ),
    );
    const loads = results.reduce((sum, each) => sum + each.loads, 0);
    return [loads, new Set(results.flatMap(({ values }) => values)).size];
  } finally {
    for (const child of children) child.kill();
  }
}
