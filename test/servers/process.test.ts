import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRedis } from '../../src/testing/index.js';
import { findBinaries, runnable } from '../../src/testing/servers/binary.js';
import { TemporaryFolder } from '../../src/testing/servers/cleanup.js';
import { writeOwn } from '../../src/testing/servers/own.js';
import { freePort } from '../../src/testing/servers/probe.js';
import { type ServerCommand, startProcess } from '../../src/testing/servers/process.js';
import { greetRedis } from '../../src/testing/servers/redis-login.js';
import { cachedPath, redisWheel } from '../../src/testing/servers/wheel.js';
import { expectGone, listens, only, orSkip } from './helpers.js';
import { redisResidence } from './residence.js';

const missing = /not found|python3|is for Linux|No matching distribution|Connection/;

async function redisCommand(ready: ServerCommand['ready']): Promise<ServerCommand> {
  const folder = new TemporaryFolder('redis', undefined);
  const found = findBinaries('redis-server', process.env['PATH'], [])[0] ?? cachedPath(redisWheel, process.env);
  return {
    binary: await runnable(found, folder.path, undefined),
    folder,
    user: undefined,
    signal: 'SIGKILL',
    arguments: (port) => ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder.path, '--save', ''],
    ready,
  };
}

test('a server that lost its port to another one gets a new port, and the other is left alone', async (context) => {
  await using other = await orSkip(context, missing, startRedis(only('embedded')));
  const taken = Number(new URL(other.url).port);
  const ports = [taken, taken];
  const command = await redisCommand(async (port) => {
    await greetRedis(`redis://127.0.0.1:${port}`, 5000);
  });
  const { port, stop } = await startProcess(command, async () => ports.shift() ?? freePort());
  expect(ports).toEqual([]);
  expect(port).not.toBe(taken);
  await stop();
  expect(await listens(other.url)).toBe(true);
});

test('a server that does not become ready is ended, and the reason is told', async (context) => {
  await orSkip(
    context,
    missing,
    startRedis(only('embedded')).then((server) => server.stop()),
  );
  let residence = { pid: 0, folder: '' };
  const command = await redisCommand(async (port, pid) => {
    residence = { pid, folder: command.folder.path };
    expect((await redisResidence(`redis://127.0.0.1:${port}`)).pid).toBe(pid);
    throw new Error('not what was wanted');
  });
  await expect(startProcess(command)).rejects.toThrow(/redis-server.*did not start: not what was wanted/);
  await expectGone(residence);
});

test('a link in the folder of a server is not followed, neither to write nor to give away', async () => {
  const folder = new TemporaryFolder('redis', undefined);
  const target = join(folder.path, 'of-somebody-else');
  const link = join(folder.path, 'redis.conf');
  writeFileSync(target, 'theirs', { mode: 0o644 });
  symlinkSync(target, link);
  writeOwn(link, 'ours', undefined);
  expect(readFileSync(link, 'utf8')).toBe('ours');
  expect(lstatSync(link)).toMatchObject({ mode: 0o100600 });
  symlinkSync(target, join(folder.path, 'server.log'));
  const command = {
    binary: '/bin/echo',
    folder,
    user: undefined,
    signal: 'SIGKILL',
    arguments: () => ['theirs'],
  } as const;
  const before = { text: readFileSync(target, 'utf8'), mode: statSync(target).mode };
  expect(before).toEqual({ text: 'theirs', mode: 0o100644 });
  await expect(startProcess({ ...command, ready: async () => {} })).rejects.toThrow(/did not start: ELOOP/);
  expect(existsSync(folder.path)).toBe(false);
});

test('a program that cannot be run is a reason, not a crash', async () => {
  const folder = new TemporaryFolder('redis', undefined);
  const absent = join(folder.path, 'absent');
  const command: ServerCommand = {
    binary: absent,
    folder,
    user: undefined,
    signal: 'SIGKILL',
    arguments: () => [],
    ready: async () => {},
  };
  await expect(startProcess(command)).rejects.toThrow(/absent did not start: .*ENOENT/);
});
