import { randomBytes } from 'node:crypto';
import { type Duration, parseDuration } from 'trivet';

/** What the service is told from outside. */
export interface Settings {
  readonly engine: 'postgres' | 'mongo';
  /** 0 is any port that is free. */
  readonly port: number;
  /** What tokens are signed with. */
  readonly authSecret: Uint8Array;
  readonly tokenLifetime: Duration;
  /** Most requests of one address. */
  readonly requestsPerMinute: number;
  /** Whether there is a proxy before the service, whose word for the client's address is taken. */
  readonly trustProxy: boolean;
}

/** A variable is not what was expected. Its value is not told: it may be a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly variable: string;

  constructor(variable: string, expectation: string) {
    super(`Expected the variable ${variable} to be ${expectation}`);
    this.variable = variable;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const SECRET_BYTES = 32;

/** Reads the environment; `say` is told what was done where nothing was said. @throws SettingsError */
export function settingsOf(environment: Environment, say: (line: string) => void): Settings {
  return {
    engine: oneOf(environment, 'ENGINE', ['postgres', 'mongo']),
    port: integerOf(environment, 'PORT', 3_000, 0, 65_535),
    authSecret: secretOf(environment, say),
    tokenLifetime: durationOf(environment, 'TOKEN_LIFETIME', '1h'),
    requestsPerMinute: integerOf(environment, 'REQUESTS_PER_MINUTE', 300, 1, 1_000_000),
    trustProxy: oneOf(environment, 'TRUST_PROXY', ['false', 'true']) === 'true',
  };
}

/** The first choice is what counts where nothing is said. An empty variable says nothing. */
function oneOf<T extends string>(environment: Environment, name: string, choices: readonly [T, ...T[]]): T {
  const given = environment[name] || choices[0];
  const choice = choices.find((each) => each === given);
  if (choice === undefined) throw new SettingsError(name, choices.join(' or '));
  return choice;
}

function integerOf(environment: Environment, name: string, usual: number, least: number, most: number): number {
  const given = environment[name] || String(usual);
  const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (!(number >= least && number <= most)) throw new SettingsError(name, `an integer from ${least} to ${most}`);
  return number;
}

function durationOf(environment: Environment, name: string, usual: Duration): Duration {
  const given = (environment[name] || usual) as Duration;
  try {
    if (parseDuration(given, name) >= 1_000) return given;
  } catch {
    // The message of the library is about code.
  }
  throw new SettingsError(name, 'a duration of at least a second, such as 15m or 1h');
}

function secretOf(environment: Environment, say: (line: string) => void): Uint8Array {
  const given = environment['AUTH_SECRET'];
  if (!given) {
    say('AUTH_SECRET is not set: tokens are good for this process alone, until it ends');
    return randomBytes(SECRET_BYTES);
  }
  const secret = new TextEncoder().encode(given);
  // RFC 7518, 3.2: a key of HS256 is at least as long as its hash.
  if (secret.length < SECRET_BYTES) throw new SettingsError('AUTH_SECRET', `a text of at least ${SECRET_BYTES} bytes`);
  return secret;
}
