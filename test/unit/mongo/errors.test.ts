import { BSON, type MongoError, MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { ConstraintError, DuplicateKeyError } from '../../../src/errors/data.js';
import type { TrivetError } from '../../../src/errors/error.js';
import {
  AuthenticationError,
  ClosedError,
  ConflictError,
  ConnectionError,
  QueryError,
  SchemaError,
  TimeoutError,
} from '../../../src/errors/runtime.js';
import { isUnreachable, mapError, WriteFailure } from '../../../src/mongo/errors.js';
import { names } from './models.js';

const context = { resource: 'host/app', names, startedAt: performance.now(), sent: true };
const map = (error: unknown, more: object = {}): TrivetError => mapError(error, { ...context, ...more }) as TrivetError;
const server = (code: number, more: object = {}): MongoServerError =>
  new MongoServerError({ errmsg: 'holds secret-value', message: 'holds secret-value', code, ...more });
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const labelled = (error: MongoError, label: string): MongoError => {
  error.addErrorLabel(label);
  return error;
};

describe('an error of the server', () => {
  it.each([
    [server(11000, { keyPattern: { email: 1 } }), DuplicateKeyError, false, 'not-executed'],
    [server(121), ConstraintError, false, 'not-executed'],
    [server(17419), ConstraintError, false, 'not-executed'],
    [server(2, { errmsg: 'Failed to apply $inc operations' }), ConstraintError, false, 'not-executed'],
    [server(18), AuthenticationError, false, 'unknown'],
    [server(8000), AuthenticationError, false, 'not-executed'],
    [server(13), AuthenticationError, false, 'not-executed'],
    [server(50), TimeoutError, false, 'unknown'],
    [server(112), ConflictError, true, 'not-executed'],
    [labelled(server(246), 'TransientTransactionError'), ConflictError, true, 'not-executed'],
    [server(26), SchemaError, false, 'not-executed'],
    [server(10107), ConnectionError, true, 'unknown'],
    [server(91), ConnectionError, true, 'unknown'],
    [server(14, { codeName: 'TypeMismatch' }), QueryError, false, 'unknown'],
    [new MongoNetworkError('connection 1 closed'), ConnectionError, true, 'unknown'],
    [named('MongoServerSelectionError', 'connect ECONNREFUSED'), ConnectionError, true, 'unknown'],
    [named('MongoWaitQueueTimeoutError', 'Timed out'), TimeoutError, true, 'unknown'],
    [named('MongoClientClosedError', 'closed'), ClosedError, false, 'unknown'],
    [Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND' }), ConnectionError, true, 'unknown'],
    [new RangeError('offset out of range'), ConstraintError, false, 'not-executed'],
  ])('%# has a class of ours, a resource and an outcome, and shows no value', (error, type, retryable, outcome) => {
    const mapped = map(error);
    expect(mapped).toBeInstanceOf(type);
    expect(mapped).toMatchObject({ retryable, outcome, resource: 'host/app' });
    const cause = mapped.cause as Error;
    expect(cause).not.toBe(error);
    expect(`${mapped.stack} ${cause.stack} ${JSON.stringify(cause)}`).not.toContain('secret-value');
  });

  it.each(['MongoServerSelectionError', 'MongoWaitQueueTimeoutError', 'MongoNetworkError', 'MongoClientClosedError'])(
    '%s says that nothing was executed where nothing was sent, and only there',
    (name) => {
      expect(map(named(name, ''), { sent: false }).outcome).toBe('not-executed');
      expect(map(named(name, '')).outcome).toBe('unknown');
    },
  );

  it.each([
    [2, 'POOL_EXHAUSTED', 'raise `max`'],
    [1, 'POOL_UNAVAILABLE', 'could be made in time (1 of 2 in use'],
  ])('of a wait for a connection with %i of 2 in use is %s', (active, code, message) => {
    const stats = { max: 2, min: 0, total: active, active, idle: 0, waiting: 1, timeouts: 0 };
    const pool = { stats, oldest: undefined };
    const mapped = map(named('MongoWaitQueueTimeoutError', 'Timed out'), { sent: false, pool });
    expect(mapped).toMatchObject({ code, retryable: true, outcome: 'not-executed', stats });
    expect(mapped.message).toContain(message);
    expect(Number.isInteger(mapped.elapsedMs)).toBe(true);
  });

  it('that is a duplicate names fields and index', () => {
    const errmsg = 'E11000 duplicate key error collection: app.things index: things_email_key dup key: { email: "x" }';
    const mapped = map(
      server(11000, { errmsg, message: errmsg, keyPattern: { _id: 1, other: 1 } }),
    ) as DuplicateKeyError;
    expect(mapped.fields).toEqual(['id', 'renamed']);
    expect(mapped.constraint).toBe('things_email_key');
    expect(mapped.entity).toBe('shop.things');
    expect(mapped.position).toBeUndefined();
  });

  it('of a raw reply is read from its bytes', () => {
    const keyPattern = BSON.serialize({ email: 1 });
    expect((map(server(11000, { keyPattern })) as DuplicateKeyError).fields).toEqual(['email']);
  });

  it('of a write of many names the position', () => {
    const mapped = map(new WriteFailure({ code: 11000, keyPattern: { email: 1 }, errmsg: '' }, 7)) as DuplicateKeyError;
    expect(mapped.position).toBe(7);
    expect(mapped.message).toContain('draft 7');
  });

  it('about the validator names the fields, inside objects too', () => {
    const errInfo = {
      details: {
        operatorName: '$jsonSchema',
        schemaRulesNotSatisfied: [
          {
            operatorName: 'properties',
            propertiesNotSatisfied: [
              { propertyName: 'age', details: [{ operatorName: 'maximum' }] },
              {
                propertyName: 'profile',
                details: [
                  {
                    operatorName: 'properties',
                    propertiesNotSatisfied: [{ propertyName: 'bio', details: [{ operatorName: 'bsonType' }] }],
                  },
                ],
              },
            ],
          },
          { operatorName: 'required', missingProperties: ['_id'] },
        ],
      },
    };
    expect((map(server(121, { errInfo })) as ConstraintError).fields).toEqual(['age', 'profile.bio', 'id']);
  });

  it('about an overflow names the fields that were incremented', () => {
    const mapped = map(server(2, { errmsg: 'Failed to apply $inc' }), { increments: ['big'] }) as ConstraintError;
    expect(mapped.fields).toEqual(['big']);
  });

  it('leaves errors of the library as they are', () => {
    const own = new QueryError('x');
    expect(map(own)).toBe(own);
  });

  it('says that a read may be sent again only where the connection broke', () => {
    expect(isUnreachable(new MongoNetworkError('x'))).toBe(true);
    expect(isUnreachable(server(189))).toBe(true);
    expect(isUnreachable(named('MongoServerSelectionError', 'x'))).toBe(false);
    expect(isUnreachable(server(14))).toBe(false);
  });
});
