import type { Request } from 'express';
import { jwtVerify, SignJWT } from 'jose';
import type { Repository } from 'trivet';
import type { User } from './entities.js';
import { ApiError } from './errors.js';

const refuse = (problem: string): never => {
  throw new ApiError(401, { token: [problem] });
};

/** Who asks, by the token that the request brings. A token that is not, or no longer, good is refused wherever it is shown. */
export function authenticationOf(users: Repository<typeof User>, secret: Uint8Array) {
  async function find({ headers }: Request): Promise<User | null> {
    const [, token] = /^(?:Token|Bearer) +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (token === undefined) return null;
    const checks = { algorithms: ['HS256'], requiredClaims: ['sub', 'exp'] };
    const { payload } = await jwtVerify(token, secret, checks).catch(() => refuse('is invalid'));
    return (await users.findById(payload.sub!)) ?? refuse('is invalid');
  }

  return {
    tokenOf({ id }: User): Promise<string> {
      const token = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(id);
      return token.setIssuedAt().setExpirationTime('7d').sign(secret);
    },

    /** @throws ApiError without a token */
    user: async (request: Request): Promise<User> => (await find(request)) ?? refuse('is missing'),

    /** Key of the user, null without a token. */
    viewer: async (request: Request): Promise<string | null> => (await find(request))?.id ?? null,
  };
}

export type Authentication = ReturnType<typeof authenticationOf>;
