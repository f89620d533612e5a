import { expect, test } from 'vitest';
import { isMongoAddress, mongoHosts, withMongoDatabase } from '../../src/testing/servers/mongo-login.js';
import { isStale, ownName } from '../../src/testing/servers/names.js';
import { addressFrom, addressOf, withDatabase } from '../../src/testing/servers/postgres-login.js';
import { secretsOf } from '../../src/testing/servers/report.js';

const hour = 3_600_000;

test('names are unique, and tell their age', () => {
  const names = new Set(Array.from({ length: 1000 }, ownName));
  expect(names.size).toBe(1000);
  for (const name of names) {
    expect(isStale(name, hour)).toBe(false);
    expect(isStale(name, hour, Date.now() + 2 * hour)).toBe(true);
  }
});

test.for([
  'trivet',
  'trivet_production',
  'trivet_mwv3kbsa',
  'trivet_mwv3kbsa_b653c436_x',
  'my_trivet_mwv3kbsa_b653c436',
])('a name that we did not make is never stale: %s', (name) => {
  expect(isStale(name, 0, Date.now() + 1e6 * hour)).toBe(false);
});

test.for([
  ['postgres://me:p%40ss@db:5433/app?sslmode=disable', 'postgres://me:p%40ss@db:5433/x?sslmode=disable', 'db:5433'],
  ['postgresql://db', 'postgresql://db/x', 'db:5432'],
  ['postgres://me@/app?host=/run/postgresql', 'postgres://me@localhost/x?host=/run/postgresql', '/run/postgresql'],
  ['postgres:///app', 'postgres://localhost/x', 'localhost:5432'],
] as const)('the database of the PostgreSQL address %s can be replaced', ([url, expected, address]) => {
  expect(withDatabase(url, 'x')).toBe(expected);
  expect(addressOf(url)).toBe(address);
});

test('a PostgreSQL address is built from parts that need escaping', () => {
  const login = { port: 5432, user: 'a@b', password: 'p:/?#', database: 'd b' };
  expect(addressFrom({ host: '::1', ...login })).toBe('postgres://a%40b:p%3A%2F%3F%23@[::1]:5432/d%20b');
  expect(addressOf(addressFrom({ host: '/run/pg', ...login }))).toBe('/run/pg');
});

test.for([
  ['mongodb://a:1,b:2', 'mongodb://a:1,b:2/x', 'a:1,b:2'],
  ['mongodb://a/?replicaSet=rs', 'mongodb://a/x?replicaSet=rs', 'a'],
  [
    'mongodb+srv://me:pw@c.example.net/app?w=1',
    'mongodb+srv://me:pw@c.example.net/x?w=1&authSource=app',
    'c.example.net',
  ],
  ['mongodb://me:pw@a/app?authSource=admin', 'mongodb://me:pw@a/x?authSource=admin', 'a'],
] as const)('the database of the MongoDB address %s can be replaced', ([url, expected, hosts]) => {
  expect(isMongoAddress(url)).toBe(true);
  expect(withMongoDatabase(url, 'x')).toBe(expected);
  expect(mongoHosts(url)).toBe(hosts);
});

test('the password of an address is found as written and decoded', () => {
  expect(secretsOf('redis://me:a%40b@host')).toEqual(['a%40b', 'a@b']);
  expect(secretsOf('redis://:only@host')).toEqual(['only', 'only']);
  expect(secretsOf('redis://host/0')).toEqual([]);
});
