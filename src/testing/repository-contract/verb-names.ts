import { Repository } from '../../core/repository.js';

/** Every verb, found on the classes: a list of cases that leaves one out is found out. */
export function verbNames(): string[] {
  const names = new Set<string>();
  for (let level = Repository.prototype as object; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level)))
      if (name !== 'constructor' && typeof value === 'function' && !/^(?:~|(?:before|after)[A-Z])/.test(name))
        names.add(name);
  }
  return [...names];
}
