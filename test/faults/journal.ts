import { inspect } from 'node:util';
import { ConnectionPoolManager, type Database, type Logger, type Resource } from '../../src/index.js';

/** The word that is in every secret of the fault suite: in passwords, in what functions throw, in keys and values of rows. */
export const PLANTED = 'planted';

/** Errors that say the same are looked at this often in a test: thousands of a kind come of a server that is away. */
const MOST_OF_A_KIND = 50;

/** All that a value shows to whoever prints it. */
export function shown(value: unknown): string {
  const whole = { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null, showHidden: true };
  const seen = [inspect(value, whole), String(value)];
  try {
    seen.push(JSON.stringify(value) ?? '');
  } catch {
    // What JSON does not hold it does not show.
  }
  for (let error = value; error instanceof Error; error = error.cause) {
    seen.push(error.message, error.stack ?? '', JSON.stringify(error));
  }
  return seen.join('\n');
}

/** What was said in a test, by whichever way. */
export class Journal {
  readonly #secrets: Map<string, string>;
  #entries: { readonly from: string; readonly text: () => string }[] = [];
  #kinds = new Map<string, number>();

  /** By what they are called, since a secret is not for messages. */
  constructor(secrets: Readonly<Record<string, string>>) {
    this.#secrets = new Map(Object.entries(secrets));
  }

  /** One more secret to look for. */
  hide(name: string, secret: string): void {
    this.#secrets.set(name, secret);
  }

  /** Writes down what a value shows now. */
  note(from: string, value: unknown): void {
    const text = shown(value);
    this.#entries.push({ from, text: () => text });
  }

  /** Writes down a value of which the rest is still to come, such as an error that is being made; `kind` tells it from others. */
  noteLater(from: string, value: unknown, kind: string): void {
    const count = (this.#kinds.get(kind) ?? 0) + 1;
    this.#kinds.set(kind, count);
    if (count <= MOST_OF_A_KIND) this.#entries.push({ from, text: () => shown(value) });
  }

  /** Where what was written down came from. */
  get sources(): readonly string[] {
    return this.#entries.map(({ from }) => from);
  }

  /** How many entries hold this text. */
  count(text: RegExp): number {
    return this.#entries.filter((each) => text.test(each.text())).length;
  }

  /** Which entries show which secret. */
  leaks(): string[] {
    return this.#entries.flatMap(({ from, text }) => {
      const read = text();
      return [...this.#secrets].flatMap(([name, secret]) => (read.includes(secret) ? [`${from} shows ${name}`] : []));
    });
  }

  /** The leaks, and nothing is written down any more. */
  end(): string[] {
    const found = [...new Set(this.leaks())];
    this.#entries = [];
    this.#kinds = new Map();
    return found;
  }
}

/** Of all that is said in a test of the fault suite; the setup of the suite fills it, and ends it with each test. */
export const journal: Journal = new Journal({ 'what was planted': PLANTED });

const line =
  (level: string) =>
  (what: object, message: string): void =>
    journal.note(`the log (${level})`, [what, message]);

/** For databases of the suite, whose lines are looked at as well. */
export const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') };

/** Writes down what a database or store shows of itself, and what health checks say of it. */
export async function lookAt(resource: Database & Resource): Promise<void> {
  const { engine } = resource;
  journal.note(`the ${engine} database`, resource);
  journal.note(`the stats of ${engine}`, resource.stats());
  const pools = new ConnectionPoolManager({ [engine]: resource });
  journal.note(`the health of ${engine}`, [await pools.checkHealth(engine), await pools.health()]);
  journal.note(`the readiness of ${engine}`, await pools.readiness());
}
