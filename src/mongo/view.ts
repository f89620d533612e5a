/** Runs work in a context of its own. */
type Run = <T>(work: () => T) => T;

/**
 * An object whose methods run in a context: the same object otherwise, so that methods and private fields of an application's class
 * are there. What is read of it later, a stream for one, runs there too.
 */
export function viewIn<T extends object>(object: T, run: Run): T {
  return new Proxy(object, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target);
      // What a relation calls, when this is the repository that it names.
      if (property === '~calls') return viewIn(value as object, run);
      if (typeof value !== 'function' || property === 'constructor') return value;
      return (...given: readonly unknown[]) => {
        const result: unknown = run(() => value.apply(target, given));
        return isGenerator(result) ? generatorIn(result, run) : result;
      };
    },
  });
}

function isGenerator(value: unknown): value is AsyncGenerator {
  const { next, [Symbol.asyncIterator]: iterate } = (value ?? {}) as Partial<AsyncGenerator>;
  return typeof next === 'function' && typeof iterate === 'function';
}

function generatorIn(generator: AsyncGenerator, run: Run): AsyncGenerator {
  return {
    next: (...given) => run(() => generator.next(...given)),
    return: (value) => run(() => generator.return(value)),
    throw: (error) => run(() => generator.throw(error)),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => run(async () => void (await generator.return(undefined))),
  };
}
