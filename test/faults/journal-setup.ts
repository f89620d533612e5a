import { afterAll, afterEach, expect, inject, vi } from 'vitest';
import { channels, type QueryTrace } from '../../src/core/channels.js';
import { TrivetError } from '../../src/errors/error.js';
import type { StartedDatabase } from '../../src/testing/index.js';
import { journal, PLANTED } from './journal.js';

// Before each file of the fault suite: whatever its tests do, nothing that the library says shows a secret.

/** Shorter ones may be words that are said for other reasons. */
const SHORTEST = 12;

function hidePassword(url: string): void {
  // Of a set of several hosts it is no URL that could be parsed.
  const [, password = '', host = ''] = /^[\w+]+:\/\/[^:@/]*:([^@/]*)@([^/?]*)/.exec(url) ?? [];
  if (password.length >= SHORTEST) journal.hide(`the password of ${host}`, decodeURIComponent(password));
}

for (const name of ['postgresUrl', 'mongoUrl', 'redisUrl'] as const) hidePassword(inject(name));

vi.mock(import('../../src/testing/index.js'), async (original) => {
  const real = await original();
  const hiding =
    <O, S extends { readonly url: string }>(start: (options?: O) => Promise<S>) =>
    async (options?: O): Promise<S> => {
      const server = await start(options);
      hidePassword(server.url);
      return server;
    };
  return {
    ...real,
    startOwnPostgres: hiding(real.startOwnPostgres),
    startOwnMongo: hiding(real.startOwnMongo),
    startOwnRedis: hiding(real.startOwnRedis),
  };
});

vi.mock(import('../setup/databases.js'), async (original) => {
  const real = await original();
  const postgresDatabase = async (): Promise<StartedDatabase> => {
    const database = await real.postgresDatabase();
    const url = new URL(database.url);
    // Who is asked for no password sends none, and has it all the same.
    if (url.password === '' && inject('postgresReal')) url.password = `${PLANTED}-in-the-address`;
    return { ...database, url: url.href };
  };
  return { ...real, postgresDatabase };
});

/** Every error of the library, thrown or not: its class is made a child of this one. */
class Recorded extends Error {
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    const { name } = new.target;
    // What follows of it is not there yet.
    journal.noteLater(`the error ${name}`, this, `${name} ${message?.replaceAll(/\d+/g, '#')}`);
  }
}
Object.setPrototypeOf(TrivetError, Recorded);

for (const [name, channel] of Object.entries(channels)) {
  channel.asyncEnd.subscribe((message) => {
    const { error: _recorded, ...trace } = message as QueryTrace;
    // What the caller wrote as a statement is the caller's own.
    if (trace.entity === null) delete trace.statement;
    const words = Object.values(trace).filter((value) => !/^[\d.]+$/.test(String(value)));
    journal.noteLater(`a trace of ${name}`, trace, JSON.stringify([name, ...words]));
  });
}

for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
  const say = console[level];
  console[level] = (...what) => {
    journal.note(`console.${level}`, what);
    say.apply(console, what);
  };
}
process.on('warning', (warning) => journal.note('a warning of the process', warning));

const ends = (): void => expect(journal.end()).toEqual([]);
afterEach(ends);
afterAll(ends);
