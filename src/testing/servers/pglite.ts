import { createServer, type Server, type Socket } from 'node:net';
import { loadPglite, type PgliteDatabase } from '../driver.js';
import { StepUnavailable } from './error.js';
import { lastStatus, ownStatements, splitMessages, startupReply } from './pglite-protocol.js';
import { reasonOf } from './report.js';

/** PGlite behind a port, so that ordinary drivers can be used. */
export interface PgliteServer {
  readonly url: string;
  readonly version: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts PGlite in this process and listens on a free port of `127.0.0.1`.
 *
 * There is one session: connections take turns, each holding it for the whole of a transaction, and they share session
 * settings and temporary tables. Timeouts of statements do not work.
 */
export async function startPglite(): Promise<PgliteServer> {
  const { PGlite } = await loadPglite().catch(() => {
    throw new StepUnavailable('not installed');
  });
  try {
    const database = await PGlite.create();
    const { rows } = await database.query<{ version: string }>(`select current_setting('server_version') as version`);
    const version = rows[0]?.version ?? 'unknown';
    const turns = new Turns();
    const sockets = new Set<Socket>();
    let connections = 0;
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      new Connection(socket, database, turns, version, ++connections);
    });
    const port = await listen(server);
    // Neither the server nor an idle connection is a reason for the process to stay.
    server.unref();
    const stop = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
    };
    return { url: `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`, version, port, stop };
  } catch (error) {
    throw new StepUnavailable(reasonOf(error));
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}

/** Hands the one session to one connection after the other, in the order in which they asked. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn, to a function that ends it. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let end = (): void => {};
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #database: PgliteDatabase;
  readonly #turns: Turns;
  readonly #version: string;
  readonly #number: number;
  #pending: Buffer = Buffer.alloc(0);
  #started = false;
  #work: Promise<void> = Promise.resolve();
  /** Set while this connection has the session. */
  #endTurn: (() => void) | undefined;

  constructor(socket: Socket, database: PgliteDatabase, turns: Turns, version: string, number: number) {
    this.#socket = socket;
    this.#database = database;
    this.#turns = turns;
    this.#version = version;
    this.#number = number;
    socket.unref();
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#enqueue(() => this.#receive(chunk)));
    socket.on('close', () => this.#enqueue(() => this.#leave()));
  }

  #enqueue(task: () => Promise<void>): void {
    this.#work = this.#work.then(task).catch(() => {
      this.#socket.destroy();
    });
  }

  async #receive(chunk: Buffer): Promise<void> {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (!this.#started) this.#start();
    if (!this.#started) return;
    const { messages, rest } = splitMessages(this.#pending);
    this.#pending = rest;
    const closing = messages.some((message) => message[0] === 0x58);
    const wanted = messages.filter((message) => message[0] !== 0x58);
    if (wanted.length > 0) await this.#execute(wanted);
    if (closing) this.#socket.end();
  }

  #start(): void {
    while (this.#pending.length >= 8 && this.#pending.length >= this.#pending.readInt32BE(0)) {
      const length = this.#pending.readInt32BE(0);
      const reply = startupReply(this.#pending.readInt32BE(4), this.#version);
      this.#pending = this.#pending.subarray(length);
      if (reply === undefined) {
        this.#socket.destroy();
        return;
      }
      this.#socket.write(reply);
      if (reply.length > 1) {
        this.#started = true;
        return;
      }
    }
  }

  async #execute(messages: readonly Buffer[]): Promise<void> {
    this.#endTurn ??= await this.#turns.take();
    const own = messages.map((message) => ownStatements(message, `c${this.#number}_`));
    const reply = Buffer.from(await this.#database.execProtocolRaw(Buffer.concat(own), { syncToFs: false }));
    this.#socket.write(reply);
    // Without a status the exchange goes on; in a transaction, the session is still ours.
    if (lastStatus(reply) === 'I') this.#release();
  }

  async #leave(): Promise<void> {
    if (!this.#endTurn) return;
    try {
      await this.#database.query('rollback');
    } finally {
      this.#release();
    }
  }

  #release(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }
}
