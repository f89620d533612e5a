import { type Acquired, type LockStore, MemoryLockStore } from '../../src/index.js';
import type { FakeTime } from './fake-time.js';

/** A store that does one thing wrong. The contract must see it. */
export interface LockDefect {
  /** What it does wrong. */
  readonly name: string;
  readonly open: (time: FakeTime) => LockStore;
}

type Fault = (memory: LockStore, time: FakeTime) => Partial<LockStore>;

function planted(name: string, fault: Fault): LockDefect {
  return {
    name,
    open: (time) => {
      const memory = new MemoryLockStore({ time });
      const whole: LockStore = {
        name: 'planted',
        acquire: memory.acquire.bind(memory),
        extend: memory.extend.bind(memory),
        release: memory.release.bind(memory),
        listen: memory.listen.bind(memory),
      };
      return { ...whole, ...fault(whole, time) };
    },
  };
}

/** A store that takes some names for the same. */
function confused(name: string, fold: (name: string) => string): LockDefect {
  return planted(name, (memory) => ({
    acquire: (each, owner, ttlMs, call) => memory.acquire(fold(each), owner, ttlMs, call),
    extend: (locks, call) =>
      memory.extend(
        locks.map((lock) => ({ ...lock, name: fold(lock.name) })),
        call,
      ),
    release: (each, owner, call) => memory.release(fold(each), owner, call),
    listen: (each, listener) => memory.listen(fold(each), listener),
  }));
}

/** A store whose fences are what `next` makes of the right ones. */
function fenced(name: string, next: (fence: bigint, lock: string) => unknown): LockDefect {
  return planted(name, (memory) => ({
    acquire: async (each, owner, ttlMs, call) => {
      const acquired = await memory.acquire(each, owner, ttlMs, call);
      return acquired.fence === undefined ? acquired : ({ fence: next(acquired.fence, each) } as Acquired);
    },
  }));
}

/** A store that tells another time than the one that is left. */
function telling(name: string, left: (leftMs: number, ttlMs: number) => unknown): LockDefect {
  return planted(name, (memory) => ({
    acquire: async (each, owner, ttlMs, call) => {
      const acquired = await memory.acquire(each, owner, ttlMs, call);
      return acquired.leftMs === undefined ? acquired : ({ leftMs: left(acquired.leftMs, ttlMs) } as Acquired);
    },
  }));
}

interface Entry {
  owner: string;
  endsAt: number;
}

/** A store that is written again, with its parts to be broken. */
function rewritten(
  name: string,
  broken: {
    readonly between?: () => Promise<void>;
    readonly isFree?: (entry: Entry, owner: string, time: FakeTime) => boolean;
    readonly refused?: (entry: Entry, ttlMs: number, owner: string, time: FakeTime) => void;
    readonly mayExtend?: (entry: Entry | undefined, owner: string) => boolean;
    readonly endsAt?: (entry: Entry, ttlMs: number, time: FakeTime) => number;
    readonly mayRelease?: (entry: Entry | undefined, owner: string) => boolean;
  },
): LockDefect {
  return {
    name,
    open: (time) => {
      const entries = new Map<string, Entry>();
      let fence = 0n;
      const find = (each: string): Entry | undefined => {
        const entry = entries.get(each);
        return entry !== undefined && entry.endsAt > time.now() ? entry : undefined;
      };
      return {
        name: 'planted',
        acquire: async (each, owner, ttlMs) => {
          const entry = find(each);
          await broken.between?.();
          if (entry !== undefined && broken.isFree?.(entry, owner, time) !== true) {
            broken.refused?.(entry, ttlMs, owner, time);
            return { leftMs: entry.endsAt - time.now() };
          }
          fence += 1n;
          entries.set(each, { owner, endsAt: time.now() + ttlMs });
          return { fence };
        },
        extend: async (locks) =>
          locks.map(({ name: each, owner, ttlMs }) => {
            const entry = find(each);
            const may = broken.mayExtend ?? ((found, by) => found?.owner === by);
            if (!may(entry, owner)) return false;
            const known = entry ?? { owner, endsAt: time.now() };
            entries.set(each, {
              owner: known.owner,
              endsAt: broken.endsAt?.(known, ttlMs, time) ?? time.now() + ttlMs,
            });
            return true;
          }),
        release: async (each, owner) => {
          const may = broken.mayRelease ?? ((found, by) => found?.owner === by);
          return may(find(each), owner) && entries.delete(each);
        },
        listen: (_name, listener) => {
          const timer = setInterval(listener, 1);
          return () => clearInterval(timer);
        },
      };
    },
  };
}

