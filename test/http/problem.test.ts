import { createServer } from 'node:http';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProblemHandlerOptions, problem, problemOf } from '../../src/http/index.js';
import {
  AbortedError,
  AfterCommitError,
  AuthenticationError,
  CacheUnavailableError,
  ClosedError,
  ConflictError,
  ConnectionError,
  ConstraintError,
  DriverMissingError,
  DuplicateKeyError,
  ForeignKeyError,
  LoadFailedError,
  LockContendedError,
  LockLostError,
  LockUnavailableError,
  NotFoundError,
  PoolExhaustedError,
  PoolUnavailableError,
  QueryError,
  SchemaError,
  StaleFenceError,
  StaleVersionError,
  TimeoutError,
  TransactionAbortedError,
  TransactionClosedError,
  ValidationError,
} from '../../src/index.js';
import { closeSites, gate, type Headers, served } from './kit.js';

afterEach(closeSites);

const SECRET = 'planted';
const details = { resource: SECRET, cause: new Error(SECRET), retryable: true } as const;
const stats = { max: 1, min: 0, total: 1, active: 1, idle: 0, waiting: 1, timeouts: 1 };

/** Each error with what its client is told: status, code, and when to come again. */
const errors: readonly (readonly [Error, number, string | undefined, string | undefined])[] = [
  [new ValidationError(SECRET, [{ path: 'name', message: 'is missing' }], details), 400, 'VALIDATION', undefined],
  [new NotFoundError(SECRET, details), 404, 'NOT_FOUND', undefined],
  [new DuplicateKeyError(SECRET, { ...details, fields: ['email'], constraint: SECRET }), 409, 'DUPLICATE_KEY', '1'],
  [new ForeignKeyError(SECRET, { ...details, constraint: SECRET }), 409, 'FOREIGN_KEY', '1'],
  [new ConstraintError(SECRET, { fields: ['age'], constraint: SECRET }), 409, 'CONSTRAINT', undefined],
  [new StaleVersionError(SECRET, { resource: SECRET }), 409, 'STALE_VERSION', undefined],
  [new StaleFenceError(SECRET, { resource: SECRET }), 409, 'STALE_FENCE', undefined],
  [new LockContendedError({ ...details, lock: SECRET, leftMs: 5 }), 409, 'LOCK_CONTENDED', '1'],
  [new ConflictError(SECRET, details), 409, 'CONFLICT', '1'],
  [
    new PoolExhaustedError(SECRET, { ...details, stats, oldest: { heldMs: 1, stack: SECRET } }),
    503,
    'POOL_EXHAUSTED',
    '1',
  ],
  [new PoolUnavailableError(SECRET, { ...details, stats }), 503, 'POOL_UNAVAILABLE', '1'],
  [new ConnectionError(SECRET, { ...details, retryable: false }), 503, 'CONNECTION', undefined],
  [new CacheUnavailableError(SECRET, details), 503, 'CACHE_UNAVAILABLE', '1'],
  [new LoadFailedError(SECRET, details), 503, 'LOAD_FAILED', '1'],
  [new LockUnavailableError({ ...details, lock: SECRET }), 503, 'LOCK_UNAVAILABLE', '1'],
  [new ClosedError(SECRET, details), 503, 'CLOSED', '1'],
  [new AbortedError(SECRET, { resource: SECRET }), 503, 'ABORTED', undefined],
  [new TimeoutError(SECRET, details), 504, 'TIMEOUT', undefined],
  [new AuthenticationError(SECRET, details), 500, undefined, undefined],
  [new LockLostError({ ...details, lock: SECRET, why: SECRET, result: SECRET }), 500, undefined, undefined],
  [new DriverMissingError(SECRET, SECRET, details), 500, undefined, undefined],
  [new SchemaError(SECRET, details), 500, undefined, undefined],
  [new QueryError(SECRET, { ...details, serverCode: SECRET }), 503, 'QUERY', '1'],
  [new QueryError(SECRET, { ...details, serverCode: SECRET, retryable: false }), 500, undefined, undefined],
  [new TransactionClosedError(SECRET, details), 500, undefined, undefined],
  [new TransactionAbortedError(SECRET, details), 500, undefined, undefined],
  [new AfterCommitError([new Error(SECRET)], SECRET, details), 500, undefined, undefined],
  [new Error(SECRET), 500, undefined, undefined],
  [Object.assign(new Error(SECRET), { status: 413, expose: true }), 413, undefined, undefined],
  [Object.assign(new Error(SECRET), { statusCode: 400, body: SECRET }), 400, undefined, undefined],
  [Object.assign(new Error(SECRET), { status: 502 }), 500, undefined, undefined],
  [Object.assign(new Error(SECRET), { status: 200 }), 500, undefined, undefined],
  [Object.assign(new QueryError(SECRET), { status: 404 }), 500, undefined, undefined],
];

