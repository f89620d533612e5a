import type { Clause, NullLeaf, SetLeaf, ValueLeaf } from '../query/clause.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import type { Entry, Table } from './table.js';
import { type Identity, identityOf, joinIdentities } from './values.js';

/** Gives the rows that a filter can match, in the order of insertion: at least those, often fewer than all. */
export type Access = (table: Table, values: readonly unknown[]) => Iterable<Entry>;

/** Chooses the primary key or a unique set that the filter names in full; otherwise every row is looked at. */
export function chooseAccess(entity: EntityModel, clause: Clause): Access {
  const parts = conjuncts(clause);
  const sets = [entity.key];
  if (
    entity.deletedAt === null ||
    parts.some((part) => part.op === 'isNull' && part.field.path === entity.deletedAt?.path)
  ) {
    sets.push(...entity.unique);
  }
  for (const set of sets) {
    const access = byEquality(set, parts) ?? byList(set, parts);
    if (access !== null) return access;
  }
  return (table) => table.scan();
}

type Part = ValueLeaf | SetLeaf | NullLeaf;

function conjuncts(clause: Clause): Part[] {
  switch (clause.op) {
    case 'and':
      return clause.clauses.flatMap(conjuncts);
    case 'eq':
    case 'anyOf':
    case 'isNull':
      return [clause as Part];
    default:
      return [];
  }
}

function byEquality(set: readonly FieldModel[], parts: readonly Part[]): Access | null {
  const leaves = set.map((field) =>
    parts.find((part): part is ValueLeaf => part.op === 'eq' && part.field.path === field.path),
  );
  if (!leaves.every((leaf) => leaf !== undefined)) return null;
  const identifiers = set.map(identityOf);
  return (table, values) => {
    const identities = leaves.map((leaf, i) => identifiers[i]!(values[leaf.slot]));
    const entry = table.indexOn(set).entries.get(set.length === 1 ? identities[0]! : joinIdentities(identities));
    return entry === undefined ? [] : [entry];
  };
}

function byList(set: readonly FieldModel[], parts: readonly Part[]): Access | null {
  const [field] = set;
  const leaf = parts.find((part): part is SetLeaf => part.op === 'anyOf' && part.field.path === field?.path);
  if (set.length !== 1 || field === undefined || leaf === undefined) return null;
  const identify = identityOf(field);
  return (table, values) => {
    const { entries } = table.indexOn(set);
    const wanted = new Set<Identity>((values[leaf.slot] as unknown[]).map(identify));
    const found = [...wanted].flatMap((identity) => entries.get(identity) ?? []);
    return found.sort((a, b) => a.place - b.place);
  };
}
