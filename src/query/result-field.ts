import type { FieldModel, Kind } from '../schema/model.js';

/** What is not the same for every column of a result. */
export type ResultFacts = Partial<Pick<FieldModel, 'nullable' | 'values' | 'column'>>;

/** A column of a result that is no field of the entity: it stands at the top, whatever its name looks like. */
export function resultField(kind: Kind, name: string, facts: ResultFacts = {}): FieldModel {
  const { nullable = false, values = null, column = null } = facts;
  return {
    name,
    path: name,
    segments: [name],
    kind,
    optional: nullable,
    nullable,
    addressable: true,
    hidden: false,
    unique: false,
    key: false,
    serial: false,
    column,
    bounds: {},
    values,
    references: null,
    item: null,
    fields: null,
    role: null,
  };
}
