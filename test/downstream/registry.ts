import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DRIVERS, type Driver } from '../package/consumer.js';
import { type Packed, root, run } from '../package/packed.js';

/** A project with the tarball and these versions of the drivers, as npm installs them: with their peers, and refused where they do not fit. */
export async function installProject(
  packed: Packed,
  versions: Readonly<Record<Driver, string>>,
): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'trivet-downstream-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    const { devDependencies } = await manifest();
    const types = ['@types/node', '@types/pg'].map((name) => `${name}@${devDependencies[name]}`);
    const drivers = DRIVERS.map((name) => `${name}@${versions[name]}`);
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
    await run('npm', ['install', ...flags, packed.tarball, ...drivers, ...types], folder);
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The major versions that the package allows of a driver, and the lowest version of all. */
export async function allowed(
  driver: Driver,
): Promise<{ readonly majors: readonly string[]; readonly lowest: string }> {
  const ranges = (await manifest()).peerDependencies[driver]!.split('||').map((range) =>
    range.trim().replace(/^\^/, ''),
  );
  const known = ranges.filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  if (known.length !== ranges.length) throw new Error(`The range of ${driver} is not one of the form ^1.2.3`);
  return { majors: ranges.map((version) => version.split('.')[0]!), lowest: ranges[0]! };
}

/** The path of Node of a major version. */
export async function nodeOf(major: string): Promise<string> {
  if (process.versions.node.split('.')[0] === major) return process.execPath;
  const print = ['node', '-p', 'process.execPath'];
  return (await run('npx', ['--yes', '-p', `node@${major}`, ...print], tmpdir())).stdout.trim();
}

/** The path of a compiler of this version. */
export async function compilerOf(version: string): Promise<string> {
  const args = ['--yes', '-p', `typescript@${version}`, 'sh', '-c', 'readlink -f "$(command -v tsc)"'];
  return (await run('npx', args, tmpdir())).stdout.trim();
}

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
}
