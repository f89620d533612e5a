import { lchownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { runnable } from './binary.js';
import { TemporaryFolder } from './cleanup.js';
import { StepUnavailable } from './error.js';
import { withMongo } from './mongo-login.js';
import { NOTHING_ASKED, type OwnSettings, writeFiles } from './own.js';
import { until } from './probe.js';
import { type ServerProcess, startProcess } from './process.js';
import { reasonOf } from './report.js';
import type { MongoMember } from './types.js';
import { unprivilegedUser } from './user.js';

/** A replica set of ours. */
export interface MongoReplicaSet {
  readonly url: string;
  readonly version: string;
  readonly members: readonly MongoMember[];
  stop(): Promise<void>;
}

const settings = [
  ['--replSet', 'rs0'],
  ['--bind_ip', '127.0.0.1'],
  ['--oplogSize', '64'],
  ['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  // How long a primary that is asked to end waits for another one, of which there may be none.
  ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
  process.platform === 'win32' ? [] : ['--nounixsocket'],
].flat();

// A member that is lost is noticed in two seconds, not in the ten of a set that does serious work.
const elections = { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 };

/** Starts `binary` as a replica set of `size` members, and waits until it takes writes. */
export async function startReplicaSet(
  binary: string,
  own: OwnSettings = NOTHING_ASKED,
  size = 1,
): Promise<MongoReplicaSet> {
  const begun = await Promise.allSettled(Array.from({ length: size }, () => startMember(binary, own, size)));
  const started = begun.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((each) => each.stop()));
  };
  const members = started.map(({ port, controls }) => ({ host: `127.0.0.1:${port}`, process: controls }));
  const hosts = members.map(({ host }) => host);
  try {
    for (const each of begun) if (each.status === 'rejected') throw each.reason;
    const version = await initiate(hosts);
    const query = size === 1 ? '?replicaSet=rs0&directConnection=true' : '?replicaSet=rs0';
    return { url: `mongodb://${hosts.join(',')}/${query}`, version, members, stop };
  } catch (error) {
    await stop();
    throw error instanceof StepUnavailable ? error : new StepUnavailable(`${binary}: ${reasonOf(error)}`);
  }
}

async function startMember(binary: string, own: OwnSettings, size: number): Promise<ServerProcess> {
  const user = unprivilegedUser();
  const folder = new TemporaryFolder('mongo', user);
  const data = join(folder.path, 'data');
  let program: string;
  try {
    mkdirSync(data);
    if (user) lchownSync(data, user.ids.uid, user.ids.gid);
    writeFiles(folder.path, own.files, user);
    program = await runnable(binary, folder.path, user);
  } catch (error) {
    await folder.remove();
    throw new StepUnavailable(`${binary}: ${reasonOf(error)}`);
  }
  // A tenth of it is what writes may hold before the server undoes one transaction for another: tests of large writes run side by side.
  const cache = ['--wiredTigerCacheSizeGB', size === 1 ? '2' : '0.25'];
  return startProcess({
    binary: program,
    folder,
    user,
    signal: 'SIGKILL',
    arguments: (port) => ['--port', String(port), '--dbpath', data, ...cache, ...settings, ...own.arguments],
    ready: (port, pid, again) => (again ? serves(port, size === 1) : isOurs(port, pid)),
  });
}

function direct<T>(host: string, use: (admin: Db) => Promise<T>, patience = 5_000): Promise<T> {
  const options = { directConnection: true, serverSelectionTimeoutMS: patience };
  return withMongo(`mongodb://${host}/`, (client) => use(client.db('admin')), options);
}

/** Asks nothing that needs a login: the server may want one by now. */
async function stateOf(host: string): Promise<{ readonly primary: boolean; readonly secondary: boolean }> {
  const hello = await direct(host, (admin) => admin.command({ hello: 1 }));
  return { primary: hello['isWritablePrimary'] === true, secondary: hello['secondary'] === true };
}

/** Until a member that was started again does its part; the only one takes writes then. */
async function serves(port: number, alone: boolean): Promise<void> {
  await until(async () => {
    const { primary, secondary } = await stateOf(`127.0.0.1:${port}`);
    return primary || (secondary && !alone);
  }, 60_000);
}

/** The member that takes writes, as soon as there is one. */
export async function becomesPrimary(members: readonly MongoMember[]): Promise<MongoMember> {
  let found: MongoMember | undefined;
  await until(async () => {
    for (const each of members) {
      if (!each.process.running) continue;
      const state = await stateOf(each.host).catch(() => null);
      if (state?.primary === true) found = each;
    }
    return found !== undefined;
  }, 60_000);
  return found!;
}

/** There is no login that another server on the port would refuse. */
async function isOurs(port: number, pid: number): Promise<void> {
  const status = await direct(`127.0.0.1:${port}`, (admin) => admin.command({ serverStatus: 1 }), 30_000);
  if (Number(status['pid']) !== pid) throw new StepUnavailable(`port ${port} is in use by another mongod`);
}

/** Makes one set of them, and waits until all of its members do their part. */
async function initiate(hosts: readonly string[]): Promise<string> {
  const members = hosts.map((host, _id) => ({ _id, host }));
  const config = { _id: 'rs0', members, ...(hosts.length > 1 && { settings: elections }) };
  const version = await direct(
    hosts[0]!,
    async (admin) => {
      await admin.command({ replSetInitiate: config });
      return String((await admin.command({ buildInfo: 1 }))['version']);
    },
    30_000,
  );
  await until(async () => {
    const states = await Promise.all(hosts.map(stateOf));
    return states.some(({ primary }) => primary) && states.every(({ primary, secondary }) => primary || secondary);
  }, 60_000);
  return version;
}
