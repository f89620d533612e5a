import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, inject, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// The command itself: what `npm run example:service` runs.
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const [, ...args] = scripts['example:service'].split(' ') as [string, ...string[]];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

const ADDRESSES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // PGlite has one session, and the command asks for more.
  ...(inject('postgresReal') && { postgres: { DATABASE_URL: inject('postgresUrl') } }),
  mongo: { MONGODB_URI: inject('mongoUrl') },
};

test.each(Object.entries(ADDRESSES))(
  'the command on %s listens, answers, and ends with 0',
  async (engine, addresses) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...addresses, ENGINE: engine, PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    // Not 'exit': what it said last may still be on its way then.
    const exited = once(child, 'close');
    const said: string[] = [];
    const listening = new Promise<string>((resolve, reject) => {
      createInterface(child.stdout!).on('line', (line) => {
        said.push(line);
        const [, url] = /^listening on (http:\S+)$/.exec(line) ?? [];
        if (url !== undefined) resolve(url);
      });
      createInterface(child.stderr!).on('line', (line) => said.push(line));
      child.once('exit', () => reject(new Error(`It ended before it listened:\n${said.join('\n')}`)));
    });
    const url = await listening;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const posts = await fetch(`${url}/posts`);
    expect([posts.status, posts.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('application/json'),
    ]);
    await posts.text();

    child.kill('SIGTERM');
    expect(await exited, said.join('\n')).toEqual([0, null]);
    expect(said.slice(-3)).toEqual(['ended', '', 'Its code begins in examples/06-service.ts.']);
  },
);
