import type { Socket } from 'node:net';
import type { Loss } from './loss.js';
import { Pipe, type WireState } from './pipe.js';

/** What a wire tells of what passes it. */
export interface WireWatcher {
  /** A request begins: the client speaks for the first time, or after the server did. Gives what is to be lost of it. */
  request(bytes: Buffer): Loss | null;
  reply(): void;
  bytes(direction: 'toServer' | 'toClient', count: number): void;
  closed(): void;
}

/** One connection through the proxy: `near` is the client's, `far` the server's. */
export class Wire {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #requests: Pipe;
  readonly #replies: Pipe;
  readonly #watcher: WireWatcher;
  readonly #isHeld: () => boolean;
  #turn: 'client' | 'server' = 'server';
  #loss: Loss | null = null;
  #silent = false;
  #failed = false;
  #closed = false;

  constructor(
    near: Socket,
    far: Socket,
    state: (direction: 'toServer' | 'toClient') => WireState,
    random: () => number,
    watcher: WireWatcher,
  ) {
    this.#near = near;
    this.#far = far;
    this.#watcher = watcher;
    this.#isHeld = () => state('toServer').held && state('toClient').held;
    const silenced = (direction: 'toServer' | 'toClient') => (): WireState =>
      this.#silent ? { ...state(direction), held: true } : state(direction);
    this.#requests = new Pipe(near, far, silenced('toServer'), random);
    this.#replies = new Pipe(far, near, silenced('toClient'), random);
    near.on('data', (bytes) => this.#fromClient(bytes));
    far.on('data', (bytes) => this.#fromServer(bytes));
    near.on('end', () => this.#requests.end());
    far.on('end', () => this.#replies.end());
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => {
        this.#failed = true;
      });
      socket.on('close', () => this.#broken());
    }
  }

  /** The state of the wires changed. */
  pump(): void {
    this.#requests.pump();
    this.#replies.pump();
    if (this.#near.destroyed || this.#far.destroyed) this.#broken();
  }

  /** Ends both sides by RST. */
  reset(): void {
    if (this.#closed) return;
    this.#finish();
    this.#near.resetAndDestroy();
    // A socket of this machine knows no RST: it has no address.
    if (this.#far.remoteAddress === undefined) this.#far.destroy();
    else this.#far.resetAndDestroy();
  }

  /** A connection that was silenced cannot go on: bytes of it are lost. */
  heal(): void {
    if (this.#silent) this.reset();
  }

  /** Says to one side that the other has nothing more to send, and leaves the rest open. */
  halfClose(toward: 'client' | 'server'): void {
    if (toward === 'client') this.#replies.end();
    else this.#requests.end();
  }

  destroy(): void {
    this.#finish();
    this.#near.destroy();
    this.#far.destroy();
  }

  #fromClient(bytes: Buffer): void {
    this.#watcher.bytes('toServer', bytes.length);
    if (this.#turn === 'server') {
      this.#turn = 'client';
      const loss = this.#watcher.request(bytes);
      if (loss?.what === 'request') {
        this.#lose(loss);
        return;
      }
      this.#loss = loss;
    }
    this.#requests.push(bytes);
  }

  #fromServer(bytes: Buffer): void {
    this.#watcher.bytes('toClient', bytes.length);
    if (this.#turn === 'client') {
      this.#turn = 'server';
      this.#watcher.reply();
    }
    const loss = this.#loss;
    if (loss !== null) {
      this.#loss = null;
      this.#lose(loss);
      return;
    }
    this.#replies.push(bytes);
  }

  #lose(loss: Loss): void {
    if (loss.silent) this.#silent = true;
    else this.reset();
    loss.happen();
  }

  #broken(): void {
    // A network that lets nothing pass does not tell of an end either.
    if (this.#closed || this.#silent || this.#isHeld()) return;
    if (this.#failed) {
      this.reset();
      return;
    }
    const { destroyed } = this.#near;
    const left = destroyed ? this.#far : this.#near;
    if (left.destroyed) {
      this.#finish();
      return;
    }
    // What is under way still arrives; then the other side is ended too.
    left.once('finish', () => this.destroy());
    if (destroyed) this.#requests.end();
    else this.#replies.end();
    if (left.writableFinished) this.destroy();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#requests.stop();
    this.#replies.stop();
    this.#watcher.closed();
  }
}
