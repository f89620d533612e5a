import { afterAll, onTestFinished, TestRunner } from 'vitest';

/** Does something when the test that asks for it has ended; when the file has, where none does. An `afterAll` in a test is never called. */
export function atEnd(work: () => unknown): void {
  if (TestRunner.getCurrentTest() === undefined) afterAll(async () => void (await work()));
  else onTestFinished(async () => void (await work()));
}
