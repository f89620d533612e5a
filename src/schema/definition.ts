import type { Issue } from '../errors/data.js';
import type { FieldModel } from './model.js';

/** What an entity's options are checked against: every problem is found before one is thrown. */
export interface Definition {
  readonly issues: Issue[];
  /** Name of its table, without the schema. */
  readonly table: string;
  readonly paths: ReadonlyMap<string, FieldModel>;
}
