import type { Table } from '../../kit/table.js';
import type { Bench } from '../bench.js';

export interface Measure {
  /** In `--only`. */
  readonly name: string;
  readonly about: string;
  run(bench: Bench): Promise<readonly Table[]>;
}
