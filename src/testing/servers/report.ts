import { type ServerAttempt, ServerNotFoundError, StepUnavailable } from './error.js';
import type { ServerOptions, ServerOrigin } from './types.js';

/** One place where a server may be. `find` rejects with {@link StepUnavailable} when there is none. */
export interface ServerStep<Found> {
  readonly origin: ServerOrigin;
  readonly place: string;
  find(): Promise<Found>;
}

/** What every engine says about a server that it found. */
export interface FoundServer {
  /** `host:port`, or a socket's path; never with credentials. */
  readonly address: string;
  readonly version: string;
  /** What runs it, when it is ours. */
  readonly via?: string;
}

/** Engine and remedies, for log lines and for the error. */
export interface ServerKind {
  /** Such as `PostgreSQL`. */
  readonly engine: string;
  /** The npm package that every login needs. */
  readonly driver: string;
  /** Rejects when the driver is not installed. */
  loadDriver(): Promise<unknown>;
  readonly fixes: readonly string[];
}

/**
 * Runs the steps in order and returns what the first one found that has something.
 * @throws ServerNotFoundError when none has, or when one that the environment asked for does not answer.
 */
export async function firstFound<Found extends FoundServer>(
  kind: ServerKind,
  steps: readonly ServerStep<Found>[],
  options: ServerOptions,
): Promise<{ readonly found: Found; readonly origin: ServerOrigin }> {
  const log = options.log ?? console.error;
  const tried: ServerAttempt[] = [];
  const installed = await kind.loadDriver().then(
    () => true,
    () => false,
  );
  for (const { origin, place, find } of steps) {
    if (options.skip?.includes(origin)) {
      tried.push({ origin, place, reason: 'skipped by the caller' });
      continue;
    }
    const started = performance.now();
    try {
      if (!installed) throw new StepUnavailable(`the package \`${kind.driver}\` is not installed`);
      const found = await find();
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      log(
        `${kind.engine} ${found.version} at ${found.address} (${[origin, found.via, `${seconds} s`].filter(Boolean).join(', ')})`,
      );
      return { found, origin };
    } catch (error) {
      if (!(error instanceof StepUnavailable)) throw error;
      tried.push({ origin, place, reason: error.message });
      log(`${kind.engine}: ${origin}: ${place}: ${error.message}`);
      if (error.final) {
        const summary = `Expected the ${kind.engine} server that ${place} names to be usable; no other was tried instead.`;
        const unset = `correct ${place}, or start the server that it names`;
        throw new ServerNotFoundError(summary, tried, [unset, `unset ${place} to let the other steps run`]);
      }
    }
  }
  throw new ServerNotFoundError(
    `Expected to find or start a ${kind.engine} server.`,
    tried,
    installed ? kind.fixes : [`npm install ${kind.driver}`],
  );
}

/** The message of whatever was thrown, on one line, with each of `secrets` blotted out. */
export function reasonOf(error: unknown, secrets: readonly (string | undefined)[] = []): string {
  let reason = describe(error).replace(/\s*\n\s*/g, '; ');
  for (const secret of secrets) if (secret) reason = reason.replaceAll(secret, '***');
  return reason;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message) return error.message;
  // A connection that was refused on IPv4 and IPv6 is an AggregateError without a message.
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error.name;
}

/** The password of an address, as written and decoded, so that both can be blotted out of messages. */
export function secretsOf(url: string): readonly string[] {
  const written = /^[^:]+:\/\/[^:@/]*:([^@]*)@/.exec(url)?.[1];
  if (!written) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}
