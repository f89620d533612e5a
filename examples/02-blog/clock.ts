import type { Clock } from 'trivet';

const MINUTE = 60_000;

/** A clock that stands still until somebody moves it: the same story has the same times on every engine. */
export class StoryClock implements Clock {
  #now: number;

  constructor(start: Date) {
    this.#now = start.getTime();
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#now);
  }

  set(moment: Date): void {
    this.#now = moment.getTime();
  }

  advance(minutes: number): void {
    this.#now += minutes * MINUTE;
  }
}
