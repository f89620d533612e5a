import { closeSync, fchownSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepUnavailable } from './error.js';
import type { OwnServerOptions, ServerControls } from './types.js';
import type { ServerUser } from './user.js';

/** What is asked of a server of our own, beside what it always has. */
export type OwnSettings = Required<Pick<OwnServerOptions, 'files' | 'durable' | 'arguments'>>;

export const NOTHING_ASKED: OwnSettings = Object.freeze({ files: {}, durable: false, arguments: [] });

export function ownSettings({ files = {}, durable = false, arguments: further = [] }: OwnServerOptions): OwnSettings {
  for (const name of Object.keys(files)) {
    if (!/^\w[\w.-]*$/.test(name))
      throw new TypeError(`Expected the names of \`files\` to be plain, such as server.crt, got \`${name}\``);
  }
  return { files, durable, arguments: further };
}

/** Writes the files that a server is to find. */
export function writeFiles(folder: string, files: OwnSettings['files'], user: ServerUser | undefined): void {
  for (const [name, content] of Object.entries(files)) writeOwn(join(folder, name), content, user);
}

/**
 * Writes a file that only the user of a server can read: PostgreSQL and MongoDB refuse a key that others can. The folder is that user's, and we may be
 * root: a link that another program of the user has put there must not lead us to a file of somebody else.
 */
export function writeOwn(path: string, content: string | Uint8Array, user: ServerUser | undefined): void {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    if (user) fchownSync(file, user.ids.uid, user.ids.gid);
  } finally {
    closeSync(file);
  }
}

/** The controls of a server that was found: one that is in this process, or of others, has none. */
export function controlsOf(controls: ServerControls | undefined): ServerControls {
  if (controls === undefined) throw new StepUnavailable('it has no process of its own');
  return controls;
}
