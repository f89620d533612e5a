import { subscribe } from 'trivet/telemetry';

/** A query that took long. Never a value: the statement has placeholders. */
export interface SlowQuery {
  readonly at: Date;
  readonly durationMs: number;
  readonly engine: string;
  readonly operation: string;
  readonly entity: string | null;
  readonly statement: string | null;
}

const MOST = 50;

/** The last queries of the process that took longer than a bound. */
export class SlowQueries {
  readonly #kept: SlowQuery[] = [];
  readonly #stop: () => void;

  constructor(boundMs: number, now: () => Date) {
    this.#stop = subscribe({
      query: ({ engine, operation, entity, statement = null }, durationMs) => {
        if (durationMs < boundMs) return;
        this.#kept.push({ at: now(), durationMs: Math.round(durationMs), engine, operation, entity, statement });
        if (this.#kept.length > MOST) this.#kept.shift();
      },
    });
  }

  /** The latest first. */
  list(): readonly SlowQuery[] {
    return this.#kept.toReversed();
  }

  close(): void {
    this.#stop();
  }
}
