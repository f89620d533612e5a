import type { IncomingMessage, ServerResponse } from 'node:http';
import { expected, refuseUnknown } from '../core/engine-options.js';

/** What `readiness` and `liveness` need of a `ConnectionPoolManager`. */
export interface HealthSource {
  readiness(): Promise<{
    readonly ready: boolean;
    readonly status: string;
    readonly reason: string | null;
    readonly checks: object;
  }>;
  liveness(): { readonly status: string; readonly uptime: number };
}

/** A handler of Express, connect and `node:http`. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Options of `readiness`. */
export interface ReadinessOptions {
  /** Whether the answer tells of each pool. Turn it off where everybody can ask. @default true */
  readonly details?: boolean | undefined;
}

const KNOWN: ReadonlySet<string> = new Set(['details']);

/**
 * Answers 200 while the application can take work, else 503, as health+json (draft-inadarei-api-health-check-06).
 *
 * @throws TypeError when an option is not what was expected
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { ConnectionPoolManager, PostgresDatabase } from 'trivet';
 * import { liveness, readiness } from 'trivet/http';
 *
 * const pools = new ConnectionPoolManager({ sql: new PostgresDatabase({ url: 'postgres://localhost/app' }) });
 * const ready = readiness(pools);
 * const live = liveness(pools);
 * const server = createServer((request, response) => (request.url === '/livez' ? live : ready)(request, response));
 * ```
 */
export function readiness(pools: HealthSource, options: ReadinessOptions = {}): Handler {
  checkPools(pools);
  refuseUnknown(options, KNOWN);
  const { details = true } = options;
  if (typeof details !== 'boolean') throw expected('details', 'true or false', details);
  return (request, response) => {
    pools.readiness().then(
      ({ ready, status, reason, checks }) => {
        const rest = details ? { ...(reason !== null && { output: reason }), checks: checksOf(checks) } : {};
        answer(request, response, ready ? 200 : 503, { status, ...rest });
      },
      // Whatever it is, it is no reason to take work, and nobody's to read.
      () => answer(request, response, 503, { status: 'fail' }),
    );
  };
}

/** Answers 200 as long as the process answers at all. @throws TypeError for what has no health */
export function liveness(pools: HealthSource): Handler {
  checkPools(pools);
  return (request, response) => {
    const { status, uptime } = pools.liveness();
    answer(request, response, 200, { status, uptime });
  };
}

function checkPools(pools: Partial<HealthSource> | null | undefined): void {
  if (typeof pools?.readiness !== 'function' || typeof pools.liveness !== 'function')
    throw expected('pools', 'a ConnectionPoolManager', pools);
}

const STATUS: Readonly<Record<string, string>> = { up: 'pass', degraded: 'warn', down: 'fail' };

/** Each check as a list of one, as the draft has it. What a check failed with is the operator's: only its code is told. */
function checksOf(checks: object): Record<string, readonly object[]> {
  return Object.fromEntries(
    Object.entries(checks).map(([name, check]) => {
      const { status, checkedAt, latencyMs, error, server, pool, required } = check;
      return [
        `${name}:responseTime`,
        [
          {
            componentType: 'datastore',
            status: STATUS[status] ?? 'fail',
            ...(latencyMs !== null && { observedValue: Math.round(latencyMs * 10) / 10, observedUnit: 'ms' }),
            ...(checkedAt !== null && { time: checkedAt }),
            ...(error !== null && { output: error.code }),
            ...(server !== null && { version: server.version, role: server.role }),
            pool,
            required,
          },
        ],
      ];
    }),
  );
}

function answer(request: IncomingMessage, response: ServerResponse, code: number, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.statusCode = code;
  response.setHeader('Content-Type', 'application/health+json');
  response.setHeader('Content-Length', bytes.length);
  response.setHeader('Cache-Control', 'no-store');
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
