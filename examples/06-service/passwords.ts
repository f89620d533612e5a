import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of a hash: 16 MiB of memory, some 50 ms. It is kept in each hash, so that it can be raised without breaking older ones. */
const COST = { N: 16_384, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** `scrypt$16384$8$1$salt$hash` of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether it is the password of the hash, in a time that does not tell how much of it was right. What is no text, as JSON may have it, is none. */
export async function isPassword(password: unknown, stored: string): Promise<boolean> {
  if (typeof password !== 'string') return false;
  const [, N, r, p, salt = '', hash = ''] = stored.split('$');
  const expected = Buffer.from(hash, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** A hash that no password has, to compare with where there is no user: the answer takes as long as for one that exists. */
export const NOBODY: string = ['scrypt', COST.N, COST.r, COST.p, 'A'.repeat(22), 'A'.repeat(43)].join('$');

/**
 * Says which hash it is, and nothing of it. Each password that is set has another one, also the same once more: a token that holds it ends with
 * the password that it was given for.
 */
export function stampOf(stored: string): string {
  return createHash('sha256').update(stored).digest('base64url').slice(0, 22);
}

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
