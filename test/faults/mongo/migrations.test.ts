import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Migrator, migration } from '../../../src/migrate/index.js';
import { MongoDatabase } from '../../../src/mongo/index.js';
import { mongoDatabase } from '../../setup/databases.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());
await database['~raw']({}, (raw) => raw.send({ create: 'marks' }));

/** At the same time, on a machine that has other things to do. */
const AT_ONCE = 4;
const LEASE = '1000';

function started(...args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL('migration-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, url, name, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function marks(ledger: string): Promise<number> {
  const found = await database['~raw']({}, (raw) => raw.find('marks', { _id: { $regex: `^${ledger} ` } }));
  return found.length;
}

/** Nothing is done: it only reads and writes the ledger. */
function migratorOf(ledger: string, transaction: boolean): Migrator<MongoDatabase> {
  const checksum = (): void => {};
  const step = migration<MongoDatabase>({ version: '1', name: 'marks', up: checksum, down: checksum, transaction });
  return new Migrator(database, { migrations: [step], ledger, wait: '10m' });
}

let ledgers = 0;

describe('a process that migrates and is killed', () => {
  it.each([
    ['up', false],
    ['up', true],
    ['down', false],
    ['down', true],
  ] as const)(
    'after any of its writes leaves what the ledger says: %s, transaction %s',
    async (direction, transaction) => {
      const args = (ledger: string, last: number): readonly string[] => [
        ledger,
        LEASE,
        direction,
        String(transaction),
        String(last),
      ];
      const before = async (): Promise<string> => {
        const ledger = `kill_${++ledgers}`;
        if (direction === 'up') return ledger;
        await migratorOf(ledger, transaction).up();
        const documents = [1, 2].map((i) => ({ _id: `${ledger} ${i}` }));
        await database['~raw']({}, (raw) => raw.send({ insert: 'marks', documents }));
        return ledger;
      };
      const whole = started(...args(await before(), 0));
      const writes = Number(await text(whole.stdout!));
      expect(writes).toBeGreaterThanOrEqual(6);
      const seen = new Set<string>();
      const killedAt = async (last: number): Promise<void> => {
        const ledger = await before();
        const child = started(...args(ledger, last));
        expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
        const migrator = migratorOf(ledger, transaction);
        // It takes the lock, and so waits for the end of the one who is gone.
        const { problems } = await migrator.repair();
        const [status] = (await migrator.status()).migrations;
        const state = status!.state;
        const there = await marks(ledger);
        seen.add(`${state} ${there}`);
        expect(problems.map(({ kind }) => kind)).toEqual(state === 'dirty' ? ['dirty'] : []);
        if (state === 'pending') expect(there).toBe(0);
        if (state === 'applied') expect(there).toBe(2);
        if (transaction) expect(state).not.toBe('dirty');
        if (state === 'dirty') await migrator.repair({ forget: ['1'] });
        if (state !== 'applied') expect((await migrator.up()).steps).toHaveLength(1);
        expect((await migrator.status()).problems).toEqual([]);
      };
      const places = Array.from({ length: writes }, (_, i) => i + 1);
      const next = async (): Promise<void> => {
        for (let place = places.shift(); place !== undefined; place = places.shift()) await killedAt(place);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
      const halves = transaction ? [] : ['dirty 0', 'dirty 1', 'dirty 2'];
      expect([...seen].sort()).toEqual(['applied 2', ...halves, 'pending 0']);
    },
  );
});
