import { AuthenticationError } from '../errors/runtime.js';
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

export function appName(label: string): string {
  return Buffer.from(label).subarray(0, MAX_APP_NAME).toString();
}

/** What is given goes before what the URL says, also where the URL would ask for less. */
function tlsOptions(tls: Settings['tls']): Readonly<Record<string, unknown>> {
  if (tls === undefined) return {};
  if (tls === false) return { tls: false };
  const given = tls === true ? {} : tls;
  const isLax = given.rejectUnauthorized === false;
  return {
    ...given,
    tls: true,
    tlsInsecure: isLax,
    tlsAllowInvalidCertificates: isLax,
    tlsAllowInvalidHostnames: isLax,
  };
}

async function passwordOf({ password, connectTimeoutMs, label }: Settings): Promise<string> {
  if (typeof password !== 'function') return password!;
  let timer: NodeJS.Timeout | undefined;
  const details = { resource: label };
  const late = new Promise<never>((_resolve, reject) => {
    const message = `The function for the password did not end within ${connectTimeoutMs} ms`;
    timer = setTimeout(() => reject(new AuthenticationError(message, details)), connectTimeoutMs);
  });
  const asked = async (): Promise<string> => {
    let given: unknown;
    try {
      given = await password();
    } catch (error) {
      // What it says may hold what it was about to give.
      const cause = new Error(error instanceof Error ? error.name : 'Error');
      throw new AuthenticationError('The function for the password failed', { ...details, cause });
    }
    if (typeof given === 'string') return given;
    throw new AuthenticationError('The function for the password did not give a string', details);
  };
  try {
    return await Promise.race([asked(), late]);
  } finally {
    clearTimeout(timer);
  }
}
