import { describe, expect, it } from 'vitest';
import { DuplicateKeyError, NotFoundError, ValidationError } from '../../../src/errors/data.js';
import { TrivetError } from '../../../src/errors/error.js';
import { ConnectionError, QueryError, TimeoutError } from '../../../src/errors/runtime.js';
import { anyOf, entity, integer, MemoryDatabase, Repository, text } from '../../../src/index.js';
import { caught } from '../../setup/outcomes.js';

describe('TrivetError', () => {
  it('tells its own kind from others', () => {
    const error = new TimeoutError('late', { outcome: 'unknown', retryable: true, elapsedMs: 5 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toBeInstanceOf(TrivetError);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      name: 'TimeoutError',
      code: 'TIMEOUT',
      outcome: 'unknown',
      retryable: true,
      elapsedMs: 5,
    });
  });

  it('does not take other values for one of its own', () => {
    for (const value of [new Error('x'), { code: 'TIMEOUT' }, null, undefined, 'TIMEOUT']) {
      expect(value instanceof TrivetError).toBe(false);
    }
  });

  it("keeps an application's subclass apart from its parent", () => {
    class TooManySeats extends QueryError {}
    expect(new TooManySeats('x')).toBeInstanceOf(QueryError);
    expect(new TooManySeats('x')).toBeInstanceOf(TooManySeats);
    expect(new QueryError('x')).not.toBeInstanceOf(TooManySeats);
  });

  it('has no outcome but `not-executed` and is not retryable unless it says so', () => {
    expect(new NotFoundError('users')).toMatchObject({ outcome: 'not-executed', retryable: false, entity: 'users' });
  });
});

describe('messages', () => {
  it('of any input stay as short as somebody reads them', async () => {
    const Note = entity('notes', { id: integer().primaryKey(), title: text() });
    const notes = new Repository(new MemoryDatabase(), Note);
    const names = Array.from({ length: 20_000 }, (_, i) => `titl${i.toString(36)}`);
    const many = Object.fromEntries(names.map((name) => [name, 1])) as never;
    const long = 'x'.repeat(1_000_000);
    const failures = [
      caught(notes.find(many)),
      caught(notes.find({}, { orderBy: many })),
      caught(notes.find({}, { select: names as never })),
      caught(notes.find({ title: anyOf(...(names.map(() => 1) as never[])) })),
      caught(notes.update(1, many)),
      caught(notes.insertMany(names as never)),
      caught(notes.bulk([many])),
      caught(notes.update(1, { [long]: 1 } as never)),
      caught(notes.find({}, { select: [long] as never })),
    ];
    for (const failure of await Promise.all(failures)) {
      expect(failure).toBeInstanceOf(ValidationError);
      const { message, issues } = failure as ValidationError;
      expect(issues.length).toBeGreaterThan(0);
      expect(issues.length).toBeLessThanOrEqual(1_000);
      expect(message.length).toBeLessThan(200_000);
    }
  });

  it('name the entity, the paths and the position', () => {
    const issues = [
      { path: 'age', message: 'must be an integer from 0' },
      { path: '', message: 'is wrong as a whole' },
    ];
    expect(new ValidationError('users', issues).message).toBe(
      'Invalid input for `users`: `age` must be an integer from 0; is wrong as a whole',
    );
    const duplicate = new DuplicateKeyError('users', { fields: ['email'], position: 3 });
    expect(duplicate.message).toBe('Another row of `users` has the same unique value (`email`), draft 3');
  });
});
