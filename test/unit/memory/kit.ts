import type { RunOptions } from '../../../src/core/ports.js';
import type { MemoryDatabase } from '../../../src/memory/database.js';
import type { Clause } from '../../../src/query/clause.js';
import type { Assignment, OrderTerm, UpsertResult } from '../../../src/query/command.js';
import type { Bounds, EntityModel, FieldModel, Kind, StoredRow } from '../../../src/schema/model.js';

/** A field of a hand-made entity: the engine is tested below the schema builders. */
export interface Spec {
  readonly kind: Kind;
  readonly bounds?: Bounds;
  readonly serial?: boolean;
  readonly item?: Spec;
  readonly fields?: Readonly<Record<string, Spec>>;
}

let ids = 1_000_000;

export function makeField(name: string, spec: Spec, above: readonly string[] = []): FieldModel {
  const segments = [...above, name];
  const path = segments.join('.');
  const fields = spec.fields === undefined ? null : entries(spec.fields, segments);
  const item =
    spec.item === undefined ? null : { ...makeField('[]', spec.item), path: `${path}[]`, addressable: false };
  return {
    name,
    path,
    segments,
    kind: spec.kind,
    optional: true,
    nullable: true,
    addressable: true,
    hidden: false,
    unique: false,
    key: false,
    serial: spec.serial ?? false,
    column: null,
    bounds: spec.bounds ?? {},
    values: null,
    references: null,
    item,
    fields,
    role: null,
  };
}

function entries(specs: Readonly<Record<string, Spec>>, above: readonly string[] = []): FieldModel[] {
  return Object.entries(specs).map(([name, spec]) => makeField(name, spec, above));
}

export function makeEntity(
  name: string,
  specs: Readonly<Record<string, Spec>>,
  {
    key = ['id'],
    unique = [],
  }: { readonly key?: readonly string[]; readonly unique?: readonly (readonly string[])[] } = {},
): EntityModel {
  const fields = entries(specs);
  const paths = new Map<string, FieldModel>();
  const walk = (field: FieldModel) => {
    paths.set(field.path, field);
    field.fields?.forEach(walk);
  };
  fields.forEach(walk);
  return {
    id: ++ids,
    name,
    schema: null,
    table: name,
    naming: null,
    collation: 'C',
    fields,
    paths,
    key: key.map((path) => paths.get(path)!),
    unique: unique.map((set) => set.map((path) => paths.get(path)!)),
    indexes: [],
    createdAt: null,
    updatedAt: null,
    deletedAt: paths.get('deletedAt') ?? null,
    version: null,
    fence: null,
  };
}

/** A filter with its values inside: `['eq', 'n', 1]`, `['and', [...], [...]]`, `['contains', 's', 'x', true]`. */
export type Filter = readonly [op: string, ...rest: unknown[]];

export function makeClause(
  entity: EntityModel,
  filter: Filter,
): { readonly where: Clause; readonly values: unknown[] } {
  const values: unknown[] = [];
  const build = ([op, ...rest]: Filter): Clause => {
    if (op === 'and' || op === 'or') return { op, clauses: (rest as Filter[]).map(build) };
    if (op === 'not') return { op, clause: build(rest[0] as Filter) } as Clause;
    const [path, value, ignoreCase = false] = rest as [string, unknown, boolean?];
    const field = entity.paths.get(path)!;
    if (op === 'isNull' || op === 'isNotNull') return { op, field };
    const slot = values.push(value) - 1;
    return { op, field, slot, ignoreCase, unbounded: false } as Clause;
  };
  return { where: build(filter), values };
}

/** `{ n: ['increment', 1], 'o.x': ['set', 2] }` */
export type Changes = Readonly<Record<string, readonly [op: Assignment['op'], operand?: unknown]>>;

export function makeAssignments(entity: EntityModel, changes: Changes, values: unknown[]): Assignment[] {
  return Object.entries(changes).map(([path, [op, operand]]) => {
    const slot = op === 'clear' ? -1 : values.push(operand) - 1;
    return { field: entity.paths.get(path)!, op, slot };
  });
}

