/** A resource that is read and written in two steps. With `guards` it keeps the fence: who is older than the newest that it has seen is refused. */
export class FencedCounter {
  readonly #guards: boolean;
  #fence = 0n;
  value = 0;
  /** Writes that were admitted. */
  writes = 0;
  refused = 0;

  constructor(guards: boolean) {
    this.#guards = guards;
  }

  /** Null when it is refused. */
  read(fence: bigint): number | null {
    return this.#admits(fence) ? this.value : null;
  }

  write(value: number, fence: bigint): boolean {
    if (!this.#admits(fence)) return false;
    this.value = value;
    this.writes += 1;
    return true;
  }

  #admits(fence: bigint): boolean {
    if (this.#guards && fence < this.#fence) {
      this.refused += 1;
      return false;
    }
    this.#fence = fence;
    return true;
  }
}
