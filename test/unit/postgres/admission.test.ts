import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Admission, type Demand } from '../../../src/postgres/admission.js';
import type { PostgresClient, Release, Taken } from '../../../src/postgres/driver.js';
import type { Supply } from '../../../src/postgres/supply.js';

interface FakeClient extends PostgresClient {
  readonly id: number;
  fits: boolean;
}

/** The part of `pg-pool` that admission sees: clients that are idle, and those that are being made until the test says how that ended. */
class Pool implements Supply {
  readonly idle: FakeClient[] = [];
  readonly making: Taken[] = [];
  readonly out = new Set<FakeClient>();
  #made = 0;

  get idleCount(): number {
    return this.idle.length;
  }

  get totalCount(): number {
    return this.idle.length + this.making.length + this.out.size;
  }

  take(taken: Taken): void {
    const client = this.idle.pop();
    if (client === undefined) this.making.push(taken);
    else this.#give(client, taken);
  }

  make(taken: Taken): void {
    this.making.push(taken);
  }

  made(): void {
    const callback = this.making.shift();
    if (callback === undefined) return;
    this.#made += 1;
    this.#give({ id: this.#made, fits: true, on: () => {}, removeListener: () => {} }, callback);
  }

  failed(): void {
    this.making.shift()?.(new Error('refused'), undefined, () => {});
  }

  #give(client: FakeClient, callback: Taken): void {
    this.out.add(client);
    let released = false;
    callback(undefined, client, (destroy) => {
      if (released) throw new Error('released twice');
      released = true;
      this.out.delete(client);
      if (destroy !== true) this.idle.push(client);
    });
  }
}

interface Waiting extends Demand {
  readonly number: number;
  state: 'waits' | 'has' | 'failed' | 'left' | 'done';
  client?: FakeClient;
  release?: Release;
}

function setUp(max: number, min: number, maxConnecting: number, isFinal = false) {
  const pool = new Pool();
  const served: number[] = [];
  const all: Waiting[] = [];
  const admission = new Admission(
    pool,
    { max, min, maxConnecting, idleTimeoutMs: 60_000 },
    {
      made: () => null,
      fits: (client) => (client as FakeClient).fits,
      failed: (error) => (isFinal ? error : null),
      drop: (_client, release) => release(true),
      lost: () => {},
    },
    // No pause after a failure, so that no time has to pass.
    () => 0,
  );
  const enter = (once = false): Waiting => {
    const demand: Waiting = {
      number: all.length,
      once,
      attempts: 0,
      state: 'waits',
      give(client, release) {
        expect(this.state).toBe('waits');
        this.state = 'has';
        this.client = client as FakeClient;
        this.release = release;
        served.push(this.number);
      },
      fail() {
        expect(this.state).toBe('waits');
        this.state = 'failed';
      },
    };
    all.push(demand);
    const free = once ? null : admission.free();
    if (free === null) admission.enter(demand);
    else demand.give(free.client, free.release);
    return demand;
  };
  const back = (demand: Waiting, fit: boolean): void => {
    demand.state = 'done';
    admission.back(demand.client!, demand.release!, fit);
  };
  return { pool, admission, served, all, enter, back };
}

type Step =
  | { readonly do: 'enter' | 'made' | 'failed' | 'pump' }
  | { readonly do: 'back' | 'destroy' | 'leave' | 'spoil'; readonly which: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('enter', 'enter', 'made', 'failed', 'pump') as fc.Arbitrary<'enter'> }),
    fc.record({
      do: fc.constantFrom('back', 'back', 'destroy', 'leave', 'spoil') as fc.Arbitrary<'back'>,
      which: fc.nat({ max: 20 }),
    }),
  ),
  { maxLength: 120 },
);

