import type { Clock } from 'trivet';

/** What the domain takes its times from. */
export interface DomainClock extends Clock {
  date(): Date;
}

/** The clock of the machine. */
export const systemClock: DomainClock = Object.freeze({ now: () => Date.now(), date: () => new Date() });
