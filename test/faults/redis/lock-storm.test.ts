import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { startOwnRedis } from '../../../src/testing/index.js';
import { until } from '../../postgres/kit.js';
import { openedAt } from '../../redis/kit.js';

/** `TRIVET_LOCK_ACQUIRES=100000 npm run test:faults -- lock-storm` is a long run. */
const acquires = Number(process.env['TRIVET_LOCK_ACQUIRES'] ?? 1_000);
const PROCESSES = 3;
const script = fileURLToPath(new URL('../../cache/lock-storm.ts', import.meta.url));

const [server, guarded] = await Promise.all([startOwnRedis({ log: () => {} }), startOwnRedis({ log: () => {} })]);
afterAll(() => Promise.all([server.stop(), guarded.stop()]));
const admin = openedAt(server.url);
const resource = openedAt(guarded.url, { timeout: '5m' });

interface Figures {
  readonly acquires: number;
  /** What was asked for with an older fence than the newest that was seen. */
  readonly overlaps: number;
  /** Fences that were given twice. */
  readonly repeated: number;
  /** Fences that are not greater than one that was given before. */
  readonly notGreater: number;
  readonly value: number;
  readonly writes: number;
}

/** How often the processes and their server were disturbed. */
interface Disturbances {
  readonly kills: number;
  readonly pauses: number;
  readonly evictions: number;
  readonly restarts: number;
}

async function figures(): Promise<Figures> {
  const totals = await resource.run('HMGET', ['figures', 'acquires', 'overlaps', 'repeated', 'notGreater']);
  const [acquired, overlaps, repeated, notGreater] = (totals as (string | null)[]).map(Number);
  const counters = await Promise.all(
    Array.from({ length: 8 }, (_, i) => resource.run('HMGET', [`n${i}`, 'value', 'writes'])),
  );
  const sum = (at: number): number =>
    counters.reduce((total: number, each) => total + Number((each as string[])[at]), 0);
  return {
    acquires: acquired!,
    overlaps: overlaps!,
    repeated: repeated!,
    notGreater: notGreater!,
    value: sum(0),
    writes: sum(1),
  };
}

/** Processes that take locks and write, and are paused and killed, while the keys of their locks are evicted and the server is killed. */
async function storm(
  mode: 'fenced' | 'unfenced',
  isEnough: (seen: Figures & Disturbances) => boolean,
): Promise<Figures & Disturbances> {
  await resource.run('FLUSHALL');
  const done = { kills: 0, pauses: 0, evictions: 0, restarts: 0 };
  let seed = 0;
  let going = true;
  const started = (): ChildProcess => {
    seed += 1;
    const args = ['--import', 'tsx', script, server.url, guarded.url, mode, String(seed)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const children = Array.from({ length: PROCESSES }, started);
  const acquired = async (): Promise<number> => Number(await resource.run('HGET', ['figures', 'acquires']));
  const evicting = async (): Promise<void> => {
    for (let i = 0; going; i++) {
      const key = `{trivet:n${i % 8}}:${i % 3 === 0 ? 'fence' : 'lock'}`;
      const work = i % 300 === 299 ? admin.run('FLUSHALL') : admin.run('UNLINK', [key]);
      // The server may be away.
      done.evictions += Number(await work.catch(() => 0)) || 0;
      await delay(4);
    }
  };
  const disturbing = async (): Promise<void> => {
    for (let i = 0; going; i++) {
      await delay(200);
      const at = i % PROCESSES;
      if (i % 20 === 10) {
        const child = children[at]!;
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        expect(child.signalCode).toBe('SIGKILL');
        children[at] = started();
        done.kills += 1;
      } else if (i % 50 === 5) {
        await server.process.kill();
        await server.process.restart();
        done.restarts += 1;
      } else {
        children[at]!.kill('SIGSTOP');
        // Longer than a lock lasts.
        await delay(100);
        children[at]!.kill('SIGCONT');
        done.pauses += 1;
      }
    }
  };
  await until(async () => (await acquired()) > 0);
  const work = [evicting(), disturbing()];
  const enough = async (): Promise<void> => {
    // To look without a pause would take the time of those who are looked at.
    while (!isEnough({ ...(await figures()), ...done })) await delay(20);
  };
  await Promise.race([enough(), Promise.all(work)]);
  going = false;
  await Promise.all(work);
  const ends = children.map(async (child) => {
    child.stdin!.end('end');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });
  await Promise.all(ends);
  return { ...(await figures()), ...done };
}

describe('locks of processes that are paused and killed, whose keys are evicted and whose server is killed', () => {
  it('lose no write that the fence admits, and give no fence twice nor a smaller one later', {
    timeout: 120_000 + acquires * 20,
  }, async () => {
    const result = await storm('fenced', ({ overlaps, kills, pauses, evictions, restarts, ...seen }) => {
      const happened = [overlaps, kills, pauses, evictions, restarts].every((times) => times > 0);
      return happened && seen.acquires >= acquires;
    });
    console.log(`[lock storm] ${JSON.stringify(result)}`);
    expect(result.acquires).toBeGreaterThanOrEqual(acquires);
    expect(result.overlaps).toBeGreaterThan(0);
    expect(result).toMatchObject({ repeated: 0, notGreater: 0, value: result.writes });
  });

  it('the control: without the fence writes are lost', async () => {
    const { value, writes } = await storm('unfenced', (seen) => seen.value < seen.writes);
    expect(value).toBeLessThan(writes);
  });
});
