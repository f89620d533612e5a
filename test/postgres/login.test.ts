import { inspect } from 'node:util';
import { AuthenticationError, PostgresDatabase, type PostgresOptions } from 'trivet';
import { startPostgres } from 'trivet/testing';
import { afterAll, describe, expect, it } from 'vitest';

// Local servers often trust everybody: only one that asks for a password shows that it is given.
const server = await startPostgres({ skip: ['environment', 'local'], log: () => {} });
afterAll(() => server.stop());

const target = new URL(server.url);
const parts = {
  host: target.hostname,
  port: Number(target.port),
  user: decodeURIComponent(target.username),
  database: target.pathname.slice(1),
};
const password = decodeURIComponent(target.password);

async function logIn(options: PostgresOptions): Promise<unknown> {
  const database = new PostgresDatabase(options);
  try {
    const [row] = await database.query<{ name: string }>('select current_user as name');
    return row?.name;
  } finally {
    await database.close();
  }
}

describe.runIf(server.real)('a login with a password', () => {
  it('takes it from the URL, from the option, and from a function that is asked at each connection', async () => {
    expect(password).not.toBe('');
    expect(await logIn({ url: server.url })).toBe(parts.user);
    expect(await logIn({ ...parts, password })).toBe(parts.user);
    expect(await logIn({ ...parts, password: async () => password })).toBe(parts.user);
  });

  it('that is wrong or missing is an AuthenticationError that does not show it', async () => {
    for (const wrong of ['s3cret', undefined]) {
      const failed = await logIn({ ...parts, password: wrong }).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(AuthenticationError);
      expect((failed as Error).message).toContain('check user and password of `url`, of DATABASE_URL');
      expect(inspect(failed, { depth: null, showHidden: true })).not.toContain('s3cret');
    }
  });
});
