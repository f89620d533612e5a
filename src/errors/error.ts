/** What is known of the effect of a failed call: `unknown` means that the server may have carried it out. */
export type Outcome = 'not-executed' | 'unknown' | 'executed';

/** What every error of the library can say beside its message. */
export interface ErrorDetails {
  /** Whether the same call may succeed when it is tried again. @default false */
  readonly retryable?: boolean | undefined;
  /** @default 'not-executed' */
  readonly outcome?: Outcome | undefined;
  /** Which database, pool or store: its name or `host:port/database`, never a credential. */
  readonly resource?: string | undefined;
  /** Milliseconds from the call to its failure. */
  readonly elapsedMs?: number | undefined;
  /** How often it was tried, by connecting again for one. */
  readonly attempts?: number | undefined;
  /** The driver's error, redacted by the engine that maps it. */
  readonly cause?: unknown;
}

const BRAND: unique symbol = Symbol.for('trivet.error');

/**
 * Base of every error that the library throws. `code` is stable, `message` is for people.
 *
 * `instanceof` works across the ESM and the CJS copy of the package: classes are recognised by name through a brand,
 * because an application may load both copies.
 */
export class TrivetError extends Error {
  static readonly code: string = 'TRIVET';
  /** Such as `NOT_FOUND`: it stays, where messages may change. */
  readonly code: string;
  /** Whether the same call may succeed when it is tried again. */
  readonly retryable: boolean;
  /** What is known of the effect of the call. */
  readonly outcome: Outcome;
  /** Which database, pool or store, without its credentials. */
  readonly resource: string | undefined;
  /** Milliseconds from the call to its failure. */
  readonly elapsedMs: number | undefined;
  /** How often it was tried. */
  readonly attempts: number | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = new.target.code;
    this.retryable = details.retryable ?? false;
    this.outcome = details.outcome ?? 'not-executed';
    this.resource = details.resource;
    this.elapsedMs = details.elapsedMs;
    this.attempts = details.attempts;
    Object.defineProperty(this, BRAND, { value: lineage(new.target) });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const codes = (value as { [BRAND]?: ReadonlySet<string> })[BRAND];
    // A subclass made by an application has no code of its own: only the prototype chain tells it from its parent.
    if (codes === undefined || !Object.hasOwn(this, 'code'))
      return Function.prototype[Symbol.hasInstance].call(this, value);
    return codes.has(this.code);
  }
}

/** Takes the doubt out of the error of a call whose transaction cannot commit any more: nothing of it is stored, whether it was carried out or not. */
export function settleUndone(error: unknown): void {
  if (error instanceof TrivetError && error.outcome === 'unknown')
    (error as { outcome: Outcome }).outcome = 'not-executed';
}

const lineages = new WeakMap<Function, ReadonlySet<string>>();

function lineage(target: typeof TrivetError): ReadonlySet<string> {
  const known = lineages.get(target);
  if (known !== undefined) return known;
  const codes = new Set<string>();
  for (let each: Function = target; typeof each === 'function' && each !== Error; each = Object.getPrototypeOf(each)) {
    if (Object.hasOwn(each, 'code')) codes.add((each as typeof TrivetError).code);
  }
  lineages.set(target, codes);
  return codes;
}
