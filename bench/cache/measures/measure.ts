import type { Bench } from '../bench.js';
import type { Table } from '../table.js';

export interface Measure {
  /** In `--only`. */
  readonly name: string;
  readonly about: string;
  run(bench: Bench): Promise<readonly Table[]>;
}
