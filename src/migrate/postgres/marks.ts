import type { LedgerEntry } from '../ports.js';
import type { Running } from './running.js';
import { deleteLine, insertLine, updateLine } from './table.js';

// A migration without a transaction is marked before it begins. The marks go over the connection of the lock: who has lost that one writes nothing.

/** Marks the step as under way. @throws MigrationLockLostError */
export async function mark(running: Running, statements: number | null): Promise<void> {
  const { place, lock, who, ask } = running.ground;
  const { version, name, checksum } = running.migration;
  if (running.direction === 'down') {
    await updateLine(place, version, { state: 'reverting', durationMs: null, statements }, ask);
    return;
  }
  const holds = { holder: lock.processId, key: place.keys.migrator };
  const line = { version, name, checksum, state: 'applying' as const, durationMs: null, statements, by: who };
  if ((await insertLine(place, { ...line, ...holds }, ask)) === null) throw running.lockLost();
}

/** Counts what is done. */
export async function markDone(running: Running, statements: number): Promise<void> {
  const state = running.direction === 'up' ? 'applying' : 'reverting';
  await updateLine(
    running.ground.place,
    running.migration.version,
    { state, durationMs: null, statements },
    running.ground.ask,
  );
}

/** Writes down that all is done. @throws MigrationLockLostError */
export async function leave(running: Running, statements: number | null): Promise<LedgerEntry | null> {
  const { place, lock, ask } = running.ground;
  const { version } = running.migration;
  if (running.direction === 'down') {
    if (await deleteLine(place, version, lock.processId, place.keys.migrator, ask)) return null;
    throw running.lockLost();
  }
  const done = { state: 'applied' as const, durationMs: running.durationMs, statements };
  const entry = await updateLine(place, version, done, ask);
  if (entry === null) throw running.lockLost();
  return entry;
}
