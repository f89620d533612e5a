import type { TemporaryFolder } from './cleanup.js';
import { until } from './probe.js';
import { isAlive, processTree, signalAll } from './process-tree.js';
import type { ServerControls } from './types.js';

const GONE_WITHIN_MS = 30_000;

/** What the controls need of a server that runs. */
export interface Controlled {
  readonly pid: number;
  ended(): boolean;
}

/** Does to a server of ours what happens to servers. */
export class Controls implements ServerControls {
  readonly #folder: TemporaryFolder;
  readonly #start: (further: readonly string[] | undefined) => Promise<Controlled>;
  #running: Controlled;
  #frozen: readonly number[] = [];

  constructor(
    folder: TemporaryFolder,
    running: Controlled,
    start: (further: readonly string[] | undefined) => Promise<Controlled>,
  ) {
    this.#folder = folder;
    this.#running = running;
    this.#start = start;
  }

  get pid(): number {
    return this.#running.pid;
  }

  get running(): boolean {
    return !this.#running.ended() && this.#frozen.length === 0;
  }

  pids(): readonly number[] {
    return this.#running.ended() ? [] : processTree(this.pid);
  }

  async kill(): Promise<void> {
    if (this.#running.ended()) return;
    // Stopped, it starts no other while those that it has are counted.
    signalAll([this.pid], 'SIGSTOP');
    const pids = processTree(this.pid);
    signalAll([...pids].reverse(), 'SIGKILL');
    this.#note([]);
    await this.#gone(pids);
  }

  async terminate(): Promise<void> {
    if (this.#running.ended()) return;
    await this.thaw();
    const pids = processTree(this.pid);
    // To PostgreSQL this is the smart one, which waits for its clients: the fast one is an interrupt.
    signalAll([this.pid], 'SIGINT');
    await this.#gone(pids);
  }

  async freeze(): Promise<void> {
    if (process.platform === 'win32') throw new Error('Windows cannot stop a process and let it go on');
    if (this.#running.ended()) throw new Error('Expected the server to run: `restart()` it first');
    signalAll([this.pid], 'SIGSTOP');
    const pids = processTree(this.pid);
    signalAll(pids, 'SIGSTOP');
    this.#note(pids);
  }

  async thaw(): Promise<void> {
    if (this.#frozen.length === 0) return;
    signalAll(this.#frozen, 'SIGCONT');
    this.#note([]);
  }

  async restart(further?: readonly string[]): Promise<void> {
    await this.terminate();
    this.#running = await this.#start(further);
  }

  async #gone(pids: readonly number[]): Promise<void> {
    await until(async () => this.#running.ended() && !pids.some(isAlive), GONE_WITHIN_MS);
  }

  #note(frozen: readonly number[]): void {
    this.#frozen = frozen;
    this.#folder.frozen(frozen);
  }
}
