import { and, DuplicateKeyError, type Insert, increment, lte, or, type Patch, type Where } from 'trivet';
import type { DomainClock } from '../clock.js';
import type { User } from '../entities/user.js';
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
> & { readonly password?: string };

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
    const right = await isPassword(password, user?.password ?? NOBODY);
    if (user === null || !user.isActive) throw new LogInError('wrong');
    const now = this.#clock.date();
    if (user.lockedUntil !== null && user.lockedUntil > now)
      throw new LogInError('locked', user.lockedUntil.getTime() - now.getTime());
    if (!right) throw await this.#failure(user.id, now);
    // Asked again with the change: of many guesses at once, one that comes after the lock is refused, right or wrong.
    const open: Where<typeof User> = or({ lockedUntil: null }, { lockedUntil: lte(now) });
    const welcome = { failedLogins: 0, lockedUntil: null, lastLoginAt: now };
    const row = await this.#users.updateOne(and({ id: user.id }, open), welcome);
    if (row === null) throw new LogInError('locked', LOCKED_FOR);
    return { user: row, stamp: stampOf(user.password) };
  }

  /** @throws UserExistsError, ValidationError, NotFoundError */
  async change(id: string, changes: AccountChanges): Promise<User> {
    const { password, ...others } = changes;
    try {
      const user = await this.#users.update(id, (await this.#isNew(id, password)) ? changes : others);
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

  async #isNew(id: string, password: string | undefined): Promise<boolean> {
    if (password === undefined) return false;
    const stored = await this.#users.get(id, { reveal: ['password'] });
    return !(await isPassword(password, stored.password));
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
