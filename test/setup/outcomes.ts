import { afterAll, beforeAll, expect } from 'vitest';

/** What a call fails with. */
export function caught(promise: Promise<unknown>): Promise<any> {
  return promise.then(
    () => expect.unreachable('the call should have failed'),
    (reason: unknown) => reason,
  );
}

/** Asks again and again until it is so: what another sees of a first one comes in its own time. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setImmediate(resolve));
}

/** A promise that is settled from outside. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** The errors of a process that nobody caught, from now on. */
export function uncaught(): { readonly errors: unknown[]; stop(): void } {
  const errors: unknown[] = [];
  const note = (error: unknown): void => {
    errors.push(error);
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  return {
    errors,
    stop: () => {
      process.off('uncaughtException', note);
      process.off('unhandledRejection', note);
    },
  };
}

/** While the tests of a file run, no error is left uncaught; nor by what the file does at its end, where it says so behind this. */
export function expectNothingUncaught(): void {
  let watch: ReturnType<typeof uncaught>;
  beforeAll(() => {
    watch = uncaught();
  });
  afterAll(() => {
    watch.stop();
    expect(watch.errors).toEqual([]);
  });
}
