import { DuplicateKeyError } from '../../../src/errors/data.js';
import type { EntityModel, FieldModel, StoredRow } from '../../../src/schema/model.js';
import { entityFault, mapFields } from './faults.js';
import { allRows, type Defect, defect, type Fault, same } from './planted.js';

/** Looks at each new row before it is stored. */
function guard(check: (row: StoredRow, rows: readonly StoredRow[], entity: EntityModel) => void): Fault {
  return {
    run: (command, memory) => {
      if (command.kind !== 'insert') return undefined;
      return allRows(memory, command.entity).then((rows) => {
        for (const row of command.rows) {
          check(row, rows, command.entity);
          rows.push(row);
        }
        return memory.run(command);
      });
    },
  };
}

/** Rebuilds the errors of duplicates. */
function blurred(change: (error: DuplicateKeyError) => Error): Fault {
  return {
    run: (command, memory) =>
      memory.run<unknown>(command).catch((error: unknown) => {
        throw error instanceof DuplicateKeyError ? change(error) : error;
      }),
  };
}

/** Has the bounds of one kind checked as if it were another. Values are still stored and read as what they are. */
function loosen(entity: EntityModel, kind: FieldModel['kind'], as: FieldModel['kind']): EntityModel {
  const { paths } = mapFields(entity, (field) => (field.kind === kind ? { ...field, kind: as } : field));
  return { ...entity, paths };
}

export const insertDefects: readonly Defect[] = [
  defect('`insertMany` keeps the rows before a failure', {
    run: (command, memory) => {
      if (command.kind !== 'insert') return undefined;
      return (async () => {
        const stored: StoredRow[] = [];
        for (const row of command.rows) stored.push(...(await memory.run<StoredRow[]>({ ...command, rows: [row] })));
        return stored;
      })();
    },
  }),
  defect('`insertMany` gives the rows in another order', {
    run: (command, memory) =>
      command.kind === 'insert' ? memory.run<StoredRow[]>(command).then((rows) => rows.reverse()) : undefined,
  }),
  defect('`insertMany` gives its last row twice', {
    run: (command, memory) =>
      command.kind === 'insert'
        ? memory.run<StoredRow[]>(command).then((rows) => [...rows, ...rows.slice(-1)])
        : undefined,
  }),
  defect(
    'the error of a duplicate names no fields',
    blurred((error) => new DuplicateKeyError(error.entity, { constraint: error.constraint, position: error.position })),
  ),
  defect(
    'the error of a duplicate in a list names no position',
    blurred((error) => new DuplicateKeyError(error.entity, { fields: error.fields, constraint: error.constraint })),
  ),
  defect(
    'the error of a duplicate in a list counts positions from 1',
    blurred(
      (error) =>
        new DuplicateKeyError(error.entity, {
          fields: error.fields,
          constraint: error.constraint,
          position: error.position === undefined ? undefined : error.position + 1,
        }),
    ),
  ),
  defect(
    'the error of a duplicate is an ordinary error',
    blurred((error) => new Error(error.message)),
  ),
  defect(
    'uniqueness does not know of soft deletion',
    guard((row, rows, entity) => {
      for (const set of entity.unique) {
        const taken = rows.some((each) => set.every(({ name }) => row[name] !== null && same(each[name], row[name])));
        if (entity.deletedAt !== null && taken)
          throw new DuplicateKeyError(entity.name, { fields: set.map(({ path }) => path) });
      }
    }),
  ),
  defect(
    'two nulls in a unique field are a duplicate',
    guard((row, rows, entity) => {
      for (const set of entity.unique) {
        const taken =
          set.length === 1 && row[set[0]!.name] === null && rows.some((each) => each[set[0]!.name] === null);
        if (taken) throw new DuplicateKeyError(entity.name, { fields: set.map(({ path }) => path) });
      }
    }),
  ),
  defect(
    'two nulls in a unique set of several fields are a duplicate',
    guard((row, rows, entity) => {
      for (const set of entity.unique) {
        const partly =
          set.length > 1 && set.some(({ name }) => row[name] === null) && set.some(({ name }) => row[name] !== null);
        const taken = partly && rows.some((each) => set.every(({ name }) => same(each[name], row[name])));
        if (taken) throw new DuplicateKeyError(entity.name, { fields: set.map(({ path }) => path) });
      }
    }),
  ),
  defect(
    'unique texts are told apart without case',
    guard((row, rows, entity) => {
      for (const set of entity.unique) {
        const [field] = set;
        if (set.length !== 1 || field!.kind !== 'text') continue;
        const taken = rows.some(
          (each) =>
            typeof row[field!.name] === 'string' &&
            String(each[field!.name]).toLowerCase() === String(row[field!.name]).toLowerCase(),
        );
        if (taken) throw new DuplicateKeyError(entity.name, { fields: [field!.path] });
      }
    }),
  ),
  defect(
    'a duplicate in a unique set of several fields is stored',
    entityFault((entity) => ({ ...entity, unique: entity.unique.filter((set) => set.length === 1) })),
  ),
  defect(
    'bounds are not kept',
    entityFault((entity) => mapFields(entity, (field) => ({ ...field, bounds: {} }))),
  ),
  defect(
    'bounds inside objects are not kept',
    entityFault((entity) =>
      mapFields(entity, (field) => (field.segments.length > 1 ? { ...field, bounds: {} } : field)),
    ),
  ),
  defect(
    'the number of items in a list is not kept',
    entityFault((entity) => mapFields(entity, (field) => (field.kind === 'list' ? { ...field, bounds: {} } : field))),
  ),
  defect(
    'integers beyond 2^53 are accepted',
    entityFault((entity) => loosen(entity, 'integer', 'real')),
  ),
  defect(
    'reals that are not finite are accepted',
    entityFault((entity) => loosen(entity, 'real', 'boolean')),
  ),
  defect(
    'bigints beyond 64 bits are accepted',
    entityFault((entity) => loosen(entity, 'bigint', 'boolean')),
  ),
  defect(
    'decimals beyond 34 digits are accepted',
    entityFault((entity) => loosen(entity, 'decimal', 'boolean')),
  ),
  defect('`ensureSchema` says every time that it made something', {
    run: (command, memory) =>
      command.kind === 'ensureSchema'
        ? memory.run<object>(command).then((report) => ({ ...report, created: ['table'] }))
        : undefined,
  }),
  defect('`ensureSchema` empties the tables', {
    run: (command, memory) => {
      if (command.kind === 'ensureSchema') memory.clear();
      return undefined;
    },
  }),
];
