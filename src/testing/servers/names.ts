import { randomBytes } from 'node:crypto';

const pattern = /^trivet_([0-9a-z]{8})_[0-9a-f]{8}$/;

/** `trivet_<time>_<random>`: unique, and its age can be read from it. */
export function ownName(): string {
  return `trivet_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
}

/** Whether a name is one of ours and older than `age` milliseconds, so that a run that was killed left it. */
export function isStale(name: string, age: number, now: number = Date.now()): boolean {
  const time = pattern.exec(name)?.[1];
  return time !== undefined && Number.parseInt(time, 36) < now - age;
}
