import { AuthenticationError } from '../../errors/runtime.js';
import type { SingleRedisClient } from './client.js';

const AGAIN_MS = 1_000;

/**
 * The driver takes a password as it is: this asks for it before each connection, which the driver begins by the same method when it reconnects.
 * `failed` is told when there is none; then it is asked again after a second, as long as the driver is reconnecting.
 */
export function askBeforeConnecting(
  client: SingleRedisClient,
  password: () => string | Promise<string>,
  timeoutMs: number,
  failed: (error: Error) => void,
): void {
  const connect = client.connect.bind(client);
  let asking: Promise<unknown> | null = null;
  const ask = async (): Promise<unknown> => {
    try {
      client.options.password = await within(password, timeoutMs);
    } catch (error) {
      failed(error as Error);
      setTimeout(() => {
        if (client.status === 'reconnecting') client.connect().catch(() => {});
      }, AGAIN_MS).unref();
      throw error;
    }
    return connect();
  };
  client.connect = () => {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
}

async function within(password: () => string | Promise<string>, timeoutMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new AuthenticationError(`The function for the password did not end within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  const asked = async (): Promise<string> => {
    let given: unknown;
    try {
      given = await password();
    } catch (error) {
      // What it says may hold what it was about to give.
      const cause = new Error(error instanceof Error ? error.name : 'Error');
      throw new AuthenticationError('The function for the password failed', { cause });
    }
    if (typeof given === 'string') return given;
    throw new AuthenticationError('The function for the password did not give a string');
  };
  try {
    return await Promise.race([asked(), late]);
  } finally {
    clearTimeout(timer);
  }
}
