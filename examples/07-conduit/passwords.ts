import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

/** A hash that no password has: where there is no user, the answer takes as long as for one that exists. */
export const NOBODY = `${'0'.repeat(32)}$${'0'.repeat(64)}`;

/** `salt$hash` of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}$${(await derive(password.normalize('NFKC'), salt, 32)).toString('hex')}`;
}

/** Whether it is the password of the hash, in a time that does not tell how much of it was right. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [salt = '', hash = ''] = stored.split('$').map((part) => Buffer.from(part, 'hex'));
  return timingSafeEqual(await derive(password.normalize('NFKC'), salt as Buffer, 32), hash as Buffer);
}