export function makeOrder(entity: EntityModel, terms: Readonly<Record<string, 'asc' | 'desc'>>): OrderTerm[] {
  return Object.entries(terms).map(([path, direction]) => ({ field: entity.paths.get(path)!, direction }));
}

export interface Asked extends RunOptions {
  readonly where?: Filter;
  readonly orderBy?: Readonly<Record<string, 'asc' | 'desc'>>;
  readonly limit?: number | null;
  readonly offset?: number;
  readonly select?: readonly string[];
  readonly many?: boolean;
}

/** The commands of one entity over one database. */
export class Bench {
  readonly database: MemoryDatabase;
  readonly entity: EntityModel;

  constructor(database: MemoryDatabase, entity: EntityModel) {
    this.database = database;
    this.entity = entity;
  }

  command(asked: Asked = {}) {
    const { where, values } = makeClause(this.entity, asked.where ?? ['and']);
    const orderBy = makeOrder(this.entity, asked.orderBy ?? {});
    const select = asked.select?.map((path) => this.entity.paths.get(path)!) ?? this.entity.fields;
    const shape = JSON.stringify([where, asked.orderBy, asked.select], (key, value) =>
      key === 'field' ? value.path : value,
    );
    return { entity: this.entity, where, values, orderBy, select, shape };
  }

  find(asked: Asked = {}): Promise<StoredRow[]> {
    const { limit = null, offset = 0 } = asked;
    return this.database.run({ kind: 'find', ...this.command(asked), limit, offset }, asked);
  }

  async ids(asked: Asked = {}): Promise<unknown[]> {
    return (await this.find(asked)).map((row) => row['id']);
  }

  insert(...rows: StoredRow[]): Promise<StoredRow[]> {
    const { entity } = this;
    const whole = rows.map((row) => {
      const made: StoredRow = {};
      for (const field of entity.fields) {
        if (!field.serial || row[field.name] !== undefined) made[field.name] = row[field.name] ?? null;
      }
      return made;
    });
    return this.database.run({ kind: 'insert', entity, shape: '', rows: whole, select: entity.fields });
  }

  update<T = number>(changes: Changes, asked: Asked = {}): Promise<T> {
    const command = this.command(asked);
    const assignments = makeAssignments(this.entity, changes, command.values);
    const shape = `${command.shape}${JSON.stringify(Object.entries(changes).map(([path, [op]]) => [path, op]))}`;
    return this.database.run<T>({ kind: 'update', ...command, shape, assignments, many: asked.many ?? true }, asked);
  }

  upsert(row: StoredRow, on: readonly string[], changes: Changes): Promise<UpsertResult> {
    const { entity } = this;
    const values: unknown[] = [];
    const assignments = makeAssignments(entity, changes, values);
    const fields = on.map((path) => entity.paths.get(path)!);
    const shape = JSON.stringify([on, Object.keys(changes)]);
    return this.database.run({
      kind: 'upsert',
      entity,
      shape,
      row,
      on: fields,
      assignments,
      values,
      select: entity.fields,
    });
  }

  delete<T = number>(asked: Asked = {}): Promise<T> {
    return this.database.run<T>({ kind: 'delete', ...this.command(asked), many: asked.many ?? true }, asked);
  }

  count(asked: Asked = {}): Promise<number> {
    return this.database.run({ kind: 'count', ...this.command(asked) }, asked);
  }

  exists(asked: Asked = {}): Promise<boolean> {
    return this.database.run({ kind: 'exists', ...this.command(asked) }, asked);
  }

  distinct(path: string, asked: Asked = {}): Promise<unknown[]> {
    const command = this.command(asked);
    const field = this.entity.paths.get(path)!;
    return this.database.run({ kind: 'distinct', ...command, shape: `${path}|${command.shape}`, field });
  }
}