const failing = (error: unknown, options: ProblemHandlerOptions = {}) =>
  served('express', () => {
    const app = express();
    app.disable('x-powered-by');
    app.use((_request, response, next) => {
      response.set({ ETag: '"a"', 'Content-Type': 'text/html', 'X-Own': '1', 'Cache-Control': 'max-age=60' });
      response.statusMessage = SECRET;
      next();
    });
    app.use(() => {
      throw error;
    });
    app.use(problem(options));
    return app;
  });

describe('an error that reaches problem()', () => {
  it.each(errors.map((each) => [`${each[0].name} ${each[1]}`, ...each] as const))(
    'is told as what it is, and as nothing else (%s)',
    async (_name, error, status, code, retryAfter) => {
      const site = await failing(error);
      const { headers, body, ...answer } = await site.get();
      expect(answer.status).toBe(status);
      expect(headers['content-type']).toBe('application/problem+json');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['retry-after']).toBe(retryAfter);
      expect([headers['etag'], headers['x-own']]).toEqual([undefined, '1']);
      const told = JSON.parse(body);
      expect(told).toMatchObject({ type: 'about:blank', status });
      expect(told.code).toBe(code);
      expect(body + JSON.stringify(headers)).not.toContain(SECRET);
      expect(body).not.toContain('stack');
      const head = await site.send('HEAD');
      expect([head.status, head.body, head.headers['content-length']]).toEqual([status, '', headers['content-length']]);
    },
  );

  it('names what is wrong with the input by path, and the fields that another row has', () => {
    expect(problemOf(errors[0]![0])).toMatchObject({ issues: [{ path: 'name', message: 'is missing' }] });
    expect(problemOf(errors[2]![0])).toMatchObject({ fields: ['email'] });
    expect(problemOf(errors[0]![0], { invalid: 422 })).toMatchObject({ status: 422, title: 'Unprocessable Entity' });
  });

  it('has a type of its own where there is a page for it', () => {
    const { type, title } = problemOf(new NotFoundError('users'), { types: 'https://example.com/problems/' });
    expect([type, title]).toEqual(['https://example.com/problems/not-found', 'Not Found']);
    expect(problemOf(new Error('x'), { types: 'https://example.com/problems' }).type).toBe('about:blank');
    for (const options of [{ types: 'no url' }, { invalid: 418 }, { report: 1 }, { log: 1 }] as object[])
      expect(() => problem(options)).toThrow(TypeError);
  });

  it('is a failed precondition where the client has named a version', async () => {
    const site = await failing(new StaleVersionError('users'));
    const asked: Headers = { 'if-match': '"3"' };
    expect((await site.send('PUT', '/', asked)).status).toBe(412);
    expect((await site.send('PUT')).status).toBe(409);
  });

  it.each(['a text', undefined, null, 5, Object.create(null)])('may be anything (%s)', async (thrown) => {
    expect(problemOf(thrown)).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
  });

  it('is reported whole, and a report that fails changes nothing', async () => {
    const reported: unknown[] = [];
    const error = new Error('planted');
    const site = await failing(error, {
      report: (each, request, { status }) => {
        reported.push(each, request.url, status);
        throw new Error('planted');
      },
    });
    expect((await site.get('/x')).status).toBe(500);
    expect(reported).toEqual([error, '/x', 500]);
  });

  it('ends the connection where the answer has begun', async () => {
    const site = await served('express', () => {
      const app = express();
      app.use((_request, response) => {
        response.write('begun');
        throw new Error('planted');
      });
      app.use(problem());
      return app;
    });
    await expect(site.get()).rejects.toThrow();
  });

  it('is told to nobody where the client is gone', async () => {
    const handled = gate();
    let passed = false;
    const handler = problem();
    const server = createServer((request, response) => {
      response.once('close', () => {
        handler(new AbortedError('planted'), request, response, () => {
          passed = true;
        });
        expect(response.headersSent).toBe(false);
        handled.open();
      });
      request.socket.destroy();
    });
    const site = await served('plain', () => (request, response) => void server.emit('request', request, response));
    await expect(site.get()).rejects.toThrow();
    await handled.opened;
    expect(passed).toBe(false);
  });
});
