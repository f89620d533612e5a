import type { Database, RepositoryOptions } from 'trivet';
import { PASSWORD, User } from '../entities/user.js';
import { hashPassword } from '../passwords.js';
import { type Change, Hooked } from './hooked.js';

export class Users extends Hooked<typeof User> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, User, options);
  }

  findByEmail(email: string) {
    return this.findOne({ email });
  }

  /** With the hash of the password, to log in. */
  findToLogIn(email: string) {
    return this.findOne({ email }, { reveal: ['password'] });
  }

  active() {
    return this.find({ isActive: true }, { orderBy: { username: 'asc' } });
  }

  byRole(role: User['role']) {
    return this.find({ role }, { orderBy: { username: 'asc' } });
  }

  // A change without a password leaves the stored hash alone.
  protected override async beforeSave(change: Change<typeof User>): Promise<Change<typeof User>> {
    const { password } = change;
    // One of a wrong length goes on as it is, to be refused along with everything else that is wrong.
    if (password === undefined || password.length < PASSWORD.min || password.length > PASSWORD.max) return change;
    return { ...change, password: await hashPassword(password) };
  }
}
