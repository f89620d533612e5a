import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { CacheKey } from '../cache/key.js';
import type { HttpCacheSettings } from './cache-options.js';
import { CONDITIONS, type Conditions, conditionsOf } from './conditions.js';
import { askerOf, type Wish, wishOf } from './request.js';
import type { StoredAnswer, StoredIndex } from './stored.js';
import type { Asker } from './storing.js';

/** Goes on to the handler; with an error, to that of errors. */
export type NextHandler = (error?: unknown) => void;

/** One request on its way through the cache. */
export class Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly key: CacheKey;
  readonly wish: Wish;
  readonly asker: Asker;
  readonly conditions: Conditions;
  /** As they came: a handler may change them. */
  readonly headers: IncomingHttpHeaders;
  readonly #next: NextHandler;
  /** Whether somebody answers it, so that nobody else may. */
  isTaken = false;
  #isHandled = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    next: NextHandler,
    key: CacheKey,
    settings: HttpCacheSettings,
  ) {
    this.request = request;
    this.response = response;
    this.#next = next;
    this.key = key;
    this.wish = wishOf(request, settings);
    this.asker = askerOf(request);
    this.conditions = conditionsOf(request.headers);
    this.headers = { ...request.headers };
  }

  /** Which of those who ask alike it is: whether an answer may be shared depends on it. */
  get kind(): string {
    const { isAuthorized, hasCookies } = this.asker;
    return `${isAuthorized ? 'authorized' : ''}${hasCookies ? 'cookies' : ''}`;
  }

  get isHead(): boolean {
    return this.request.method === 'HEAD';
  }

  get isGone(): boolean {
    return this.response.closed || this.response.destroyed || this.request.socket?.destroyed === true;
  }

  /** The handler answers. What it throws at once is not for those who wait for the cache: it goes where it went without one. */
  handle(): void {
    this.isTaken = true;
    this.#isHandled = true;
    try {
      this.#next();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }

  /** What was begun without the handler cannot be ended. */
  fail(error: unknown): void {
    if (!this.#isHandled && !this.response.headersSent) this.#next(error);
  }

  /** Lets the handler see a request for the whole answer: whether the client has it is judged here. Gives what undoes it. */
  hideConditions(): () => void {
    const { headers } = this.request;
    const hidden = CONDITIONS.filter((name) => headers[name] !== undefined);
    for (const name of hidden) delete headers[name];
    return () => {
      for (const name of hidden) headers[name] = this.headers[name];
    };
  }
}

/** Where the answer to a request is stored, and what was found there. */
export interface Place {
  readonly key: CacheKey;
  /** The key under which the index stands, where answers differ by fields of the request. */
  readonly index: StoredIndex | null;
  readonly answer: StoredAnswer | null;
}
