import { expect } from 'vitest';
import type { Conformance } from './conformance.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Read as JSON; undefined where there is none. */
  readonly body: any;
  readonly text: string;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** No answer holds any of these: a hash, a stack, a driver's address. */
const SECRETS = /scrypt\$|node_modules|\bat \S+ \(|postgres(ql)?:\/\/|mongodb:\/\/|redis:\/\/|"stack"/i;
/** Only the slow ones are told, to administrators: which there are depends on the machine. */
const STATEMENT = /\bselect .+ from\b/i;

/** Asks the service as a program does, and compares every answer with the document. */
export class Client {
  readonly #url: string;
  readonly #conformance: Conformance;
  readonly token: string | null;

  constructor(url: string, conformance: Conformance, token: string | null = null) {
    this.#url = url;
    this.#conformance = conformance;
    this.token = token;
  }

  /** The same, with a token. */
  as(token: string | null): Client {
    return new Client(this.#url, this.#conformance, token);
  }

  get = (path: string, sent?: Sent): Promise<Answer> => this.#send('get', path, undefined, sent);
  post = (path: string, body?: unknown, sent?: Sent): Promise<Answer> => this.#send('post', path, body, sent);
  put = (path: string, body?: unknown, sent?: Sent): Promise<Answer> => this.#send('put', path, body, sent);
  patch = (path: string, body?: unknown, sent?: Sent): Promise<Answer> => this.#send('patch', path, body, sent);
  delete = (path: string, body?: unknown, sent?: Sent): Promise<Answer> => this.#send('delete', path, body, sent);

  async #send(method: Method, path: string, sent: unknown, { headers, signal }: Sent = {}): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method: method.toUpperCase(),
      headers: {
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(sent !== undefined && { body: typeof sent === 'string' ? sent : JSON.stringify(sent) }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type');
    const body = text === '' ? undefined : type?.includes('json') ? JSON.parse(text) : text;
    const { status } = response;
    const [bare = path] = path.split('?');
    const problems = this.#conformance.problemsOf({ method, path: bare, sent, status, type, body });
    expect(problems, `${method} ${path}: ${text.slice(0, 500)}`).toEqual([]);
    expect(text).not.toMatch(SECRETS);
    if (bare !== '/admin/status') expect(text).not.toMatch(STATEMENT);
    return { status, headers: response.headers, body, text };
  }
}
