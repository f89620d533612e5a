import { askPassword } from '../core/ask-password.js';
import type { Settings } from './options.js';

const MAX_APP_NAME = 128;

/**
 * What a client of our own is made with. The driver's `timeoutMS` does nothing in the versions that are allowed: these limits, and ours around each
 * call, hold instead. `more` goes before them.
 */
export async function clientOptions(
  settings: Settings,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { label, max, min, maxConnecting, idleTimeoutMs, acquireTimeoutMs, connectTimeoutMs, user } = settings;
  return {
    appName: appName(label),
    maxPoolSize: max,
    minPoolSize: min,
    maxConnecting,
    maxIdleTimeMS: idleTimeoutMs,
    serverSelectionTimeoutMS: connectTimeoutMs,
    connectTimeoutMS: connectTimeoutMs,
    waitQueueTimeoutMS: acquireTimeoutMs,
    ...tlsOptions(settings.tls),
    ...(user !== undefined && { auth: { username: user, password: await passwordOf(settings) } }),
    ...more,
  };
}

/** A label as the name of an application, cut to what the server takes. */
export function appName(label: string): string {
  return Buffer.from(label).subarray(0, MAX_APP_NAME).toString();
}

/** The driver refuses its own switches beside each other: verification is asked of Node, whose settings it passes on. */
function tlsOptions(tls: Settings['tls']): Readonly<Record<string, unknown>> {
  if (tls === undefined) return {};
  if (tls === false) return { tls: false };
  const given = tls === true ? {} : tls;
  return { ...given, tls: true, rejectUnauthorized: given.rejectUnauthorized !== false };
}

function passwordOf({ password, connectTimeoutMs, label }: Settings): string | Promise<string> {
  return typeof password === 'function' ? askPassword(password, connectTimeoutMs, label) : password!;
}
