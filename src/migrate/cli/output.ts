import { ProgressLine } from './progress-line.js';
import { redact, redactMessage } from './redact.js';
import type { World } from './world.js';

export interface OutputStyle {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly verbose: boolean;
}

export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

const CODES: Readonly<Record<Paint, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

// Colours are the program's own, and a carriage return before a line feed does nothing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is meant
const CONTROLS = /\u001b\[\d+m|\r\n|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A text that a terminal shows and does not obey: names come out of the database, and out of ledgers that others can write to. */
function printable(text: string): string {
  return text.replace(CONTROLS, (each) =>
    each.length > 1 ? each : `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** What the program says: results on stdout, everything else on stderr, and never a credential. */
export class Output {
  readonly #world: World;
  readonly #style: OutputStyle;
  readonly #secrets: readonly string[];
  readonly #progress: ProgressLine;

  constructor(world: World, style: OutputStyle, secrets: readonly string[]) {
    this.#world = world;
    this.#style = style;
    this.#secrets = secrets;
    this.#progress = new ProgressLine(world.stderr, world.now);
  }

  get isJson(): boolean {
    return this.#style.json;
  }

  get isVerbose(): boolean {
    return this.#style.verbose;
  }

  /** For people, on stdout. */
  line(text: string): void {
    if (this.#style.json) return;
    this.#progress.clear();
    this.#world.stdout.write(`${printable(redact(text, this.#secrets))}\n`);
  }

  /** What was done, on stdout: not when quiet. */
  done(text: string): void {
    if (!this.#style.quiet) this.line(text);
  }

  /** What happens, on stderr: not when quiet. */
  note(text: string): void {
    if (this.#style.quiet) return;
    this.#progress.clear();
    this.#world.stderr.write(`${printable(redact(text, this.#secrets))}\n`);
  }

  /** That something begins, on stderr: the bar on a terminal, a line elsewhere. */
  begin(label: string): void {
    if (this.#world.stderr.isTTY === true) this.progress(label, 0, null);
    else this.note(`${label} ...`);
  }

  /** How far something is, on stderr: a bar on a terminal, a line now and then elsewhere. */
  progress(label: string, done: number, total: number | null): void {
    if (!this.#style.quiet) this.#progress.show(printable(label), done, total);
  }

  error(text: string): void {
    this.#progress.clear();
    this.#world.stderr.write(`${printable(this.clean(text))}\n`);
  }

  /** The one document of `--json`. */
  document(value: unknown): void {
    const safe = (_key: string, each: unknown): unknown => {
      if (typeof each === 'bigint') return each.toString();
      return typeof each === 'string' ? redact(each, this.#secrets) : each;
    };
    this.#world.stdout.write(`${JSON.stringify(value, safe, 2)}\n`);
  }

  /** What others have written, without what may be a credential. */
  clean(text: string): string {
    return redactMessage(text, this.#secrets);
  }

  /** Text for stdout in a colour, where there are colours. */
  paint(paint: Paint, text: string): string {
    return this.#painted(paint, text, this.#world.stdout.isTTY === true);
  }

  /** The same for stderr. */
  paintError(paint: Paint, text: string): string {
    return this.#painted(paint, text, this.#world.stderr.isTTY === true);
  }

  #painted(paint: Paint, text: string, isTTY: boolean): string {
    const { env } = this.#world;
    if (!isTTY || !this.#style.color || env['NO_COLOR'] || env['TERM'] === 'dumb') return text;
    const [on, off] = CODES[paint];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}
