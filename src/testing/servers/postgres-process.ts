import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { run } from './binary.js';
import type { TemporaryFolder } from './cleanup.js';
import { StepUnavailable } from './error.js';
import { NOTHING_ASKED, type OwnSettings, writeFiles, writeOwn } from './own.js';
import { addressFrom, checkLogin } from './postgres-login.js';
import { startProcess } from './process.js';
import { reasonOf } from './report.js';
import type { ServerControls } from './types.js';
import type { ServerUser } from './user.js';

/** The two programs that a cluster needs. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** A cluster of ours; `stop` removes `folder` too. */
export interface PostgresCluster {
  readonly url: string;
  readonly version: string;
  readonly port: number;
  readonly controls: ServerControls;
  stop(): Promise<void>;
}

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  // The data are thrown away, so nothing has to survive a crash of the machine.
  'fsync=off',
  'full_page_writes=off',
  'max_connections=200',
  'max_prepared_transactions=10',
];

/** Makes a cluster in `folder` and starts it. The password is random, since other users of the machine see the port. */
export async function startCluster(
  { postgres, initdb }: PostgresBinaries,
  folder: TemporaryFolder,
  user: ServerUser | undefined,
  own: OwnSettings = NOTHING_ASKED,
): Promise<PostgresCluster> {
  const password = randomBytes(16).toString('hex');
  const data = join(folder.path, 'data');
  try {
    await initialize(initdb, data, passwordFile(folder.path, password, user), user);
    writeFiles(data, own.files, user);
  } catch (error) {
    await folder.remove();
    throw new StepUnavailable(`${initdb} failed: ${reasonOf(error)}`);
  }
  const address = (port: number) =>
    addressFrom({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' });
  let version = '';
  const server = await startProcess({
    binary: postgres,
    folder,
    user,
    // An immediate shutdown: the postmaster takes its children with it.
    signal: 'SIGQUIT',
    arguments: (port) => [
      ...['-D', data, '-p', String(port)],
      ...[...settings, `synchronous_commit=${own.durable ? 'on' : 'off'}`].flatMap((setting) => ['-c', setting]),
      ...own.arguments,
    ],
    ready: async (port) => {
      version = await loginOnceUp(address(port));
    },
  });
  const { port, controls, stop } = server;
  return { url: address(port), version, port, controls, stop };
}

async function initialize(initdb: string, data: string, password: string, user: ServerUser | undefined): Promise<void> {
  const options = [
    '-D',
    data,
    '-U',
    'postgres',
    '-E',
    'UTF8',
    '-A',
    'scram-sha-256',
    '--pwfile',
    password,
    '--no-sync',
  ];
  try {
    await run(initdb, [...options, '--locale=C.UTF-8'], { user, timeout: 120_000 });
  } catch (error) {
    // macOS and older systems have no such locale.
    if (!/locale/i.test(reasonOf(error))) throw error;
    await run(initdb, [...options, '--no-locale'], { user, timeout: 120_000 });
  }
}

function passwordFile(folder: string, password: string, user: ServerUser | undefined): string {
  const file = join(folder, 'password');
  writeOwn(file, password, user);
  return file;
}

// The port accepts connections some milliseconds before the server is done starting up.
async function loginOnceUp(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await checkLogin(url, 10_000);
    } catch (error) {
      // After a crash it also recovers first.
      if (attempt > 1_500 || !/starting up|recovery|not yet accepting/i.test(reasonOf(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
