import { randomBytes } from 'node:crypto';

const PROCESS = randomBytes(5).toString('hex');
let counter = randomBytes(3).readUIntBE(0, 3);

/** A new MongoDB ObjectId as hexadecimal text: four bytes of seconds, five that are random per process, a counter of three. */
export function newObjectId(nowMs: number): string {
  counter = (counter + 1) & 0xffffff;
  const seconds = (Math.floor(nowMs / 1_000) >>> 0).toString(16).padStart(8, '0');
  return seconds + PROCESS + counter.toString(16).padStart(6, '0');
}
