import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { StepUnavailable } from './error.js';

/** Whom a server process runs as, when we are root. */
export interface ServerUser {
  readonly name: string;
  readonly ids: { readonly uid: number; readonly gid: number };
}

/**
 * An unprivileged user when this process is root, since PostgreSQL refuses to run as root; otherwise undefined, which
 * means the current user.
 */
export function unprivilegedUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = named('postgres') ?? named('nobody');
  if (existing) return existing;
  try {
    execFileSync('useradd', ['--system', '--no-create-home', 'trivet'], { stdio: 'ignore' });
  } catch {}
  const created = named('trivet');
  if (created) return created;
  throw new StepUnavailable(
    'running as root, and there is neither a user `postgres` nor `nobody` nor a way to add one',
  );
}

function named(name: string): ServerUser | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid === undefined || gid === undefined) return undefined;
    return { name, ids: { uid: Number(uid), gid: Number(gid) } };
  } catch {
    return undefined;
  }
}
