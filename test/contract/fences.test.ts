import { afterAll, describe, expect, inject, it } from 'vitest';
import type { Database } from '../../src/core/ports.js';
import {
  ConflictError,
  entity,
  fenced,
  increment,
  integer,
  MemoryDatabase,
  Repository,
  StaleFenceError,
  uuid,
  versioned,
} from '../../src/index.js';
import { MongoDatabase } from '../../src/mongo/database.js';
import { PostgresDatabase } from '../../src/postgres/database.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

/** `token` is what a writer says of itself, `writes` is counted by the server, `version` is the order in which writes were accepted. */
const Lease = entity('fence_races', {
  id: uuid().primaryKey(),
  token: integer().default(0),
  writes: integer().default(0),
  ...versioned(),
  ...fenced(),
});
const ROWS = 4;
const TOKENS = 60;
/** Microseconds of a server's clock, as a lock hands them out. */
const FIRST = 1_766_000_000_000_000;

const postgres = new PostgresDatabase({ url: (await postgresDatabase()).url, max: 12 });
const { url, name } = await mongoDatabase();
const mongo = new MongoDatabase({ url, name });
afterAll(() => Promise.all([postgres.close(), mongo.close()]));

const engines: { readonly engine: string; readonly database: Database }[] = [
  { engine: 'MongoDB', database: mongo },
  { engine: 'memory', database: new MemoryDatabase() },
];
// PGlite has one session: nothing is at the same time there.
if (inject('postgresReal')) engines.push({ engine: 'PostgreSQL', database: postgres });

/** The numbers from 0 to `count`, in an order that looks like none and is the same in every run. */
function scattered(count: number, seed: number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i);
  let state = seed;
  for (let i = count - 1; i > 0; i--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const at = state % (i + 1);
    [numbers[i], numbers[at]] = [numbers[at]!, numbers[i]!];
  }
  return numbers;
}

/** What two writers of one row do to each other inside a transaction is tried again: it says nothing about the token. */
async function untilDecided<T>(write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

describe.each(engines)('on $engine, writers of one row at the same time', ({ database }) => {
  const leases = new Repository(database, Lease);

  async function someRows(): Promise<string[]> {
    await leases.ensureSchema();
    await leases.deleteMany({}, { all: true });
    return (await leases.insertMany(Array.from({ length: ROWS }, () => ({})))).map(({ id }) => id);
  }

  it('are accepted in the order of their tokens, and leave the greatest token with what its own writer wrote', async () => {
    const ids = await someRows();
    const tries = await Promise.all(
      ids.flatMap((id, row) =>
        scattered(TOKENS, row + 1).map(async (each) => {
          const token = FIRST + each;
          try {
            const stored = await leases.update(
              id,
              { token, writes: increment(1) },
              { fence: BigInt(token), timeout: '20s' },
            );
            return { id, token, stored };
          } catch (error) {
            expect(error).toBeInstanceOf(StaleFenceError);
            return { id, token, stored: null };
          }
        }),
      ),
    );
    for (const id of ids) {
      const own = tries.filter((each) => each.id === id);
      const accepted = own.flatMap(({ stored }) => stored ?? []).sort((a, b) => a.version - b.version);
      const fences = accepted.map(({ fence }) => fence);
      expect(fences).toEqual([...fences].sort((a, b) => Number(a - b)));
      for (const { token, fence } of accepted) expect(BigInt(token)).toBe(fence);
      const row = await leases.get(id);
      expect(row).toEqual(accepted.at(-1));
      expect(row.fence).toBe(BigInt(FIRST + TOKENS - 1));
      expect(row.writes).toBe(accepted.length);
      expect(row.version).toBe(accepted.length + 1);
      // A refused token was older than the one that was stored in the end.
      for (const { token, stored } of own) if (stored === null) expect(BigInt(token)).toBeLessThan(row.fence);
    }
    expect(tries.filter(({ stored }) => stored === null).length).toBeGreaterThan(ROWS);
  });

  it('without tokens are all accepted, the older behind the newer', async () => {
    const ids = await someRows();
    const rows = await Promise.all(
      ids.flatMap((id, row) =>
        scattered(TOKENS, row + 1).map((each) => leases.update(id, { token: FIRST + each }, { timeout: '20s' })),
      ),
    );
    expect(rows).toHaveLength(ROWS * TOKENS);
    const inOrder = ids.map((id) => {
      const own = rows.filter((each) => each.id === id).sort((a, b) => a.version - b.version);
      return own.every(({ token }, i) => i === 0 || token > own[i - 1]!.token);
    });
    expect(inOrder).toEqual(ids.map(() => false));
  });

  it('and of many rows in one call write all of them with their token, or none', async () => {
    const ids = await someRows();
    const outcomes = await Promise.all(
      scattered(20, 7).map(async (each) => {
        const token = FIRST + each;
        const fence = BigInt(token);
        try {
          await untilDecided(() =>
            leases.updateEach(
              ids.map((id) => ({ id, token, writes: increment(1), fence })),
              { timeout: '20s' },
            ),
          );
          return token;
        } catch (error) {
          expect(error).toBeInstanceOf(StaleFenceError);
          return null;
        }
      }),
    );
    const accepted = outcomes.filter((each) => each !== null);
    const rows = await leases.find();
    expect(rows).toHaveLength(ROWS);
    for (const { token, fence, writes } of rows) {
      expect({ token, fence, writes }).toEqual({
        token: FIRST + 19,
        fence: BigInt(FIRST + 19),
        writes: accepted.length,
      });
    }
    expect(accepted).toContain(FIRST + 19);
  });

  it('and a deletion with an older token leave the row to the newer one', async () => {
    const ids = await someRows();
    await Promise.all(
      ids.map((id) =>
        Promise.allSettled([
          leases.update(id, { token: 2 }, { fence: 2n }),
          leases.delete(id, { fence: 1n }),
          leases.update(id, { token: 3 }, { fence: 3n }),
        ]),
      ),
    );
    // Either the deletion came first, or it was refused: never was it carried out behind a newer token.
    for (const row of await leases.find()) expect([row.token, row.fence]).toEqual([3, 3n]);
    for (const id of ids) {
      const row = await leases.findById(id);
      if (row !== null) await expect(leases.delete(id, { fence: 1n })).rejects.toBeInstanceOf(StaleFenceError);
    }
  });
});
