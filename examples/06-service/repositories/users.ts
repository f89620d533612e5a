import { type Change, type Database, Repository, type RepositoryOptions } from 'trivet';
import { User } from '../entities/user.js';
import { hashPassword } from '../passwords.js';

export class Users extends Repository<typeof User> {
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
    if (change.password === undefined) return change;
    return { ...change, password: await hashPassword(change.password) };
  }
}
