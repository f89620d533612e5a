import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf something is done. */
export interface Caller {
  readonly tenant: string;
  readonly user: string;
}

const callers = new AsyncLocalStorage<Caller>();

export function runAs<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
  return callers.run(caller, work);
}

export function caller(): Caller | undefined {
  return callers.getStore();
}
