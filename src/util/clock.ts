/** Where the library takes the time from: `createdAt`, `updatedAt` and new ids. Tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** The clock of the system. */
export const systemClock: Clock = Object.freeze({ now: () => Date.now() });
