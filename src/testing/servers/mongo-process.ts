import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runnable } from './binary.js';
import { TemporaryFolder } from './cleanup.js';
import { StepUnavailable } from './error.js';
import { withMongo } from './mongo-login.js';
import { NOTHING_ASKED, type OwnSettings, writeFiles } from './own.js';
import { until } from './probe.js';
import { startProcess } from './process.js';
import { reasonOf } from './report.js';
import type { ServerControls } from './types.js';
import { unprivilegedUser } from './user.js';

/** A replica set of one member, of ours. */
export interface MongoReplicaSet {
  readonly url: string;
  readonly version: string;
  readonly port: number;
  readonly controls: ServerControls;
  stop(): Promise<void>;
}

const settings = [
  ['--replSet', 'rs0'],
  ['--bind_ip', '127.0.0.1'],
  ['--oplogSize', '64'],
  ['--wiredTigerCacheSizeGB', '0.5'],
  ['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  // How long a primary that is asked to end waits for another one, of which there is none.
  ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
  process.platform === 'win32' ? [] : ['--nounixsocket'],
].flat();

/** Starts `binary` as a replica set, and waits until it takes writes. */
export async function startReplicaSet(binary: string, own: OwnSettings = NOTHING_ASKED): Promise<MongoReplicaSet> {
  const user = unprivilegedUser();
  const folder = new TemporaryFolder('mongo', user);
  const data = join(folder.path, 'data');
  let program: string;
  try {
    mkdirSync(data);
    if (user) chownSync(data, user.ids.uid, user.ids.gid);
    writeFiles(folder.path, own.files, user);
    program = await runnable(binary, folder.path, user);
  } catch (error) {
    await folder.remove();
    throw new StepUnavailable(`${binary}: ${reasonOf(error)}`);
  }
  let version = '';
  const server = await startProcess({
    binary: program,
    folder,
    user,
    signal: 'SIGKILL',
    arguments: (port) => ['--port', String(port), '--dbpath', data, ...settings, ...own.arguments],
    ready: async (port, pid, again) => {
      if (again) await becomesPrimary(port);
      else version = await initiate(port, pid);
    },
  });
  const { port, controls, stop } = server;
  return { url: `mongodb://127.0.0.1:${port}/?replicaSet=rs0&directConnection=true`, version, port, controls, stop };
}

/** Asks nothing that needs a login: the server may want one by now. */
async function becomesPrimary(port: number): Promise<void> {
  await until(
    () =>
      withMongo(
        `mongodb://127.0.0.1:${port}/`,
        async (client) => (await client.db('admin').command({ hello: 1 }))['isWritablePrimary'] === true,
        { directConnection: true, serverSelectionTimeoutMS: 5_000 },
      ),
    60_000,
  );
}

async function initiate(port: number, pid: number): Promise<string> {
  const host = `127.0.0.1:${port}`;
  const use = { directConnection: true, serverSelectionTimeoutMS: 30_000 };
  return withMongo(
    `mongodb://${host}/`,
    async (client) => {
      const admin = client.db('admin');
      const status = await admin.command({ serverStatus: 1 });
      // There is no login that another server on the port would refuse.
      if (Number(status['pid']) !== pid) throw new StepUnavailable(`port ${port} is in use by another mongod`);
      await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } });
      await until(async () => (await admin.command({ hello: 1 }))['isWritablePrimary'] === true, 60_000);
      return String(status['version']);
    },
    use,
  );
}
