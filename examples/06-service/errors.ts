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
  /** Milliseconds until it may be tried again, where the account is locked and it is known. */
  readonly leftMs: number | null;

  constructor(reason: 'wrong' | 'locked', leftMs: number | null = null) {
    super(reason === 'locked' ? 'The account is locked for a while' : 'The address or the password is wrong');
    this.reason = reason;
    this.leftMs = leftMs;
  }
}

/** There is no token, or none that is good: it has run out, is not ours, or its user is gone or turned off. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
  /** Whether there was a token at all. */
  readonly hadToken: boolean;

  constructor(hadToken: boolean) {
    super(hadToken ? 'The token is not good' : 'A token is needed');
    this.hadToken = hadToken;
  }
}

/** The user is known, and may not do this. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
}
