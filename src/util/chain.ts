/** A place in a `Chain`. */
export interface Link<T> {
  readonly value: T;
}

interface Place<T> extends Link<T> {
  before: Place<T> | null;
  behind: Place<T> | null;
  isIn: boolean;
}

/**
 * Values in the order in which they came, each of which can leave from anywhere. A `Set` of functions does the same, but has to make a hash for each of
 * them, which costs more than all else here where they come and go with every call.
 */
export class Chain<T> {
  #first: Place<T> | null = null;
  #last: Place<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first; null when there is none. */
  get first(): Link<T> | null {
    return this.#first;
  }

  add(value: T): Link<T> {
    const place: Place<T> = { value, before: this.#last, behind: null, isIn: true };
    if (this.#last === null) this.#first = place;
    else this.#last.behind = place;
    this.#last = place;
    this.#size += 1;
    return place;
  }

  has(link: Link<T>): boolean {
    return (link as Place<T>).isIn;
  }

  /** Whether it was there. */
  delete(link: Link<T>): boolean {
    const place = link as Place<T>;
    if (!place.isIn) return false;
    const { before, behind } = place;
    if (before === null) this.#first = behind;
    else before.behind = behind;
    if (behind === null) this.#last = before;
    else behind.before = before;
    // One that left holds no other.
    place.before = null;
    place.behind = null;
    place.isIn = false;
    this.#size -= 1;
    return true;
  }

  /** All that are there now. */
  values(): T[] {
    const values: T[] = [];
    for (let place = this.#first; place !== null; place = place.behind) values.push(place.value);
    return values;
  }
}
