/** One rule, and how to see that a subject keeps it. */
export interface Rule<Subject> {
  /** A sentence of law. */
  readonly name: string;
  /** Throws when the subject breaks the rule. */
  readonly run: (subject: Subject) => Promise<void>;
}

/** What every contract needs of its test runner. */
export interface ContractRunner {
  /** Registers a test: `it` of Vitest, Jest, Mocha or `node:test`. */
  readonly test: (name: string, body: () => Promise<void>) => unknown;
  /** Registers what runs when all tests are done: `afterAll`, or `after` of `node:test`. Without it, a last test closes what was opened. */
  readonly after?: ((body: () => Promise<void>) => unknown) | undefined;
  /** The rules that are not kept, and why. A name that is no rule is an error. @default none */
  readonly except?: Readonly<Record<string, string>> | undefined;
  /** Registers a rule that is not kept. @default a test that does nothing, with the reason in its name */
  readonly skip?: ((name: string, reason: string) => unknown) | undefined;
}

/** Registers a test for each rule. `open` is called once, by the first. @throws RangeError when `except` names something that is no rule */
export function runContract<Subject>(
  rules: readonly Rule<Subject>[],
  { test, after, except = {}, skip }: ContractRunner,
  open: () => Promise<{ readonly subject: Subject; close(): Promise<void> }>,
  noun: string,
): void {
  const names = new Set(rules.map((each) => each.name));
  const unknown = Object.keys(except).filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new RangeError(
      `\`except\` names what is no rule of the contract: ${unknown.map((name) => `"${name}"`).join(', ')}`,
    );
  let opened: ReturnType<typeof open> | undefined;
  for (const { name, run } of rules) {
    const reason = Object.hasOwn(except, name) ? except[name] : undefined;
    if (reason === undefined)
      test(name, async () => {
        opened ??= open();
        await run((await opened).subject);
      });
    else if (skip === undefined) test(`${name} (not on this ${noun}: ${reason})`, async () => {});
    else skip(name, reason);
  }
  const close = async () => (await opened)?.close();
  if (after === undefined) test(`the ${noun} closes`, close);
  else after(close);
}
