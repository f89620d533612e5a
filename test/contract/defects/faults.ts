import type { MemoryDatabase } from '../../../src/memory/database.js';
import type { Clause, Leaf } from '../../../src/query/clause.js';
import type { Assignment, UpdateCommand } from '../../../src/query/command.js';
import type { EntityModel, FieldModel, StoredRow } from '../../../src/schema/model.js';
import {
  allRows,
  type Fault,
  type FilteredCommand,
  freshShape,
  isFiltered,
  matchingRows,
  setPath,
  textOf,
  valueAt,
} from './planted.js';

/** Rewrites the leaves of a filter, the innermost first; `not` and the groups stay. */
export function mapClause(clause: Clause, change: (clause: Clause) => Clause): Clause {
  switch (clause.op) {
    case 'and':
    case 'or':
      return change({ op: clause.op, clauses: clause.clauses.map((each) => mapClause(each, change)) });
    default:
      return change(clause);
  }
}

/** A fault that rewrites filters. */
export function clauseFault(change: (clause: Clause, command: FilteredCommand) => Clause): Fault {
  return {
    command: (command) => {
      if (!isFiltered(command)) return command;
      const where = mapClause(command.where, (clause) => change(clause, command));
      return { ...command, where, shape: freshShape() };
    },
  };
}

/** Says whether a leaf holds for a value (null too), or `undefined` where the engine is right. */
export type LeafTest = (leaf: Leaf, value: any, operand: any) => boolean | undefined;

/** A fault in the meaning of single conditions. The wrong answer is worked out here, and put in as the keys of the rows. */
export function leafFault(test: LeafTest): Fault {
  return {
    command: async (command, memory) => {
      if (!isFiltered(command)) return command;
      const rows = await allRows(memory, command.entity);
      const values = [...command.values];
      const byKey = (row: StoredRow): Clause => ({
        op: 'and',
        clauses: command.entity.key.map((field) => ({ op: 'eq', field, slot: values.push(row[field.name]) - 1 })),
      });
      const where = mapClause(command.where, (clause) => {
        if ('clauses' in clause) return clause;
        const leaf: Leaf = clause.op === 'not' ? clause.clause : clause;
        const operand = 'slot' in leaf ? command.values[leaf.slot] : undefined;
        const answers = rows.map((row) => test(leaf, valueAt(row, leaf.field.segments), operand));
        if (answers.length === 0 || answers[0] === undefined) return clause;
        const found = rows.filter((_, i) => answers[i] === (clause.op !== 'not'));
        return { op: 'or', clauses: found.map(byKey) };
      });
      return { ...command, where, values, shape: freshShape() };
    },
  };
}

/** A fault in the order of rows: `compare` gives the order of two values of a field, in the direction of the term. */
export function orderFault(
  compare: (a: any, b: any, field: FieldModel, direction: 'asc' | 'desc', term: number) => number,
): Fault {
  return {
    run: (command, memory) => {
      if (command.kind !== 'find' || command.orderBy.length === 0) return undefined;
      return matchingRows(memory, command).then((rows) => {
        rows.sort((a, b) => {
          for (const [term, { field, direction }] of command.orderBy.entries()) {
            const result = compare(valueAt(a, field.segments), valueAt(b, field.segments), field, direction, term);
            if (result !== 0) return result;
          }
          return 0;
        });
        const end = command.limit === null ? rows.length : command.offset + command.limit;
        const page = rows.slice(command.offset, end);
        return page.map((row) => Object.fromEntries(command.select.map(({ name }) => [name, row[name]])));
      });
    },
  };
}

/** A fault in the description of entities: the engine keeps other rules than it should. */
export function entityFault(change: (entity: EntityModel) => EntityModel): Fault {
  const changed = new Map<number, EntityModel>();
  const of = (entity: EntityModel) => {
    if (!changed.has(entity.id)) changed.set(entity.id, { ...change(entity), id: entity.id });
    return changed.get(entity.id)!;
  };
  return {
    command: (command) =>
      command.kind === 'ensureSchema'
        ? { ...command, entities: command.entities.map(of) }
        : { ...command, entity: of(command.entity) },
  };
}

/** Changes every field of an entity, those inside objects too. */
export function mapFields(entity: EntityModel, change: (field: FieldModel) => FieldModel): EntityModel {
  const walk = (field: FieldModel): FieldModel => change({ ...field, fields: field.fields?.map(walk) ?? null });
  const paths = new Map([...entity.paths].map(([path, field]) => [path, walk(field)]));
  return { ...entity, fields: entity.fields.map((field) => paths.get(field.path)!), paths };
}

/** A fault in the values of rows that are given: `change` sees every value of a scalar field or item, never null. */
export function valueFault(change: (value: any, field: FieldModel) => unknown): Fault {
  const walk = (field: FieldModel, value: any): unknown => {
    if (value === null || value === undefined) return value;
    if (field.item !== null) return value.map((each: unknown) => walk(field.item!, each));
    if (field.fields === null) return change(value, field);
    return Object.fromEntries(field.fields.map((each) => [each.name, walk(each, value[each.name])]));
  };
  return {
    row: (row, entity) => {
      const copy = { ...row };
      for (const field of entity.fields) if (field.name in row) copy[field.name] = walk(field, row[field.name]);
      return copy;
    },
  };
}

/** A fault in the operators of patches: gives the assignment that is carried out instead. Appended values get a slot. */
export function assignmentFault(
  change: (
    assignment: Assignment,
    hold: (value: unknown) => number,
    values: readonly unknown[],
    entity: EntityModel,
  ) => Assignment | null,
): Fault {
  return {
    command: (command) => {
      if (command.kind !== 'update' && command.kind !== 'upsert') return command;
      const values = [...command.values];
      const hold = (value: unknown) => values.push(value) - 1;
      const assignments = command.assignments.flatMap(
        (each) => change(each, hold, command.values, command.entity) ?? [],
      );
      return { ...command, assignments, values, shape: freshShape() };
    },
  };
}

/**
 * A fault in what an update leaves behind: after the update, `spoil` gives for each changed row and assignment the value
 * that the path gets instead, or `undefined`.
 */
export function spoiledUpdate(
  spoil: (before: any, after: any, assignment: Assignment, operand: any, rowBefore: StoredRow) => unknown,
): Fault {
  return {
    run: (command, memory) => (command.kind === 'update' ? spoilUpdate(command, memory, spoil) : undefined),
  };
}

async function spoilUpdate(
  command: UpdateCommand,
  memory: MemoryDatabase,
  spoil: Parameters<typeof spoiledUpdate>[0],
): Promise<unknown> {
  const before = await allRows(memory, command.entity);
  let result = await memory.run<unknown>(command);
  const after = await allRows(memory, command.entity);
  for (const [i, row] of after.entries()) {
    if (textOf(row) === textOf(before[i]) && command.many) continue;
    for (const assignment of command.assignments) {
      const { segments } = assignment.field;
      const was = valueAt(before[i]!, segments);
      const is = valueAt(row, segments);
      const value = spoil(was, is, assignment, command.values[assignment.slot], before[i]!);
      if (value === undefined) continue;
      const changed = await setPath(memory, command.entity, row, assignment.field, value);
      const isResult =
        result !== null &&
        typeof result === 'object' &&
        command.entity.key.every(({ name }) => (result as StoredRow)[name] === row[name]);
      if (isResult) result = Object.fromEntries(command.select.map(({ name }) => [name, changed[name]]));
    }
  }
  return result;
}
