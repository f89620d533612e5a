import { describe, expect, it } from 'vitest';
import type { CacheStore, EntryStore, Lease, Write } from '../../src/index.js';
import { MemoryStore } from '../../src/index.js';
import { storeLike } from '../../src/testing/cache-contract/kit.js';
import { cacheRules } from '../../src/testing/index.js';

/** A store with one defect: what it makes of the entries of one that has none. */
type Defect = (entries: EntryStore) => Partial<EntryStore>;

function defective(defect: Defect): CacheStore {
  const known = new Map<string, Partial<EntryStore>>();
  return storeLike(new MemoryStore(), (entries, prefix) => {
    const changes = known.get(prefix) ?? defect(entries);
    known.set(prefix, changes);
    return changes;
  });
}

/** Changes writes of one kind. */
const writing =
  (kind: Write['kind'], change: (entries: EntryStore, entry: string, write: Write) => Promise<boolean>): Defect =>
  (entries) => ({
    write: (entry, write) => (write.kind === kind ? change(entries, entry, write) : entries.write(entry, write)),
  });

/** Changes what is said to who asks for a lease. */
const leasing =
  (change: (lease: Lease) => Lease): Defect =>
  (entries) => ({ lease: async (entry, request) => change(await entries.lease(entry, request)) });

const DEFECTS: Readonly<Record<string, Defect>> = {
  'stores a fill whose lease was taken away': writing('fill', (entries, entry, write) =>
    entries.write(entry, { ...write, kind: 'set' } as Write),
  ),
  'stores no fill': writing('fill', async () => true),
  'says that a fill was refused': writing('fill', async (entries, entry, write) => {
    await entries.write(entry, write);
    return false;
  }),
  'keeps the lease when an entry is deleted': writing('delete', async (entries, entry, write) => {
    const lease = await entries.lease(entry, { token: 'f'.repeat(16), leaseMs: 60_000, seen: null, waitedFor: null });
    const was = await entries.write(entry, write);
    if (lease.state === 'taken')
      await entries.lease(entry, { token: lease.by, leaseMs: lease.leftMs, seen: null, waitedFor: null });
    return was;
  }),
  'deletes nothing': writing('delete', async () => true),
  'says of every deletion that something was there': writing('delete', async (entries, entry, write) => {
    await entries.write(entry, write);
    return true;
  }),
  'keeps the lease when it is given back': writing('release', async () => true),
  'gives back the lease of another': writing('release', async (entries, entry) => {
    await entries.write(entry, { kind: 'delete' });
    return true;
  }),
  'forgets why a load failed': writing('release', (entries, entry, write) =>
    entries.write(entry, { ...write, reason: null } as Write),
  ),
  'keeps entries for ever': (entries) => ({
    write: (entry, write) => entries.write(entry, 'ttlMs' in write ? { ...write, ttlMs: 1e12 } : write),
  }),
  'keeps leases for ever': (entries) => ({
    lease: (entry, request) => entries.lease(entry, { ...request, leaseMs: 1e12 }),
  }),
  'gives the lease to everybody': leasing((lease) => (lease.state === 'taken' ? { state: 'ours' } : lease)),
  'does not tell of a load that failed': leasing((lease) => (lease.state === 'failed' ? { state: 'ours' } : lease)),
  'does not look for a new entry before it gives the lease': (entries) => ({
    lease: async (entry, request) => {
      const [value] = (await entries.read([entry], [])).values;
      return entries.lease(entry, { ...request, seen: value?.toString('latin1', 0, 16) ?? null });
    },
  }),
  'renews a lease that was taken away': (entries) => ({
    lease: (entry, request) => entries.lease(entry, { ...request, renew: false }),
  }),
  'invalidates nothing': () => ({ invalidate: async () => {} }),
  'invalidates only the first tag': (entries) => ({ invalidate: (stamps) => entries.invalidate(stamps.slice(0, 1)) }),
  'invalidates all tags together': (entries) => {
    const known = new Set<string>();
    return {
      capture: (stamps, ttlMs, since) => {
        for (const stamp of stamps) known.add(stamp);
        return entries.capture(stamps, ttlMs, since);
      },
      invalidate: (stamps) => entries.invalidate(stamps.length === 0 ? [] : [...known, ...stamps]),
    };
  },
  'gives the same stamp again': (entries) => ({
    capture: async (stamps, ttlMs, since) => {
      const capture = await entries.capture(stamps, ttlMs, since);
      return capture && { ...capture, stamps: stamps.map((name) => name) };
    },
    read: async (names, stamps) => ({ values: (await entries.read(names, [])).values, stamps }),
  }),
  'gives a new stamp to each who asks': (entries) => {
    let count = 0;
    return {
      capture: async (stamps, ttlMs, since) => {
        const capture = await entries.capture(stamps, ttlMs, since);
        return capture && { ...capture, stamps: stamps.map(() => `new ${count++}`) };
      },
    };
  },
  'takes the stamps of tags that were invalidated since': (entries) => ({
    capture: (stamps, ttlMs) => entries.capture(stamps, ttlMs, null),
  }),
  'refuses all stamps that are asked for after a load': (entries) => ({
    capture: async (stamps, ttlMs, since) => (since === null ? entries.capture(stamps, ttlMs, null) : null),
  }),
  'has a clock that stands': (entries) => ({
    capture: async (stamps, ttlMs, since) => {
      const capture = await entries.capture(stamps, ttlMs, since);
      return capture && { ...capture, clock: 1 };
    },
  }),
  'gives values in another order': (entries) => ({
    read: async (names, stamps) => {
      const { values, stamps: found } = await entries.read(names, stamps);
      return { values: [...values].reverse(), stamps: found };
    },
  }),
  'gives stamps in another order': (entries) => ({
    read: async (names, stamps) => {
      const { values, stamps: found } = await entries.read(names, stamps);
      return { values, stamps: [...found].reverse() };
    },
  }),
  'shows one name under two': (entries) => ({
    read: (names, stamps) =>
      entries.read(
        names.map((name) => name.toLowerCase()),
        stamps,
      ),
    write: (entry, write) => entries.write(entry.toLowerCase(), write),
  }),
  'cuts long names': (entries) => ({
    read: (names, stamps) =>
      entries.read(
        names.map((name) => name.slice(0, 100)),
        stamps,
      ),
    write: (entry, write) => entries.write(entry.slice(0, 100), write),
  }),
  'tells of no changes': () => ({
    listen: (listener) => {
      listener.heard();
      return () => {};
    },
  }),
  'goes on telling those who do not listen any more': (entries) => ({
    listen: (listener) => {
      entries.listen(listener);
      return () => {};
    },
  }),
  'gives the lease to who does not renew it': (entries) => ({
    lease: async (entry, request) => {
      const lease = await entries.lease(entry, request);
      return request.renew === true ? { state: 'taken', by: '', leftMs: 0 } : lease;
    },
  }),
};

// What waits for something that never comes fails, too: after so many turns of the loop everything that comes has come.
const TURNS = 30_000;

async function turns(): Promise<never> {
  for (let i = 0; i < TURNS; i++) await new Promise((resolve) => setImmediate(resolve));
  throw new Error('It does not come');
}

async function brokenBy(store: CacheStore): Promise<string[]> {
  const broken: string[] = [];
  for (const { name, run } of cacheRules()) {
    await Promise.race([run(store), turns()]).catch(() => broken.push(name));
    // One is enough.
    if (broken.length > 0) return broken;
  }
  return broken;
}

describe('the contract of caches', () => {
  it('holds for a store without a defect', async () => {
    expect(await brokenBy(defective(() => ({})))).toEqual([]);
  });

  it.each(Object.entries(DEFECTS))('finds a store that %s', async (_what, defect) => {
    expect(await brokenBy(defective(defect))).not.toEqual([]);
  });
});
