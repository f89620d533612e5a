import type { Socket } from 'node:net';

/** What a wire does to the bytes that pass. */
export interface WireState {
  /** Milliseconds. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Bytes of a slice; 0: as they come. */
  readonly slice: number;
  /** Nothing passes; what came meanwhile passes when it ends, as a network's own retransmission would have it. */
  readonly held: boolean;
}

// Above this, the sender is told to wait, as a network would.
const MAX_QUEUED = 1 << 20;

interface Piece {
  readonly bytes: Buffer;
  readonly dueAt: number;
}

/** One direction of a connection: bytes keep their order whatever happens to them. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #state: () => WireState;
  readonly #random: () => number;
  readonly #queue: Piece[] = [];
  #queued = 0;
  #timer: NodeJS.Timeout | undefined;
  #blocked = false;
  #ending = false;
  #over = false;

  constructor(from: Socket, to: Socket, state: () => WireState, random: () => number) {
    this.#from = from;
    this.#to = to;
    this.#state = state;
    this.#random = random;
    to.on('drain', () => {
      this.#blocked = false;
      this.pump();
    });
  }

  push(bytes: Buffer): void {
    const { delayMs, jitterMs } = this.#state();
    const dueAt = performance.now() + delayMs + (jitterMs === 0 ? 0 : this.#random() * jitterMs);
    this.#queue.push({ bytes, dueAt: Math.max(dueAt, this.#queue.at(-1)?.dueAt ?? 0) });
    this.#queued += bytes.length;
    if (this.#queued > MAX_QUEUED) this.#from.pause();
    this.pump();
  }

  /** No more bytes come: the other side learns it after those that are under way. */
  end(): void {
    this.#ending = true;
    this.pump();
  }

  /** Forgets what is under way. */
  stop(): void {
    this.#over = true;
    this.#queue.length = 0;
    clearTimeout(this.#timer);
  }

  /** Passes on what is due. Called again whenever the state changes. */
  pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (!this.#over && !this.#blocked && !this.#state().held) {
      const piece = this.#queue[0];
      if (piece === undefined) {
        if (this.#ending) {
          this.#over = true;
          this.#to.end();
        }
        return;
      }
      const wait = piece.dueAt - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), wait);
        return;
      }
      this.#pass(piece);
    }
  }

  #pass(piece: Piece): void {
    const { slice } = this.#state();
    const part = slice === 0 ? piece.bytes : piece.bytes.subarray(0, slice);
    const rest = piece.bytes.subarray(part.length);
    if (rest.length === 0) this.#queue.shift();
    else this.#queue[0] = { bytes: rest, dueAt: piece.dueAt };
    this.#queued -= part.length;
    if (this.#queued <= MAX_QUEUED && this.#from.isPaused()) this.#from.resume();
    const free = this.#to.write(part);
    if (!free) this.#blocked = true;
    else if (slice !== 0 && (rest.length > 0 || this.#queue.length > 0)) {
      // Slices that are written in one turn would arrive as one.
      this.#blocked = true;
      setImmediate(() => {
        this.#blocked = false;
        this.pump();
      });
    }
  }
}
