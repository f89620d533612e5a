import { nameText } from './key.js';

/** A namespace of a cache: what its entries and stamps are called in the store. */
export class Space {
  /** Empty for the cache itself, `/users` for a namespace in it. */
  readonly path: string;
  /** Stamps that every entry carries: the cache's own and those of its namespaces, outermost first. To clear one is to take its stamp away. */
  readonly clears: readonly string[];

  constructor(path = '', outer: readonly string[] = []) {
    this.path = path;
    this.clears = [...outer, `c${path}`];
  }

  inner(name: string): Space {
    return new Space(`${this.path}/${nameText(name, 'a namespace')}`, this.clears);
  }

  entry(text: string): string {
    return `${this.path}:${text}`;
  }

  tag(text: string): string {
    return `t${this.path}:${text}`;
  }

  get clear(): string {
    return this.clears.at(-1)!;
  }
}
