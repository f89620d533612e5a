import type { Callers } from './callers.js';
import { NAMES, type Pools } from './pools.js';

const EVERY_MS = 250;
const TITLES = { sql: 'PostgreSQL', docs: 'MongoDB', redis: 'Redis' } as const;

/** The pools as a table: live on a terminal, else once at the end of each scene. */
export class Screen {
  readonly #pools: Pools;
  readonly #callers: Callers;
  readonly #isLive = process.stdout.isTTY === true;
  #lines = 0;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;

  constructor(pools: Pools, callers: Callers) {
    this.#pools = pools;
    this.#callers = callers;
  }

  begin(title: string): void {
    console.log(`\n${title}`);
    this.#startedAt = performance.now();
    this.#lines = 0;
    if (this.#isLive) this.#timer = setInterval(() => this.#draw(), EVERY_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#draw();
    console.log(`  (${((performance.now() - this.#startedAt) / 1_000).toFixed(1)} s)`);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #draw(): void {
    const lines = this.#table();
    // Up to where the table began, and over what was there.
    if (this.#isLive && this.#lines > 0) process.stdout.write(`\u001b[${this.#lines}A\u001b[0J`);
    console.log(lines.join('\n'));
    this.#lines = lines.length;
  }

  #table(): string[] {
    const rows = NAMES.map((name) => {
      const { status, latencyMs } = this.#pools.lastHealth().checks[name];
      const { active, idle, waiting, max } = this.#pools.stats(name);
      const seen = this.#callers.seen(name).map(([what, times]) => `${what} ${times}`);
      return [
        TITLES[name],
        status,
        latencyMs === null ? '-' : `${latencyMs.toFixed(1)} ms`,
        `${active} of ${max}`,
        String(idle),
        String(waiting),
        seen.join(', '),
      ];
    });
    const head = ['', 'health', 'latency', 'in use', 'idle', 'waiting', 'callers saw'];
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
    return [head, ...rows].map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());
  }
}
