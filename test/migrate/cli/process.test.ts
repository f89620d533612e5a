import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openedAt, running, until } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { Project, sqlFile } from './kit.js';

const { url } = await postgresDatabase();
const observer = openedAt(url, { max: 1 });
const main = fileURLToPath(new URL('../../../src/migrate/cli/main.ts', import.meta.url));

interface Process {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** `npx trivet`, in a process of its own. */
function trivet(project: Project, ...argv: readonly string[]): Process {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...argv], {
    cwd: project.folder,
    env: { ...process.env, DATABASE_URL: url, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = { out: '', err: '' };
  child.stdout!.on('data', (text) => {
    said.out += text;
  });
  child.stderr!.on('data', (text) => {
    said.err += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return { child, said, ended };
}

describe('a process of the program', () => {
  it('says its version, and exits with the code of what it did', async () => {
    const project = new Project();
    const version = trivet(project, '--version');
    expect(await version.ended).toBe(0);
    expect(version.said.out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const wrong = trivet(project, 'migrate', 'upp');
    expect(await wrong.ended).toBe(64);
    expect(wrong.said).toEqual({ out: '', err: expect.stringContaining('did you mean `up`?') });
  });

  it('ends although the configuration leaves something open', async () => {
    const project = new Project({
      'migrations/001_a.sql': sqlFile('select 1'),
      'trivet.config.ts': `
        import { PostgresDatabase } from 'trivet';
        import { defineConfig } from 'trivet/migrate';
        setInterval(() => {}, 60_000);
        export default defineConfig({ database: new PostgresDatabase(), ledger: 'process_open' });`,
    });
    const { said, ended } = trivet(project, 'migrate', 'up', '--json');
    expect(await ended, said.err).toBe(0);
    expect(JSON.parse(said.out)).toMatchObject({ exit: 0, databases: [{ steps: [{ version: '001' }] }] });
    expect(said.err).toBe('up   001 a ...\n');
  });
});

// Windows has no signals, and PGlite no second session.
describe.skipIf(process.platform === 'win32' || !inject('postgresReal'))('a process that is told to end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s ends what runs, gives the lock back, and exits with %d', async (signal, code) => {
    const project = new Project({ 'migrations/001_sleep.sql': sqlFile('select pg_sleep(600)') }, { DATABASE_URL: url });
    const { child, said, ended } = trivet(project, 'migrate', 'up', '--json');
    await until(() => running(observer, 'pg_sleep(600)'));
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(JSON.parse(said.out)).toMatchObject({ exit: code, databases: [{ error: { code: signal } }] });
    expect(said.err).toContain(`Ended by ${signal}`);
    expect(await running(observer, 'pg_sleep(600)')).toBe(false);
    expect((await project.json('migrate status')).document.databases[0]).toMatchObject({ holder: null, pending: 1 });
  });

  it('by a second signal exits at once', async () => {
    const project = new Project({
      'trivet.config.mjs': `
        setInterval(() => {}, 60_000);
        export default { database: () => { process.stderr.write('asked'); return new Promise(() => {}); } };`,
    });
    const { child, said, ended } = trivet(project, 'migrate', 'status');
    await until(async () => said.err === 'asked');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect([130, 143]).toContain(await ended);
    expect(said.out).toBe('');
  });
});
