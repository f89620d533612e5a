import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { basename, delimiter, dirname, join, sep } from 'node:path';
import type { ServerUser } from './user.js';

/**
 * The folders that hold `name`, newest version first, those of `PATH` before `usual`.
 * A `*` in a folder of `usual` stands for any part of one segment.
 */
export function findBinaries(name: string, path: string | undefined, usual: readonly string[]): readonly string[] {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const folders = [...(path ?? '').split(delimiter).filter(Boolean), ...usual.flatMap(expand)];
  // Keyed by what the path leads to. The path itself is kept: `redis-server` may be a link to a program that does
  // several things, depending on the name by which it is called.
  const found = new Map<string, string>();
  for (const folder of folders) {
    try {
      const binary = join(folder, file);
      accessSync(binary, constants.X_OK);
      const target = realpathSync(binary);
      if (!found.has(target)) found.set(target, binary);
    } catch {}
  }
  return [...found.values()];
}

/** The program `name` beside `binary`, or beside what `binary` is a link to. */
export function sibling(binary: string, name: string): string | undefined {
  return findBinaries(name, undefined, [dirname(binary), dirname(realpathSync(binary))])[0];
}

function expand(folder: string): string[] {
  const segments = folder.split(/[\\/]/);
  const star = segments.findIndex((segment) => segment.includes('*'));
  if (star < 0) return [folder];
  const parent = segments.slice(0, star).join(sep) || sep;
  const [before = '', after = ''] = (segments[star] ?? '').split('*');
  try {
    return readdirSync(parent)
      .filter((entry) => entry.startsWith(before) && entry.endsWith(after))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .flatMap((entry) => expand(join(parent, entry, ...segments.slice(star + 1))));
  } catch {
    return [];
  }
}

/** Output of `binary --version`; rejects when it cannot be run, for instance because a library is missing. */
export function versionOf(binary: string, user: ServerUser | undefined): Promise<string> {
  return run(binary, ['--version'], { user, timeout: 10_000 });
}

/** Runs a program to its end and returns its output; rejects with what it wrote to stderr. */
export function run(
  binary: string,
  args: readonly string[],
  options: { readonly user?: ServerUser | undefined; readonly timeout: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const settings = { ...options.user?.ids, timeout: options.timeout, encoding: 'utf8', cwd: sep } as const;
    execFile(binary, args, settings, (error, stdout, stderr) => {
      if (!error) resolve(stdout.trim());
      else reject(Object.assign(new Error(lastLine(stderr) || error.message), { code: error.code }));
    });
  });
}

/** The line that most likely names the failure: programs put it last. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

/**
 * A path of `binary` that `user` can run: the binary itself, or a link to it (else a copy) in `folder` when it is
 * where only we may look, such as under the home folder of root.
 */
export async function runnable(binary: string, folder: string, user: ServerUser | undefined): Promise<string> {
  try {
    await versionOf(binary, user);
    return binary;
  } catch (error) {
    if (!user) throw error;
  }
  const path = join(folder, basename(binary));
  const target = realpathSync(binary);
  await link(target, path).catch(() => copyFile(target, path, constants.COPYFILE_EXCL));
  await versionOf(path, user);
  return path;
}
