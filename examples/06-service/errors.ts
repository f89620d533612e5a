/** Somebody else has the e-mail address or the name. */
export class UserExistsError extends Error {
  override readonly name = 'UserExistsError';
  readonly field: string;

  constructor(field: string, cause: unknown) {
    super(`There is a user with this ${field} already`, { cause });
    this.field = field;
  }
}

/** A log-in was refused. Why, is said as far as everybody may know: a wrong password and an unknown address are one thing. */
export class LogInError extends Error {
  override readonly name = 'LogInError';
  readonly reason: 'wrong' | 'locked';

  constructor(reason: 'wrong' | 'locked') {
    super(reason === 'locked' ? 'The account is locked for a while' : 'The address or the password is wrong');
    this.reason = reason;
  }
}
