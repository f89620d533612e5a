import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { ConnectionPoolManager, MemoryDatabase } from '../../src/index.js';
import { startFaultProxy } from '../../src/testing/index.js';
import { openedAt, running, until } from '../postgres/kit.js';
import { postgresDatabase } from '../setup/databases.js';

const { url } = await postgresDatabase();
const observer = openedAt(url, { max: 1 });

async function started(at: string, what: string): Promise<{ readonly child: ChildProcess; readonly lines: string[] }> {
  const script = fileURLToPath(new URL('process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, at, what], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: string[] = [];
  const input = createInterface(child.stdout!);
  await new Promise<void>((resolve) => {
    input.on('line', (line) => {
      if (line === 'ready') resolve();
      else lines.push(line);
    });
  });
  return { child, lines };
}

// Windows has no signals, and PGlite no second session.
describe.skipIf(process.platform === 'win32' || !inject('postgresReal'))('a process that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s once closes its pools and exits with 0', async (signal) => {
    const { child, lines } = await started(url, 'idle');
    const exit = once(child, 'exit');
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
    expect(lines).toEqual(['closed']);
  });

  it('is not ready any more while it drains, so that nobody sends it work', async () => {
    const { child, lines } = await started(url, 'tell');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(lines).toEqual(['the pools are closing, closing: true', 'closed']);
  });

  it('cancels what still runs at the deadline', async () => {
    const { child, lines } = await started(url, 'work');
    await until(() => running(observer, 'pg_sleep(600)'));
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect([...lines].sort()).toEqual(['CLOSED unknown', 'closed']);
    await until(async () => !(await running(observer, 'pg_sleep(600)')));
  });

  it('is not kept by a server that says nothing', async () => {
    const proxy = await startFaultProxy(url);
    onTestFinished(() => proxy.close());
    const { child } = await started(proxy.url(url), 'work');
    await until(() => running(observer, 'pg_sleep(600)'));
    await proxy.set({ blackHole: true });
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    await observer.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'a process' and datname = current_database()",
    );
  });

  it.each([
    ['', {}],
    [' although its server says nothing any more', { blackHole: true }],
  ])('by itself closes its pools and ends%s', async (_what, fault) => {
    const proxy = await startFaultProxy(url);
    onTestFinished(() => proxy.close());
    const { child, lines } = await started(proxy.url(url), 'close');
    await proxy.set(fault);
    const exit = once(child, 'exit');
    child.stdin!.end('close\n');
    expect(await exit).toEqual([0, null]);
    expect(lines).toEqual(['closed']);
    await proxy.heal();
  });

  it('by a second signal exits at once, with its number', async () => {
    const { child, lines } = await started(url, 'hang');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    // The second is sent when the first was handled: the handler takes the one, then the other.
    child.kill('SIGINT');
    expect([130, 143]).toContain((await exit)[0]);
    expect(lines).toEqual([]);
  });

  it('closes although draining fails, and exits with 1', async () => {
    const { child, lines } = await started(url, 'fail');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([1, null]);
    expect(lines).toEqual(['closed']);
  });

  it('ends as it always did where the handlers were taken back', async () => {
    const { child } = await started(url, 'taken back');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([null, 'SIGTERM']);
  });
});

describe('signals', () => {
  it('are left alone until they are asked for, and after closing', async () => {
    const before = process.listenerCount('SIGTERM');
    const pools = new ConnectionPoolManager({ memory: new MemoryDatabase() });
    expect(process.listenerCount('SIGTERM')).toBe(before);
    pools.shutdownOn(['SIGTERM']);
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await pools.close();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('that there are not are refused', () => {
    const pools = new ConnectionPoolManager({ memory: new MemoryDatabase() });
    expect(() => pools.shutdownOn(['TERM' as never])).toThrow('Expected `signals`');
    expect(() => pools.shutdownOn(['SIGTERM'], { deadline: 5 as never })).toThrow('Expected `deadline`');
  });
});
