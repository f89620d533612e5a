import { randomFillSync } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const POOL = new Uint8Array(4096);
let used = POOL.length;
let lastMs = 0;
let counter = 0;

function take(bytes: number): number {
  if (used + bytes > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += bytes;
  return used - bytes;
}

/**
 * A time-ordered UUID, version 7 (RFC 9562, section 5.7; the 12 bits behind the time are a counter, method 1 of section 6.2,
 * so ids made in one millisecond sort in the order of their making).
 */
export function uuidV7(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    const at = take(2);
    // Half of the range stays free, so that a busy millisecond does not run over at once.
    counter = ((POOL[at]! << 8) | POOL[at + 1]!) & 0x7ff;
  } else if (++counter > 0xfff) {
    counter = 0;
    lastMs++;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const at = take(8);
  const variant = HEX[(POOL[at]! & 0x3f) | 0x80]!;
  let tail = '';
  for (let i = 2; i < 8; i++) tail += HEX[POOL[at + i]!]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${HEX[POOL[at + 1]!]!}-${tail}`;
}
