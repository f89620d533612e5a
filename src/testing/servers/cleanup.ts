import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signalAll } from './process-tree.js';
import type { ServerUser } from './user.js';

// Reads which process to end, one line per change, until the pipe closes. The kernel closes it when we die, whatever
// the cause, SIGKILL included. `forget` is our word for "there is nothing left to do".
const script = `
signal=KILL; pid=; frozen=
while read -r word first second; do
  case $word in
    watch) signal=$first; pid=$second;;
    frozen) frozen="$first $second";;
    forget) exit 0;;
  esac
done
for each in $frozen; do kill -s CONT "$each"; done
if [ -n "$pid" ]; then
  kill -s "$signal" -- "-$pid"
  tries=0
  while kill -s 0 -- "-$pid" && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
  kill -s KILL -- "-$pid"
fi
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

const live = new Set<TemporaryFolder>();

// Ctrl-C and other signals end Node without an `exit` event: the watchdog covers them, so that a program's own signal
// handling stays as it is.
const onExit = (): void => {
  for (const folder of live) folder.removeNow();
};

/** A folder of a server process: both are gone when it is removed, and also when this process dies. */
export class TemporaryFolder {
  readonly path: string;
  #watchdog: ChildProcess | undefined;
  #pid: number | undefined;
  #signal: NodeJS.Signals = 'SIGKILL';
  #frozen: readonly number[] = [];

  constructor(label: string, user: ServerUser | undefined) {
    this.path = mkdtempSync(join(tmpdir(), `trivet-${label}-`));
    if (user) chownSync(this.path, user.ids.uid, user.ids.gid);
    if (live.size === 0) process.on('exit', onExit);
    live.add(this);
    if (process.platform === 'win32') return;
    const watchdog = spawn('sh', ['-c', script, 'trivet-watchdog', this.path], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    watchdog.on('error', () => {});
    watchdog.stdin.on('error', () => {});
    watchdog.unref();
    // The pipe is a socket, which would keep this process alive; its type says only that it is writable.
    (watchdog.stdin as { unref?: () => void }).unref?.();
    this.#watchdog = watchdog;
  }

  /** Names the group leader that must not outlive us; undefined when it has ended by itself. */
  watch(pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#pid = pid;
    this.#signal = signal;
    this.#watchdog?.stdin?.write(`watch ${signal.slice(3)} ${pid ?? ''}\n`);
  }

  /** Names processes that are stopped: they would outlive the end of us, and of their own leader. */
  frozen(pids: readonly number[]): void {
    this.#frozen = pids;
    this.#watchdog?.stdin?.write(`frozen ${pids.join(' ')}\n`);
  }

  /** Removes the folder; the process must have ended. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    live.delete(this);
    if (live.size === 0) process.off('exit', onExit);
    this.#watchdog?.stdin?.end('forget\n');
  }

  /** What can be done without waiting; the watchdog does the rest once we are gone. */
  removeNow(): void {
    signalAll(this.#frozen, 'SIGCONT');
    if (this.#pid !== undefined) killGroup(this.#pid, this.#signal);
    try {
      rmSync(this.path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
    } catch {}
  }
}

/** Signals a process that leads its own group, and the group; false when it is gone. */
export function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    return false;
  }
}
