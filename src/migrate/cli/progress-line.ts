import type { Screen } from './world.js';

const CLEAR = '\r\u001b[2K';
const BAR = 24;
/** How often a terminal is drawn anew at most. */
const REDRAW_MS = 100;
/** How often a line is written elsewhere at most: for a tenth of the whole, and where the whole is not known. */
const TENTH_MS = 1_000;
const LINE_MS = 5_000;

/** Work of which is known how far it is: one line that is drawn anew on a terminal, a line for each tenth of long work elsewhere. */
export class ProgressLine {
  readonly #screen: Screen;
  readonly #now: () => number;
  #label = '';
  #shownAt = 0;
  #tenths = 0;
  #isDrawn = false;

  constructor(screen: Screen, now: () => number) {
    this.#screen = screen;
    this.#now = now;
  }

  show(label: string, done: number, total: number | null): void {
    const isNew = label !== this.#label;
    if (isNew) {
      this.#label = label;
      this.#tenths = 0;
      this.#shownAt = this.#now();
    }
    if (this.#screen.isTTY === true) this.#draw(label, done, total, isNew);
    else this.#tell(label, done, total);
  }

  /** Takes the bar away, so that a line can be written where it was. */
  clear(): void {
    if (this.#isDrawn) this.#screen.write(CLEAR);
    this.#isDrawn = false;
  }

  #draw(label: string, done: number, total: number | null, isNew: boolean): void {
    const now = this.#now();
    if (!isNew && now - this.#shownAt < REDRAW_MS && done !== total) return;
    this.#shownAt = now;
    const figures = figuresOf(done, total);
    const part = total === null || total <= 0 ? null : Math.min(1, done / total);
    const full = part === null ? 0 : Math.round(part * BAR);
    const bar = part === null ? '' : ` [${'#'.repeat(full)}${'-'.repeat(BAR - full)}]`;
    // A line that is longer than the screen could not be taken away again.
    this.#screen.write(CLEAR + `${label}${bar} ${figures}`.slice(0, (this.#screen.columns ?? 80) - 1));
    this.#isDrawn = true;
  }

  #tell(label: string, done: number, total: number | null): void {
    const now = this.#now();
    if (total === null || total <= 0) {
      if (now - this.#shownAt < LINE_MS) return;
    } else {
      const tenths = Math.floor((done / total) * 10);
      // What is done to the end is told by who did it.
      if (tenths <= this.#tenths || done >= total || now - this.#shownAt < TENTH_MS) return;
      this.#tenths = tenths;
    }
    this.#shownAt = now;
    this.#screen.write(`${label} ${figuresOf(done, total)}\n`);
  }
}

function figuresOf(done: number, total: number | null): string {
  const figure = (value: number): string => value.toLocaleString('en');
  if (total === null || total <= 0) return figure(done);
  return `${Math.floor(Math.min(1, done / total) * 100)}%, ${figure(done)} of ${figure(total)}`;
}
