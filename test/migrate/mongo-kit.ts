import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Migration, MigrationWork } from '../../src/migrate/migration.js';
import type { LockRequest, Step, StepOptions } from '../../src/migrate/ports.js';
import type { MongoDatabase } from '../../src/mongo/index.js';

export { caught } from '../setup/outcomes.js';

/** A request for a lock that does not wait. */
export function asking(who: string, waitMs = 0, waiting: LockRequest['waiting'] = () => {}): LockRequest {
  return { who, waitMs, signal: undefined, waiting };
}

export const OPTIONS: StepOptions = {
  signal: undefined,
  timeoutMs: 60_000,
  lockTimeoutMs: null,
  watch: { progress: () => {} },
};

export function migrationOf(
  version: string,
  up: MigrationWork<MongoDatabase>,
  { transaction = false, down }: { readonly transaction?: boolean; readonly down?: MigrationWork<MongoDatabase> } = {},
): Migration<MongoDatabase> {
  return {
    version,
    name: `step_${version}`,
    up: { kind: 'code', work: up, transaction },
    down: down === undefined ? null : { kind: 'code', work: down, transaction },
    checksum: version.repeat(64).slice(0, 64),
    file: null,
  };
}

export const up = (migration: Migration<MongoDatabase>): Step<MongoDatabase> => ({ migration, direction: 'up' });
export const down = (migration: Migration<MongoDatabase>): Step<MongoDatabase> => ({ migration, direction: 'down' });

/** Asks again and again until it is so: what another process does comes in its own time. */
export async function until<T>(what: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await what();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A process that migrates, and stops where it is told to until it is killed. */
export async function migratingProcess(...args: readonly string[]): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('mongo-halted-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout!).on('line', (line) => {
      if (line === 'there') resolve();
    });
    child.once('exit', () => reject(new Error('The process ended before it was there')));
  });
  return child;
}
