import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { expect, type TestContext, vi } from 'vitest';
import { ServerNotFoundError, type ServerOptions, type ServerOrigin } from '../../src/testing/index.js';

const origins: readonly ServerOrigin[] = ['environment', 'local', 'binary', 'embedded'];

/** Options that leave a single step, and keep the lines that it logs. No address of the developer's own leaks in. */
export function only(
  origin: ServerOrigin,
  env: Readonly<Record<string, string | undefined>> = {},
): ServerOptions & { readonly lines: string[] } {
  const lines: string[] = [];
  const { PATH, XDG_CACHE_HOME } = process.env;
  return {
    lines,
    log: (line) => lines.push(line),
    skip: origins.filter((other) => other !== origin),
    env: { PATH, XDG_CACHE_HOME, ...env },
  };
}

/** What `start` resolves to; the test is skipped, with the reason, when this machine lacks what `missing` names. */
export async function orSkip<Server>(context: TestContext, missing: RegExp, start: Promise<Server>): Promise<Server> {
  try {
    return await start;
  } catch (error) {
    const reason = error instanceof ServerNotFoundError ? error.tried.map((step) => step.reason).join('; ') : '';
    if (!missing.test(reason)) throw error;
    return context.skip(`this machine has none: ${reason}`);
  }
}

/** The error of a start that must fail. */
export async function failure(start: Promise<unknown>): Promise<ServerNotFoundError> {
  const error = await start.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ServerNotFoundError);
  return error as ServerNotFoundError;
}

/** Where a server of ours lives. */
export interface Residence {
  readonly pid: number;
  readonly folder: string;
}

/** Waits until neither the process nor the folder is there. */
export async function expectGone({ pid, folder }: Residence): Promise<void> {
  expect(pid).toBeGreaterThan(0);
  expect(folder).toContain('trivet-');
  await vi.waitFor(
    () => expect({ alive: isAlive(pid), folder: existsSync(folder) }).toEqual({ alive: false, folder: false }),
    {
      timeout: 60_000,
    },
  );
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Whether something accepts connections at an address of this machine. */
export function listens(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export async function sql<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

export async function mongo<Result>(url: string, use: (client: MongoClient) => Promise<Result>): Promise<Result> {
  const client = new MongoClient(url);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
