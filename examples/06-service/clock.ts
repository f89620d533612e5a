import type { Clock } from 'trivet';

/** What the domain takes its times from. */
export interface DomainClock extends Clock {
  date(): Date;
}

/** The clock of the machine. */
export const systemClock: DomainClock = domainClock({ now: () => Date.now() });

/** A clock of the library as the domain asks it. */
export function domainClock(clock: Clock): DomainClock {
  return Object.freeze({ now: () => clock.now(), date: () => new Date(clock.now()) });
}