describe('admission', () => {
  it('forgets nobody, whatever happens: all who wait are served in their order, by at most max clients, and no place is lost', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 4 }),
        fc.nat({ max: 2 }),
        fc.integer({ min: 1, max: 3 }),
        (run, max, min, making) => {
          const { pool, admission, served, all, enter, back } = setUp(max, Math.min(min, max), making);
          const of = (state: Waiting['state']): Waiting[] => all.filter((each) => each.state === state);
          const pick = (list: Waiting[], which: number): Waiting | undefined => list[which % Math.max(1, list.length)];
          const perform = (step: Step): void => {
            switch (step.do) {
              case 'enter':
                enter();
                return;
              case 'made':
                pool.made();
                return;
              case 'failed':
                pool.failed();
                return;
              case 'pump':
                admission.pump();
                return;
              case 'leave': {
                const one = pick(of('waits'), step.which);
                if (one !== undefined) {
                  one.state = 'left';
                  admission.leave(one);
                }
                return;
              }
              case 'spoil': {
                const one = [...pool.out][step.which % Math.max(1, pool.out.size)];
                if (one !== undefined) one.fits = false;
                return;
              }
              default: {
                const one = pick(of('has'), step.which);
                if (one !== undefined) back(one, step.do === 'back');
              }
            }
          };
          for (const step of run) {
            perform(step);
            expect(admission.out).toBe(of('has').length);
            expect(pool.out.size).toBe(of('has').length + admission.atHand);
            expect(pool.totalCount).toBeLessThanOrEqual(max);
            expect(pool.making.length).toBeLessThanOrEqual(making);
            expect(admission.waiting).toBe(of('waits').length);
            // Nobody waits beside a free client.
            if (of('waits').length > 0) expect([admission.atHand, pool.idle.length]).toEqual([0, 0]);
          }
          // When callers give back what they have and the server takes connections, everybody is served.
          for (let i = 0; i < 1_000 && of('waits').length + of('has').length > 0; i++) {
            pool.made();
            const holder = of('has')[0];
            if (holder !== undefined) back(holder, true);
          }
          expect(of('waits')).toEqual([]);
          expect(of('failed')).toEqual([]);
          expect(served).toEqual([...served].sort((a, b) => a - b));
          expect(admission.out).toBe(0);
          expect(pool.out.size).toBe(admission.atHand);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives a client that is free to the one who waits for the longest time, although another was asked for on behalf of it', () => {
    const { pool, admission, served, enter, back } = setUp(2, 0, 2);
    const first = enter();
    pool.made();
    enter();
    back(first, true);
    expect(served).toEqual([0, 1]);
    pool.made();
    expect([admission.atHand, pool.idle.length]).toEqual([1, 0]);
  });

  it('fails only those who want one attempt, and goes on for the others', () => {
    const { pool, enter } = setUp(2, 0, 2);
    const patient = enter();
    const hasty = enter(true);
    pool.failed();
    expect([patient.state, hasty.state]).toEqual(['waits', 'failed']);
    expect(patient.attempts).toBe(1);
    while (patient.state === 'waits') pool.made();
    expect(patient.state).toBe('has');
  });

  it('fails all who wait when another attempt would end the same way', () => {
    const { pool, admission, enter } = setUp(2, 0, 2, true);
    const waiting = [enter(), enter(), enter()];
    pool.failed();
    expect(waiting.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    expect(admission.waiting).toBe(0);
  });

  it('keeps min open without anybody who waits, and no more', () => {
    const { pool, admission } = setUp(4, 2, 4);
    admission.pump();
    expect(pool.making).toHaveLength(2);
    pool.made();
    pool.made();
    expect([admission.atHand, pool.making.length]).toEqual([2, 0]);
    const taken = admission.free()!;
    admission.back(taken.client, taken.release, false);
    expect(pool.making).toHaveLength(1);
  });

  it('makes none for min after a failure that would only come again, until a call asks', () => {
    const { pool, admission, enter } = setUp(4, 2, 4, true);
    const asked = enter();
    pool.failed();
    admission.pump();
    expect([asked.state, pool.making.length]).toEqual(['failed', 0]);
    enter();
    pool.made();
    expect(admission.waiting).toBe(0);
    expect(pool.making).toHaveLength(1);
  });

  it('that is closed hands those who wait to its closer, and keeps no client', () => {
    const { pool, admission, enter, back } = setUp(2, 0, 2);
    const holder = enter();
    pool.made();
    enter();
    enter();
    expect(admission.close()).toHaveLength(2);
    pool.made();
    back(holder, true);
    expect([pool.idle.length, pool.out.size, admission.atHand]).toEqual([0, 0, 0]);
  });
});
