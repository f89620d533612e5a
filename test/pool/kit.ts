import type { CloseOptions, ConnectionListener, PoolStats, Resource, ServerState } from '../../src/index.js';

const STATE: ServerState = { version: '1.0', role: 'primary', writable: true };

/** A resource of somebody else: what it answers is said by the test. */
export class Toy implements Resource {
  readonly calls: string[] = [];
  state: ServerState = STATE;
  figures: PoolStats = { max: 4, min: 0, total: 1, active: 0, idle: 1, waiting: 0, timeouts: 0 };
  /** What the next questions fail with. */
  failing: Error | null = null;
  connecting: () => Promise<void> = async () => {};
  closing: (deadline: string | undefined) => Promise<void> = async () => {};
  hangs = false;
  #listener: ConnectionListener | null = null;

  async connect(): Promise<void> {
    this.calls.push('connect');
    await this.connecting();
  }

  async ping(): Promise<void> {
    this.calls.push('ping');
  }

  async probe(signal?: AbortSignal): Promise<ServerState> {
    this.calls.push('probe');
    if (this.hangs) {
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('told to stop')));
      });
    }
    if (this.failing !== null) throw this.failing;
    return this.state;
  }

  stats(): PoolStats {
    return this.figures;
  }

  watch(listener: ConnectionListener): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  get isWatched(): boolean {
    return this.#listener !== null;
  }

  tell(...event: Parameters<ConnectionListener>): void {
    this.#listener?.(...event);
  }

  async close({ deadline }: CloseOptions = {}): Promise<void> {
    this.calls.push('close');
    await this.closing(deadline);
  }
}
