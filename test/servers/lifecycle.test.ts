import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startMongo } from '../../src/testing/index.js';
import { expectGone, listens, only } from './helpers.js';
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

/** A process that starts servers of its own, and where they are. */
async function parent(): Promise<{ readonly child: ChildProcess; readonly at: Addresses }> {
  const script = fileURLToPath(new URL('parent.ts', import.meta.url));
  const mongo = hasMongod ? ['--mongo'] : [];
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...mongo], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, at: JSON.parse(line) };
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

test('a process that forgets stop() still ends by itself, and leaves neither servers nor folders', async () => {
  const { child, at } = await parent();
  const left = await residences(at);
  const exit = once(child, 'exit');
  child.stdin?.write('\n');
  expect(await exit).toEqual([0, null]);
  for (const residence of left) await expectGone(residence);
  for (const url of Object.values(at)) expect(await listens(url)).toBe(false);
});
