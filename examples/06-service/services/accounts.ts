import {
  and,
  DuplicateKeyError,
  type Insert,
  increment,
  lte,
  or,
  type Patch,
  ValidationError,
  type Where,
} from 'trivet';
import type { DomainClock } from '../clock.js';
import { User } from '../entities/user.js';
import { ForbiddenError, LogInError, UserExistsError } from '../errors.js';
import { isPassword, NOBODY, stampOf } from '../passwords.js';
import { type Actor, requireAdmin } from '../permissions.js';
import type { Users } from '../repositories/users.js';

const MOST_FAILURES = 5;
const LOCKED_FOR = 2 * 60 * 60 * 1_000;

export type NewAccount = Pick<Insert<typeof User>, 'email' | 'username' | 'password' | 'profile' | 'preferences'>;
export type AccountChanges = Pick<
  Patch<typeof User>,
  'email' | 'username' | 'profile.bio' | 'profile.location' | 'preferences.theme'
> & {
  readonly password?: string;
  /** Without it there is no other password: a token that was stolen is not enough. */
  readonly currentPassword?: string;
};

/** With the hash of the password. */
type Stored = NonNullable<Awaited<ReturnType<Users['findToLogIn']>>>;

/** A user who has logged in, and what a token says of the password: it is good as long as that one is. */
export interface LoggedIn {
  readonly user: User;
  readonly stamp: string;
}

export class Accounts {
  readonly #users: Users;
  readonly #clock: DomainClock;
  readonly #changed: (userId: string) => Promise<void>;

  /** `changed` is told whose name others may see differently now. */
  constructor(users: Users, clock: DomainClock, changed: (userId: string) => Promise<void> = async () => {}) {
    this.#users = users;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** @throws UserExistsError, ValidationError that names every problem */
  async register(account: NewAccount): Promise<User> {
    // Named one by one: a role that came along in a form goes nowhere.
    const { email, username, password, profile, preferences } = account;
    const draft = { email, username, password, profile, ...(preferences !== undefined && { preferences }) };
    try {
      return await this.#users.insert(draft);
    } catch (error) {
      throw asUserExists(error);
    }
  }

  /** @throws LogInError */
  async logIn(email: string, password: string): Promise<LoggedIn> {
    const user = await this.#users.findToLogIn(email);
    if (user?.isActive) {
      const admitted = await this.#admit(user, password, { lastLoginAt: this.#clock.date() });
      return { user: admitted, stamp: stampOf(user.password) };
    }
    // It takes as long as for one who is there.
    await isPassword(password, NOBODY);
    throw new LogInError('wrong');
  }

  /** @throws LogInError for a `currentPassword` that is wrong; UserExistsError, ValidationError, NotFoundError */
  async change(id: string, { password, currentPassword, ...others }: AccountChanges): Promise<User> {
    if (password !== undefined) await this.#confirm(id, currentPassword);
    const isNew = password !== undefined && password !== currentPassword;
    try {
      const user = await this.#users.update(id, isNew ? { ...others, password } : others);
      await this.#changed(id);
      return user;
    } catch (error) {
      throw asUserExists(error);
    }
  }

  /** The row stays, for a while: its comments have an author again when it comes back. */
  async close(id: string): Promise<User> {
    const user = await this.#users.delete(id);
    await this.#changed(id);
    return user;
  }

  async reopen(id: string): Promise<User> {
    const user = await this.#users.restore(id);
    await this.#changed(id);
    return user;
  }

  /** The user whose token it is; null when the account is closed, was turned off or has another password meanwhile. */
  async findActive(id: string, stamp: unknown): Promise<User | null> {
    const found = await this.#users.findOne({ id, isActive: true }, { reveal: ['password'] });
    if (found === null) return null;
    const { password, ...user } = found;
    return stampOf(password) === stamp ? user : null;
  }

  /** What administrators decide of others. Of themselves they do not, so that one is left. @throws ForbiddenError */
  administer(actor: Actor, id: string, rights: Pick<Patch<typeof User>, 'role' | 'isActive'>): Promise<User> {
    requireAdmin(actor);
    if (actor.id === id) throw new ForbiddenError('Another administrator decides this');
    return this.#users.update(id, rights);
  }

  async #confirm(id: string, password: unknown): Promise<void> {
    if (typeof password !== 'string')
      throw new ValidationError(User.name, [{ path: 'currentPassword', message: 'must be the password until now' }]);
    await this.#admit(await this.#users.get(id, { reveal: ['password'] }), password, {});
  }

  /** Whoever says the password is let in, and the failures before are forgotten. @throws LogInError */
  async #admit(user: Stored, password: string, change: Patch<typeof User>): Promise<User> {
    const right = await isPassword(password, user.password);
    const now = this.#clock.date();
    if (user.lockedUntil !== null && user.lockedUntil > now)
      throw new LogInError('locked', user.lockedUntil.getTime() - now.getTime());
    if (!right) throw await this.#failure(user.id, now);
    // Asked again with the change: of many guesses at once, one that comes after the lock is refused, right or wrong.
    const open: Where<typeof User> = or({ lockedUntil: null }, { lockedUntil: lte(now) });
    const row = await this.#users.updateOne(and({ id: user.id }, open), {
      ...change,
      failedLogins: 0,
      lockedUntil: null,
    });
    if (row === null) throw new LogInError('locked', LOCKED_FOR);
    return row;
  }

  async #failure(id: string, now: Date): Promise<LogInError> {
    // A lock that has run out begins the count anew. Both steps are atomic, so that attempts at once are all counted.
    await this.#users.updateOne({ id, lockedUntil: lte(now) }, { failedLogins: 0, lockedUntil: null });
    const { failedLogins } = await this.#users.update(id, { failedLogins: increment(1) });
    if (failedLogins < MOST_FAILURES) return new LogInError('wrong');
    await this.#users.update(id, { lockedUntil: new Date(now.getTime() + LOCKED_FOR) });
    return new LogInError('locked', LOCKED_FOR);
  }
}

function asUserExists(error: unknown): unknown {
  return error instanceof DuplicateKeyError ? new UserExistsError(error.fields.join(), error) : error;
}
