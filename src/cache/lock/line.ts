/** A place in a line. */
export interface Place {
  /** Whether nobody stands before it. */
  readonly isFirst: boolean;
  leave(): void;
}

/**
 * Those who wait for the same lock in one process. Only the first of them asks the store: a thousand who wait cost no more than one.
 */
export class Lines {
  readonly #lines = new Map<string, Set<() => void>>();

  /** Joins at the end. `first` is called when it has become the first, unless it is so at once. */
  join(name: string, first: () => void): Place {
    const line = this.#lines.get(name) ?? new Set();
    this.#lines.set(name, line);
    // A function of its own, so that nobody stands in the line twice.
    const place = (): void => first();
    line.add(place);
    const head = (): (() => void) | undefined => line.values().next().value;
    return {
      get isFirst() {
        return head() === place;
      },
      leave: () => {
        const wasFirst = head() === place;
        if (!line.delete(place)) return;
        if (line.size === 0) this.#lines.delete(name);
        else if (wasFirst) head()?.();
      },
    };
  }
}
