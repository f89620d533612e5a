import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClosedError, DriverMissingError } from '../../../src/errors/runtime.js';
import { MongoDatabase } from '../../../src/mongo/database.js';
import { loadDriver } from '../../../src/mongo/driver.js';
import { MONGO_DEFAULTS, type MongoOptions, parseOptions } from '../../../src/mongo/options.js';

const url = 'mongodb://ann:s3cret@db.example.org:27018,other:27019/app?replicaSet=rs0';

afterEach(() => vi.unstubAllEnvs());

describe('the options of a MongoDatabase', () => {
  it.each([
    [{ max: 0 }, 'Expected `max` to be an integer from 1, got `0` (number)'],
    [{ timeout: 300 }, "Expected `timeout` to be a duration such as '30s' (ms, s, m, h, d), got `300` (number)"],
    [{ connectTimeout: '0ms' }, "Expected `connectTimeout` to be from 1 ms to 24 days, got `'0ms'` (string)"],
    [{ naming: 'camel' }, "Expected `naming` to be 'snake' or 'as-written', got `'camel'` (string)"],
    [{ label: '' }, "Expected `label` to be a text that is not empty, got `''` (string)"],
    [{ clock: {} }, 'Unknown option `clock`'],
    [{ name: 'a.b' }, 'Expected `name` to be the name of a database'],
    [{ client: {} }, 'Expected `url` or `client`, not both'],
    [{ poolSize: 3 }, 'Unknown option `poolSize`'],
  ])('refuse %j', (options, message) => {
    expect(() => new MongoDatabase({ url, ...options } as MongoOptions)).toThrow(TypeError);
    expect(() => new MongoDatabase({ url, ...options } as MongoOptions)).toThrow(message);
  });

  it('refuse a URL without a word of it', () => {
    // Each comma could once be read in two ways.
    expect(() => new MongoDatabase({ url: `mongodb://${'a,'.repeat(100)}:x/app` })).not.toThrow(RangeError);
    const wrong = 'mongo://ann:s3cret@host/app';
    expect(() => new MongoDatabase({ url: wrong })).toThrow(/^(?!.*s3cret).*Expected `url`/s);
    vi.stubEnv('MONGODB_URI', undefined);
    expect(() => new MongoDatabase()).toThrow('MONGODB_URI');
  });

  it('need the name of a database, in the URL or beside it', () => {
    expect(() => parseOptions({ url: 'mongodb://host/?replicaSet=rs0' })).toThrow('Expected `name`');
    expect(parseOptions({ url: 'mongodb://host', name: 'app' }).name).toBe('app');
    expect(parseOptions({ url: 'mongodb://host/app', name: 'other' }).name).toBe('other');
  });

  it('take the environment for a URL that is undefined', () => {
    vi.stubEnv('MONGODB_URI', 'mongodb://env-host/env-db');
    expect(parseOptions({ url: undefined }).label).toBe('env-host/env-db');
    expect(parseOptions({ url: undefined, max: undefined, timeout: undefined }).max).toBe(MONGO_DEFAULTS.max);
  });

  it.each([
    [url, 'db.example.org:27018,other:27019/app'],
    ['mongodb+srv://ann:s3cret@cluster.example.org/app', 'cluster.example.org/app'],
    ['mongodb://ann:s3/cr?t@host/app', 'host/app'],
    ['mongodb://host/app?appName=s@c', 'host/app'],
    ['mongodb://[::1]:27017/app', '[::1]:27017/app'],
  ])('label a database by hosts and name only (%#)', (each, label) => {
    expect(parseOptions({ url: each, name: 'app' }).label).toBe(label);
  });
});

describe('a MongoDatabase that is shown', () => {
  it('has no credentials', () => {
    const database = new MongoDatabase({ url });
    const shown = [inspect(database, { depth: 9, showHidden: true }), JSON.stringify(database), String(database)];
    for (const each of shown) expect(each).not.toMatch(/s3cret|ann/);
    expect(inspect(database)).toBe('MongoDatabase(db.example.org:27018,other:27019/app)');
  });
});

describe('the driver', () => {
  it('that is missing is an error that says what to install', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'mongodb'"));
    const error = await loadDriver(load).catch((each) => each);
    expect(error).toBeInstanceOf(DriverMissingError);
    expect(error.message).toContain('npm install mongodb@');
    expect(error.package).toBe('mongodb');
  });

  it('is found in the default export too', async () => {
    const MongoClient = class {};
    expect(await loadDriver(async () => ({ default: { MongoClient } }))).toEqual({ MongoClient });
    expect(await loadDriver(async () => ({ MongoClient }))).toEqual({ MongoClient });
  });
});

describe('a closed MongoDatabase', () => {
  it('refuses calls, and closes again without complaint', async () => {
    const database = new MongoDatabase({ url });
    await database.close();
    await database.close();
    await expect(database.ping()).rejects.toBeInstanceOf(ClosedError);
    expect(database.stats()).toEqual({ max: 10, min: 0, total: 0, active: 0, idle: 0, waiting: 0, timeouts: 0 });
  });
});