export const lockDefects: readonly LockDefect[] = [
  rewritten('everybody acquires', { isFree: () => true }),
  rewritten('its owner acquires it again', { isFree: (entry, owner) => entry.owner === owner }),
  rewritten('it looks first and acquires later', { between: () => new Promise((resolve) => setImmediate(resolve)) }),
  rewritten('a refused acquisition makes the lock last longer', {
    refused: (entry, ttlMs, _owner, time) => {
      entry.endsAt = time.now() + ttlMs;
    },
  }),
  rewritten('a refused acquisition is the owner from then on', {
    refused: (entry, _ttlMs, owner) => {
      entry.owner = owner;
    },
  }),
  planted('the time of a lock is half of what was asked for', (memory) => ({
    acquire: (name, owner, ttlMs, call) => memory.acquire(name, owner, ttlMs / 2, call),
  })),
  planted('a lock never ends', (memory) => ({
    acquire: (name, owner, _ttlMs, call) => memory.acquire(name, owner, 1e9, call),
  })),
  telling('what is left is what the second one asked for', (_leftMs, ttlMs) => ttlMs),
  telling('what is left is not told', () => 0),
  telling('what is left is told as a text', (leftMs) => String(leftMs)),
  fenced('fences are numbers', (fence) => Number(fence)),
  fenced('all fences are the same', () => 1n),
  fenced('fences fall', (fence) => 10n ** 18n - fence),
  fenced('a fence lasts for a millisecond', (fence) => fence / 1_000n),
  (() => {
    const counts = new Map<string, bigint>();
    return fenced('fences are counted anew after the third', (_fence, lock) => {
      const next = ((counts.get(lock) ?? 0n) % 3n) + 1n;
      counts.set(lock, next);
      return next;
    });
  })(),
  rewritten('anybody releases', { mayRelease: (entry) => entry !== undefined }),
  planted('a release is always said to be done', (memory) => ({
    release: async (name, owner, call) => {
      await memory.release(name, owner, call);
      return true;
    },
  })),
  planted('a release is never said to be done', (memory) => ({
    release: async (name, owner, call) => {
      await memory.release(name, owner, call);
      return false;
    },
  })),
  planted('a release is said to be done, and is not', () => ({ release: async () => true })),
  planted('a release is carried out later', (memory) => ({
    release: async (name, owner, call) => {
      setTimeout(() => void memory.release(name, owner, call), 20);
      return true;
    },
  })),
  rewritten('anybody extends', { mayExtend: (entry) => entry !== undefined }),
  rewritten('an extension acquires what is free', {
    mayExtend: (entry, owner) => entry === undefined || entry.owner === owner,
  }),
  rewritten('times are added', { endsAt: (entry, ttlMs) => entry.endsAt + ttlMs }),
  rewritten('an extension never shortens', {
    endsAt: (entry, ttlMs, time) => Math.max(entry.endsAt, time.now() + ttlMs),
  }),
  rewritten('an extension changes nothing', { endsAt: (entry) => entry.endsAt }),
  planted('every extension is said to be done', (memory) => ({
    extend: async (locks, call) => (await memory.extend(locks, call)).map(() => true),
  })),
  planted('no extension is said to be done', (memory) => ({
    extend: async (locks, call) => (await memory.extend(locks, call)).map(() => false),
  })),
  planted('extensions are told in another order', (memory) => ({
    extend: async (locks, call) => [...(await memory.extend(locks, call))].reverse(),
  })),
  planted('extending ends at the first lock that is gone', (memory) => ({
    extend: async (locks, call) => {
      const answers: boolean[] = [];
      for (const lock of locks) answers.push(answers.at(-1) !== false && (await memory.extend([lock], call))[0]!);
      return answers;
    },
  })),
  planted('all are extended by the time of the first', (memory) => ({
    extend: (locks, call) =>
      memory.extend(
        locks.map((lock) => ({ ...lock, ttlMs: locks[0]!.ttlMs })),
        call,
      ),
  })),
  planted('only so many are extended at once', (memory) => ({
    extend: (locks, call) => memory.extend(locks.slice(0, 50), call),
  })),
  confused('letters of either case are the same', (name) => name.toLowerCase()),
  confused('blanks at the ends do not count', (name) => name.replace(/^[ \t\n]+|[ \t\n]+$/g, '')),
  confused('names end at a NUL', (name) => name.split('\0')[0]!),
  confused('long names are cut', (name) => name.slice(0, 5_000)),
  confused('lone surrogates are one character', (name) => name.replace(/\p{Cs}/gu, '\ufffd')),
  confused('accents are composed', (name) => name.normalize('NFC')),
  confused('names are decoded', (name) => name.replaceAll('%25', '%').replaceAll('%7b', '{')),
  confused('braces are left out', (name) => name.replace(/[{}]/g, '')),
  planted('nobody is told of a release', () => ({ listen: () => () => {} })),
  planted('who stopped to listen is told all the same', (memory) => ({
    listen: (name, listener) => {
      memory.listen(name, listener);
      return () => {};
    },
  })),
];
