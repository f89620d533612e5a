import type { Request, RequestHandler } from 'express';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { parseDuration } from 'trivet';
import type { Service } from '../composition.js';
import type { User } from '../entities/user.js';
import { AuthenticationError } from '../errors.js';
import { requireAdmin } from '../permissions.js';
import type { LoggedIn } from '../services/accounts.js';
import type { Route } from './route.js';

const ALGORITHM = 'HS256';
const ISSUER = 'blog';
const AUDIENCE = 'blog-api';

type Needs = Pick<Service, 'accounts' | 'clock' | 'settings'>;

const users = new WeakMap<Request, User>();

/** The user who asks; null where a route lets everybody ask and there is no good token. */
export function visitorOf(request: Request): User | null {
  return users.get(request) ?? null;
}

/** The user who asks, on a route that only users may ask. */
export function userOf(request: Request): User {
  const user = users.get(request);
  if (user === undefined) throw new AuthenticationError(false);
  return user;
}

/** A token for a user, and how many seconds it is good for. */
export async function issueToken({ settings, clock }: Needs, { user, stamp }: LoggedIn) {
  const lifetime = Math.floor(parseDuration(settings.tokenLifetime, 'tokenLifetime') / 1_000);
  const now = Math.floor(clock.now() / 1_000);
  const token = await new SignJWT({ stamp })
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(user.id)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime)
    .sign(settings.authSecret);
  return { token, expiresIn: lifetime };
}

/**
 * Finds out who asks. What a token says is who, never what they may do: the user is read for each request, so that an account that is closed,
 * turned off or has another role or password has it at once. Where everybody may ask, a token that is not good is as none.
 */
export function authentication(service: Needs, access: Route['access']): RequestHandler {
  return async (request, _response, next) => {
    try {
      users.set(request, await findUser(service, request));
    } catch (error) {
      if (access !== 'anyone' || !(error instanceof AuthenticationError)) throw error;
    }
    if (access === 'admin') requireAdmin(userOf(request));
    next();
  };
}

async function findUser({ accounts, clock, settings }: Needs, request: Request): Promise<User> {
  const [scheme = '', token = ''] = request.headers.authorization?.split(' ', 2) ?? [];
  if (scheme.toLowerCase() !== 'bearer' || token === '') throw new AuthenticationError(false);
  const { sub, stamp } = await claimsOf(token, settings.authSecret, clock.date());
  const user = await accounts.findActive(sub!, stamp);
  if (user === null) throw new AuthenticationError(true);
  return user;
}

async function claimsOf(token: string, secret: Uint8Array, currentDate: Date): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      // Named, so that no token chooses its own.
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp'],
      currentDate,
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new AuthenticationError(true);
    throw error;
  }
}
