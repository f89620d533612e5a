import { AuthenticationError } from '../errors/runtime.js';

/**
 * What a function for a password gives.
 * @throws AuthenticationError when it fails, takes too long or gives no text; what it said is not told, because it may hold what it was about to give
 */
export async function askPassword(
  password: () => string | Promise<string>,
  timeoutMs: number,
  resource: string,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `The function for the password did not end within ${timeoutMs} ms`;
    timer = setTimeout(() => reject(new AuthenticationError(message, { resource })), timeoutMs);
  });
  const asked = async (): Promise<string> => {
    let given: unknown;
    try {
      given = await password();
    } catch (error) {
      const cause = new Error(error instanceof Error ? error.name : 'Error');
      throw new AuthenticationError('The function for the password failed', { resource, cause });
    }
    if (typeof given === 'string') return given;
    throw new AuthenticationError('The function for the password did not give a string', { resource });
  };
  try {
    return await Promise.race([asked(), late]);
  } finally {
    clearTimeout(timer);
  }
}
