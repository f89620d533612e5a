import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DriverMissingError } from '../../../src/index.js';
import { PostgresDatabase } from '../../../src/postgres/database.js';
import { loadDriver } from '../../../src/postgres/driver.js';
import { POSTGRES_DEFAULTS, parseOptions } from '../../../src/postgres/options.js';

const parse = (options: unknown, env = {}) => parseOptions(options as never, env);

describe('options of PostgresDatabase', () => {
  const wrong: readonly [unknown, string][] = [
    [null, 'Expected `options` to be an object, got `null`'],
    [{ max: 0 }, 'Expected `max` to be an integer from 1, got `0` (number)'],
    [{ max: '3' }, "Expected `max` to be an integer from 1, got `'3'` (string)"],
    [{ port: 70_000 }, 'Expected `port` to be an integer from 1 to 65535, got `70000` (number)'],
    [{ host: 5 }, 'Expected `host` to be a string, got `5` (number)'],
    [{ prepare: 'no' }, "Expected `prepare` to be a boolean, got `'no'` (string)"],
    [{ naming: 'camel' }, "Expected `naming` to be 'snake' or 'as-written', got `'camel'` (string)"],
    [{ timeout: 5 }, 'Expected `timeout` to be a duration'],
    [{ connectTimeout: '0s' }, 'Expected `connectTimeout` to be from 1 ms to 24 days'],
    [{ ssl: 'yes' }, 'Expected `ssl` to be a boolean or an object'],
    [{ url: 'mysql://h/d' }, 'Expected `url` to begin with postgres:// or postgresql://'],
    [{ url: 'postgres://h/d?sslmode=maybe' }, 'Expected `sslmode` of `url` to be'],
    [{ url: 'postgres://h/d?pgbouncer=true' }, 'Unknown parameter `pgbouncer` in `url`'],
    [{ maximum: 3 }, 'Unknown option `maximum`'],
    [{ pool: {} }, 'Expected `pool` to be a Pool of the package `pg`'],
    [{ pool: { connect() {}, on() {} }, host: 'h' }, '`host` cannot be given together with `pool`'],
    [{ pool: { connect() {}, on() {}, options: { pipeline: true } } }, 'Expected `pool` to be without `pipeline`'],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${inspect(options, { breakLength: Number.POSITIVE_INFINITY })}`, () =>
      expect(() => parse(options)).toThrow(message));
  }

  it('a wrong URL or password is never shown', () => {
    for (const options of [
      { url: 'postgres://me:s3cret@h:port/d' },
      { url: 's3cret' },
      { password: ['s3cret'] },
      { url: 'postgres://me:s3cret%@h/d' },
      { url: 'postgres://me:47?s3cret@h/d' },
      { url: 'postgres://me:47?s3cret%20=x@h/d' },
      { url: 'postgres://me:47#s3cret@h/d' },
      { url: 'postgres://me:47/s3cret@h/d' },
      { url: 'postgres://me:47/s3cret/x' },
    ]) {
      try {
        parse(options);
        expect.unreachable();
      } catch (error) {
        expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('s3cret');
      }
    }
  });

  it('explicit undefined is like leaving out', () => {
    expect(parse({ max: undefined, name: undefined, url: undefined }).max).toBe(POSTGRES_DEFAULTS.max);
  });

  it('a URL is taken apart, its parts decoded', () => {
    const { config, resource } = parse({
      url: 'postgres://us%40er:p%3Aw@[::1]:5433/my%20db?application_name=shop&channel_binding=require',
    });
    expect(config).toMatchObject({
      user: 'us@er',
      password: 'p:w',
      host: '::1',
      port: 5433,
      database: 'my db',
      application_name: 'shop',
      enableChannelBinding: true,
    });
    expect(resource).toBe('::1:5433/my db');
  });

  it('an option goes before the same part of the URL: a URL cannot weaken TLS', () => {
    const { config } = parse({
      url: 'postgres://a:b@h/d?sslmode=no-verify',
      ssl: { rejectUnauthorized: true },
      user: 'c',
    });
    expect(config.ssl).toEqual({ rejectUnauthorized: true });
    expect(config.user).toBe('c');
  });

  it('`sslmode` alone means what the driver takes it for', () => {
    const ssl = (mode: string) => parse({ url: `postgres://h/d?sslmode=${mode}` }).config.ssl;
    expect([ssl('disable'), ssl('no-verify'), ssl('require'), ssl('verify-full')]).toEqual([
      false,
      { rejectUnauthorized: false },
      true,
      true,
    ]);
  });

  it('without options, DATABASE_URL says where; with a host, it does not', () => {
    const env = { DATABASE_URL: 'postgres://h1/d1', PGHOST: 'h2' };
    expect(parse({}, env).config.host).toBe('h1');
    expect(parse({ host: 'h3' }, env).config).toMatchObject({ host: 'h3' });
    expect(parse({}, { PGHOST: 'h2', PGDATABASE: 'd2' }).resource).toBe('h2:5432/d2');
  });

  it('the name is the application name', () => {
    expect(parse({ host: 'h', name: 'shop' }).config.application_name).toBe('shop');
    expect(parse({ host: 'h' }).config.application_name).toBe('trivet');
  });
});

describe('a PostgresDatabase', () => {
  it('shows no secret when it is printed', () => {
    const database = new PostgresDatabase({ url: 'postgres://me:s3cret@h:1/d' });
    for (const text of [
      inspect(database, { showHidden: true, depth: 9 }),
      JSON.stringify(database),
      String(database),
    ]) {
      expect(text).not.toContain('s3cret');
    }
    expect(JSON.parse(JSON.stringify(database))).toEqual({ engine: 'postgres', name: 'h:1/d' });
  });

  it('without the driver, says which package to install', async () => {
    // Any package that is not there fails in the same way.
    const missing = 'trivet-no-such-driver';
    const error = await loadDriver(() => import(/* @vite-ignore */ missing)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DriverMissingError);
    expect((error as DriverMissingError).message).toContain('npm install pg@^8.16.0');
  });

  it('an error inside the driver is not taken for a missing one', async () => {
    await expect(loadDriver(() => Promise.reject(new SyntaxError('broken')))).rejects.toThrow('broken');
  });
});
