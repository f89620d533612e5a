import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { redisPrefix } from '../../setup/databases.js';

const { url, prefix } = await redisPrefix();
const PROCESSES = 3;

interface Counts {
  readonly reads: number;
  readonly stale: number;
  readonly writes: number;
  readonly evictions: number;
  readonly errors: number;
}

/** Runs the stress in several processes, and adds up what they saw. */
async function stressed(mode: 'leases' | 'control', reads: number): Promise<Counts> {
  const script = fileURLToPath(new URL('../../cache/stress.ts', import.meta.url));
  // Without anything that keys encode: the evictor knows their names.
  const space = `${prefix}${randomUUID()}`.replaceAll(/\W/g, '');
  const runs = Array.from({ length: PROCESSES }, async (_, i) => {
    const args = ['--import', 'tsx', script, url, space, mode, String(Math.ceil(reads / PROCESSES)), String(i + 1)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(code).toBe(0);
    return JSON.parse(output) as Counts;
  });
  const total: Record<string, number> = {};
  for (const counts of await Promise.all(runs))
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  return total as unknown as Counts;
}

describe('values that are read, written and evicted by three processes at once', () => {
  it('are never stale, by key, by tag, or by a tag that the load names', async () => {
    const { reads, stale, writes, evictions, errors } = await stressed('leases', 100_000);
    console.log(`[stale fills] ${stale} stale of ${reads} reads, ${writes} writes, ${evictions} evictions`);
    expect(stale).toBe(0);
    expect(reads).toBeGreaterThanOrEqual(100_000);
    expect(writes).toBeGreaterThan(1_000);
    expect(evictions).toBeGreaterThan(200);
    expect(errors).toBe(0);
    // So much work takes its time on a busy machine, which is no fault.
  }, 900_000);

  it('the control: without leases some are', async () => {
    const { stale } = await stressed('control', 20_000);
    expect(stale).toBeGreaterThan(0);
  });
});
