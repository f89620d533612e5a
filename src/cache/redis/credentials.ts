import { askPassword } from '../../core/ask-password.js';
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
  resource: string,
  failed: (error: Error) => void,
): void {
  const connect = client.connect.bind(client);
  let asking: Promise<unknown> | null = null;
  const ask = async (): Promise<unknown> => {
    try {
      client.options.password = await askPassword(password, timeoutMs, resource);
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
