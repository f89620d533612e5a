import type { Issue } from '../errors/data.js';
import type { FieldModel } from './model.js';

/** What an entity's options are checked against: every problem is found before one is thrown. */
export interface Definition {
  readonly issues: Issue[];
  readonly fields: readonly FieldModel[];
  readonly paths: ReadonlyMap<string, FieldModel>;
}
