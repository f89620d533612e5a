/** Code that must not compile. */
export interface RefusedCase {
  readonly name: string;
  /** The body of an async function; `refused.test.ts` lists the names that it may use. */
  readonly code: string;
  /** A part of what the compiler says, so that the code is refused for the right reason. */
  readonly message: string;
  /** The same code without the mistake: it compiles. */
  readonly twin: string;
}
