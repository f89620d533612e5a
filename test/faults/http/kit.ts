import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Headers } from '../../http/kit.js';

/** A process that serves. */
export interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly agent: Agent;
  /** The next line that it says. */
  line(): Promise<string>;
  tell(line: string): void;
}

/** Starts a script of `test/http` whose first line is its port. */
export async function startedServer(script: string, args: readonly string[]): Promise<Server> {
  const path = fileURLToPath(new URL(`../../http/${script}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  onTestFinished(() => {
    child.kill('SIGKILL');
    agent.destroy();
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return { child, agent, port: Number(await line()), line, tell: (text) => void child.stdin!.write(`${text}\n`) };
}

export interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly bytes: Buffer;
}

/** Asks a server under the name that all of them have; null where the client left, as `leaves` says: when it has read something of the body. */
export function sent(
  { port, agent }: Pick<Server, 'port' | 'agent'>,
  method: string,
  path: string,
  headers: Headers = {},
  leaves = false,
): Promise<Reply | null> {
  return new Promise((resolve, reject) => {
    const options = { port, agent, host: '127.0.0.1', method, path, headers: { host: 'app', ...headers } };
    const call = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (!leaves) return;
        resolve(null);
        call.destroy();
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, bytes: Buffer.concat(chunks) }),
      );
    });
    call.on('error', reject);
    call.end();
  });
}
