import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startMongo } from '../../src/testing/index.js';
import { expectGone, isAlive, listens, only } from './helpers.js';
import { mongoResidence, postgresResidence, redisResidence } from './residence.js';

interface Addresses {
  readonly postgres: string;
  readonly redis: string;
  readonly mongo?: string;
}

const hasMongod = await startMongo(only('embedded')).then(
  (server) => server.stop().then(() => true),
  () => false,
);

/** A process that starts servers of its own, and where they are; `said` is what it says next. */
async function parent(options = hasMongod ? ['--mongo'] : []): Promise<{
  readonly child: ChildProcess;
  readonly at: Addresses;
  said(): Promise<string>;
}> {
  const script = fileURLToPath(new URL('parent.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface(child.stdout);
  const said = async (): Promise<string> => (await once(lines, 'line'))[0];
  return { child, at: JSON.parse(await said()), said };
}

const residences = ({ postgres, redis, mongo }: Addresses) =>
  Promise.all([postgresResidence(postgres), redisResidence(redis), ...(mongo ? [mongoResidence(mongo)] : [])]);

// A process that is killed cannot do anything itself, so this is the watchdog's work. Windows has no `sh` for it.
test.skipIf(process.platform === 'win32').for(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a process that ends by %s leaves neither servers nor folders',
  async (signal) => {
    const { child, at } = await parent();
    const left = await residences(at);
    const exit = once(child, 'exit');
    child.kill(signal);
    expect(await exit).toEqual([null, signal]);
    for (const residence of left) await expectGone(residence);
    for (const url of Object.values(at)) expect(await listens(url)).toBe(false);
  },
);

// What is stopped hears no signal but the hardest, and the backends of PostgreSQL are in sessions of their own.
test.skipIf(process.platform === 'win32')(
  'a process that is killed while its servers are frozen leaves neither servers nor folders',
  async () => {
    const { child, at, said } = await parent(['--frozen']);
    const left = await residences(at);
    const answer = said();
    child.stdin?.write('freeze\n');
    const pids = JSON.parse(await answer) as readonly number[];
    expect(pids.length).toBeGreaterThan(3);
    expect(pids.every(isAlive)).toBe(true);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    expect(await exit).toEqual([null, 'SIGKILL']);
    for (const residence of left) await expectGone(residence);
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 60_000 });
  },
);

test('a process that forgets stop() still ends by itself, and leaves neither servers nor folders', async () => {
  const { child, at } = await parent();
  const left = await residences(at);
  const exit = once(child, 'exit');
  child.stdin?.write('\n');
  expect(await exit).toEqual([0, null]);
  for (const residence of left) await expectGone(residence);
  for (const url of Object.values(at)) expect(await listens(url)).toBe(false);
});
