import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLine } from './binary.js';
import { killGroup, type TemporaryFolder } from './cleanup.js';
import { Controls } from './controls.js';
import { StepUnavailable } from './error.js';
import { accepts, freePort, until } from './probe.js';
import { reasonOf } from './report.js';
import type { ServerControls } from './types.js';
import type { ServerUser } from './user.js';

/** How to run a server on a port. */
export interface ServerCommand {
  readonly binary: string;
  readonly folder: TemporaryFolder;
  readonly user: ServerUser | undefined;
  /** Ends the server at once: its data are thrown away. */
  readonly signal: NodeJS.Signals;
  arguments(port: number): readonly string[];
  /** Proves, by a login, that what listens on the port is this very process, and makes it ready for use; `again`: it was ready before. */
  ready(port: number, pid: number, again: boolean): Promise<void>;
}

/** A server process of ours. */
export interface ServerProcess {
  readonly port: number;
  readonly controls: ServerControls;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

// Slow, shared machines need many times what a laptop does; a server that died is noticed at once anyway.
const startTimeout = 60_000;
// Another process may take the free port before the server listens on it.
const portTries = 5;

/** Starts a server on a free port; removes the folder when that fails. */
export async function startProcess(
  command: ServerCommand,
  nextPort: () => Promise<number> = freePort,
): Promise<ServerProcess> {
  let reason = '';
  for (let attempt = 0; attempt < portTries; attempt++) {
    const port = await nextPort();
    const running = await launchFirst(command, port);
    try {
      await listens(running, port);
      if (!running.ended()) {
        await command.ready(port, running.pid, false);
        return serverProcess(command, port, running);
      }
    } catch (error) {
      reason = reasonOf(error);
      // If that was the answer of somebody else's server on the port, ours is about to say so and to end.
      await running.ends(2000);
    }
    const output = running.ended() ? running.output() : '';
    await running.stop();
    reason = lastLine(output) || reason;
    if (!/in use/i.test(`${output}${reason}`)) break;
  }
  await command.folder.remove();
  throw new StepUnavailable(`${command.binary} did not start: ${reason || 'it said nothing'}`);
}

async function launchFirst(command: ServerCommand, port: number): Promise<Running> {
  try {
    return launch(command, port);
  } catch (error) {
    await command.folder.remove();
    throw new StepUnavailable(`${command.binary} did not start: ${reasonOf(error)}`);
  }
}

async function listens(running: Running, port: number): Promise<void> {
  await until(async () => {
    if (running.ended()) return true;
    await accepts(port);
    return true;
  }, startTimeout);
}

function serverProcess(command: ServerCommand, port: number, first: Running): ServerProcess {
  let running = first;
  let arguments_ = command.arguments(port);
  const again = async (further: readonly string[] | undefined): Promise<Running> => {
    if (further !== undefined) arguments_ = [...command.arguments(port), ...further];
    running = launch({ ...command, arguments: () => arguments_ }, port);
    await listens(running, port);
    if (running.ended()) throw new Error(`${command.binary} did not start again: ${lastLine(running.output())}`);
    await command.ready(port, running.pid, true);
    return running;
  };
  const controls = new Controls(command.folder, first, again);
  const stop = async (): Promise<void> => {
    // What is stopped hears no signal but the hardest, and its children none at all.
    await controls.thaw();
    await running.stop();
    await command.folder.remove();
  };
  return { port, controls, stop };
}

interface Running {
  readonly pid: number;
  ended(): boolean;
  /** Resolves when it has ended, or after `timeout` ms. */
  ends(timeout: number): Promise<void>;
  /** The end of what it wrote. */
  output(): string;
  stop(): Promise<void>;
}

// The folder is the user's that the server runs as, and we may be root: a link there is not followed.
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

function launch({ binary, folder, user, signal, ...command }: ServerCommand, port: number): Running {
  const logFile = join(folder.path, 'server.log');
  // A file, since a server that writes to a pipe would outlive its reader as a zombie or die of SIGPIPE.
  const log = openSync(logFile, APPEND, 0o600);
  // A group of its own: Ctrl-C in a terminal must reach our process first.
  const child = spawn(binary, command.arguments(port), {
    ...user?.ids,
    cwd: folder.path,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let failure: string | undefined;
  const exit = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = reasonOf(error);
      resolve();
    });
    child.once('exit', () => {
      failure ??= '';
      folder.watch(undefined);
      resolve();
    });
  });
  const pid = child.pid ?? 0;
  if (pid) folder.watch(pid, signal);
  const ends = async (timeout: number): Promise<void> => {
    // The child is not referenced, so without the timer the event loop might run dry.
    const abandon = new AbortController();
    const late = delay(timeout, undefined, { signal: abandon.signal }).catch(() => {});
    await Promise.race([exit, late]);
    abandon.abort();
  };
  return {
    pid,
    ended: () => failure !== undefined,
    ends,
    output: () => failure || readFileSync(logFile, 'utf8').slice(-4000),
    async stop() {
      if (failure !== undefined) return;
      killGroup(pid, signal);
      await ends(10_000);
      if (failure !== undefined) return;
      killGroup(pid, 'SIGKILL');
      await ends(10_000);
    },
  };
}
