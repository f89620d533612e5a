import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Database, MongoDatabase, PostgresDatabase } from 'trivet';
import type { StartedDatabase } from 'trivet/testing';
import { afterAll, beforeAll, expect } from 'vitest';
import { conduit } from '../../../examples/07-conduit/app.js';
import { openRepositories } from '../../../examples/07-conduit/repositories.js';
import { CountingDatabase } from '../blog/counting.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Of JSON, null without one. */
  readonly body: any;
}

export type Call = (method: string, path: string, token?: string | null, body?: unknown) => Promise<Answer>;

/** Calls of an API below `base`. A body that is a text is sent as it is. */
export function callsOf(base: string): Call {
  return async (method, path, token = null, body = undefined) => {
    const headers = new Headers({ 'content-type': 'application/json' });
    if (token !== null) headers.set('authorization', /\s/.test(token) ? token : `Token ${token}`);
    const sent = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(base + path, { method, headers, body: sent });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  };
}

/** What a test has: the API over a database, and two users. */
export interface Api {
  readonly call: Call;
  /** What it sends is written down. */
  readonly database: CountingDatabase;
  /** Tokens of users of these names. */
  readonly ann: string;
  readonly bob: string;
  /** Makes a user of this name and gives the token. */
  register(username: string): Promise<string>;
  /** Makes an article and gives its slug. */
  publish(token: string, title: string, tagList?: readonly string[]): Promise<string>;
}

export const PASSWORD = 'a long enough secret';

type OpenDatabase = () => Database & { close(): Promise<void> };

/** What `describe.each` needs. */
export function enginesOf(postgres: StartedDatabase, mongo: StartedDatabase): readonly [string, OpenDatabase][] {
  return [
    ['PostgreSQL', () => new PostgresDatabase({ url: postgres.url })],
    ['MongoDB', () => new MongoDatabase({ url: mongo.url })],
  ];
}

/** The API for the tests of a block, on a port of its own. */
export function useConduit(open: OpenDatabase): Api {
  const inner = open();
  const database = new CountingDatabase(inner);
  const api = { database, ann: '', bob: '', register, publish } as { -readonly [P in keyof Api]: Api[P] };
  let listener: Server | undefined;
  beforeAll(async () => {
    listener = conduit(await openRepositories(database), new Uint8Array(32).fill(7)).listen(0);
    await once(listener, 'listening');
    api.call = callsOf(`http://127.0.0.1:${(listener.address() as AddressInfo).port}/api`);
    api.ann = await register('ann');
    api.bob = await register('bob');
  });
  afterAll(async () => {
    listener?.closeAllConnections();
    await new Promise((resolve) => (listener === undefined ? resolve(null) : listener.close(resolve)));
    await inner.close();
  });

  async function register(username: string): Promise<string> {
    const user = { username, email: `${username}@conduit.example`, password: PASSWORD };
    return (await api.call('POST', '/users', null, { user })).body.user.token;
  }

  async function publish(token: string, title: string, tagList: readonly string[] = []): Promise<string> {
    const article = { title, description: `About ${title}`, body: `All of ${title}`, tagList };
    return (await api.call('POST', '/articles', token, { article })).body.article.slug;
  }
  return api;
}

/** The answer is a refusal with this status and exactly these messages. */
export async function refused(status: number, errors: unknown, answer: Promise<Answer>): Promise<void> {
  const { status: got, body } = await answer;
  expect({ status: got, body }).toEqual({ status, body: { errors } });
}
