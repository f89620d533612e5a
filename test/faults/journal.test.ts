import { describe, expect, it } from 'vitest';
import { channels, traced } from '../../src/core/channels.js';
import { ConnectionError, PostgresDatabase, Repository, TrivetError } from '../../src/index.js';
import { startOwnRedis } from '../../src/testing/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { Entry } from './invariants/entries.js';
import { journal, PLANTED } from './journal.js';
import { caught } from './postgres/kit.js';

const { url } = await postgresDatabase();
const trace = { engine: 'none', resource: 'none' };

describe('the journal of the fault suite', () => {
  it.each([
    ['the message of an error', () => new TrivetError(PLANTED), ['the error TrivetError']],
    [
      'the cause of the cause of an error',
      () => new ConnectionError('x', { cause: new Error('y', { cause: new Error(PLANTED) }) }),
      ['the error ConnectionError'],
    ],
    [
      'a property of an error that is hidden',
      () => Object.defineProperty(new ConnectionError('x'), 'hidden', { value: { deep: [PLANTED] } }),
      ['the error ConnectionError'],
    ],
    [
      'the JSON of an error',
      () => Object.assign(new ConnectionError('x'), { toJSON: () => ({ [PLANTED]: 1 }) }),
      ['the error ConnectionError'],
    ],
    ['the console', () => console.warn('a %s', PLANTED), ['console.warn']],
    [
      'a trace',
      () =>
        traced(
          channels.acquire,
          () => ({ ...trace, resource: PLANTED }),
          async () => {},
        ),
      ['a trace of acquire'],
    ],
    [
      'a statement that the library made',
      () =>
        traced(
          channels.query,
          () => ({ ...trace, operation: 'find', entity: 'entries', statement: `select '${PLANTED}'` }),
          async () => {},
        ),
      ['a trace of query'],
    ],
  ] as const)('the control: it finds what is shown by %s', async (_what, show, from) => {
    await show();
    expect(journal.end()).toEqual(from.map((each) => `${each} shows what was planted`));
  });

  it.fails('the control: a test that shows a secret fails, without a word of its own', () => {
    new TrivetError(PLANTED);
  });

  it('knows the passwords of servers that a file starts', async () => {
    const server = await startOwnRedis({ log: () => {} });
    await server.stop();
    new ConnectionError(`Cannot connect to ${server.url}`);
    expect(journal.end()).toEqual([expect.stringMatching(/^the error ConnectionError shows the password of /)]);
  });

  it('sees every error and every trace of a database whose address holds a secret', async () => {
    expect(new URL(url).password).not.toBe('');
    const database = new PostgresDatabase({ url });
    const entries = new Repository(database, Entry);
    await caught(entries.get(PLANTED));
    await caught(entries.insert({ id: PLANTED.repeat(20) }));
    await database.close();
    const { sources } = journal;
    for (const source of ['the error SchemaError', 'the error ValidationError', 'a trace of query'])
      expect(sources).toContain(source);
  });
});
