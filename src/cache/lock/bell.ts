import type { LockTime } from './time.js';

/** Wakes one who waits. A ring that comes while nobody waits is kept for the next wait. */
export class Bell {
  readonly #time: LockTime;
  #isRung = false;
  #wake: (() => void) | null = null;

  constructor(time: LockTime) {
    this.#time = time;
  }

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Forgets a ring that was of what is asked for now. */
  hush(): void {
    this.#isRung = false;
  }

  /** Resolves when it rings, and after the time at the latest. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#isRung && milliseconds > 0) {
      let stopTimer: () => void = () => {};
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        stopTimer = this.#time.after(milliseconds, resolve, false);
      });
      stopTimer();
      this.#wake = null;
    }
    this.#isRung = false;
  }
}
