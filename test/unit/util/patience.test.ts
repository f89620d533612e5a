import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience } from '../../../src/util/patience.js';

describe('Patience', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());
  const told: string[] = [];
  const wait = (name: string) => () => void told.push(name);
  beforeEach(() => void told.splice(0));

  it('tells each wait at its own end, with one timer for all', () => {
    const patience = new Patience(100);
    patience.begin(wait('a'));
    vi.advanceTimersByTime(30);
    patience.begin(wait('b'));
    patience.begin(wait('c'));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(69);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(29);
    expect(told).toEqual(['a']);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['a', 'b', 'c']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells no wait that has ended, also one that another ends when it is told', () => {
    const patience = new Patience(100);
    const a = patience.begin(wait('a'));
    patience.begin(() => {
      told.push('b');
      patience.end(c);
    });
    const c = patience.begin(wait('c'));
    patience.end(a);
    patience.end(a);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(['b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a wait that begins when another is told, and goes on behind one that throws', () => {
    const patience = new Patience(100);
    patience.begin(() => patience.begin(wait('second')));
    patience.begin(() => {
      throw new Error('planted');
    });
    patience.begin(wait('third'));
    expect(() => vi.advanceTimersByTime(100)).toThrow('planted');
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['third']);
    vi.advanceTimersByTime(98);
    expect(told).toEqual(['third']);
    vi.advanceTimersByTime(2);
    expect(told).toEqual(['third', 'second']);
  });
});

describe('the timer of Patience', () => {
  it('keeps the process alive while somebody waits, and only then', () => {
    const alive = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const before = alive();
    const patience = new Patience(60_000);
    const wait = (): void => {};
    for (let i = 0; i < 3; i++) {
      const waiting = patience.begin(wait);
      expect(alive()).toBe(before + 1);
      patience.end(waiting);
      expect(alive()).toBe(before);
    }
  });
});
