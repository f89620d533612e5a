import { type CallSpec, isList, nameOf, type RelationSpec, WAYS, type WhereSpec } from './relations.js';

// What relations must give, in plain JavaScript, without a line of the library: every row is compared with every other.

export type Row = Record<string, unknown>;

/** The rows as they are stored. */
export interface Rows {
  readonly nodes: readonly Row[];
  readonly edges: readonly Row[];
}

const isSeen = (row: Row, deleted: 'with' | 'only' | undefined): boolean =>
  deleted === 'with' || (row['deletedAt'] === null) === (deleted === undefined);

function fits(row: Row, where: WhereSpec): boolean {
  if (where === null) return true;
  if (where.test === 'label') return row['label'] === where.label;
  return row['rank'] !== null && (row['rank'] as number) >= where.rank;
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return (a as number) < (b as number) ? -1 : 1;
}

function sorted(rows: readonly Row[], order: RelationSpec['order']): Row[] {
  const terms = [...order, ['id', order.at(-1)?.[1] ?? 'asc'] as const];
  return [...rows].sort((a, b) => {
    for (const [path, direction] of terms) {
      const compared = compare(a[path], b[path]);
      if (compared !== 0) return direction === 'asc' ? compared : -compared;
    }
    return 0;
  });
}

/** Whether two keys are one, whatever kind of number each is. */
const isSame = (a: unknown, b: unknown): boolean => a !== null && b !== null && String(a) === String(b);

function related(rows: Rows, row: Row, spec: RelationSpec): Row[] {
  const way = WAYS[spec.name];
  const candidates = rows[way.target].filter((each) => isSeen(each, spec.deleted) && fits(each, spec.where));
  switch (way.kind) {
    case 'belongsTo':
      return candidates.filter((each) => isSame(each['id'], row[way.by]));
    case 'hasOne':
    case 'hasMany':
      return sorted(
        candidates.filter((each) => isSame(each[way.by], row['id'])),
        spec.order,
      );
    case 'manyToMany': {
      const between = rows.edges.filter((each) => isSeen(each, undefined) && isSame(each[way.by], row['id']));
      const joined = candidates.filter((each) => between.some((edge) => isSame(edge[way.theirs], each['id'])));
      return sorted(joined, spec.order);
    }
    default: {
      const names = (row[way.by] ?? []) as unknown[];
      const place = (each: Row): number => names.findIndex((name) => isSame(name, each['id']));
      const named = candidates.filter((each) => place(each) >= 0);
      return spec.order.length > 0 ? sorted(named, spec.order) : named.sort((a, b) => place(a) - place(b));
    }
  }
}

function given(rows: Rows, row: Row, spec: RelationSpec): unknown {
  const way = WAYS[spec.name];
  const found = related(rows, row, spec);
  if (!isList(way)) return found.length === 0 ? null : shown(rows, found[0]!, spec, way.target);
  if (spec.count) return found.length;
  return found.slice(0, spec.limit ?? found.length).map((each) => shown(rows, each, spec, way.target));
}

function shown(
  rows: Rows,
  row: Row,
  { select, include }: Pick<RelationSpec, 'select' | 'include'>,
  kind: keyof Rows,
): Row {
  const whole = kind === 'nodes' ? { ...row, loud: `${row['label']}!` } : row;
  const result: Row = {};
  for (const name of select ?? Object.keys(whole)) result[name] = whole[name as keyof typeof whole];
  for (const each of include) result[nameOf(each.name)] = given(rows, row, each);
  return result;
}

/** The rows of the call, by key. */
export function expectedRows(rows: Rows, spec: CallSpec): Row[] {
  const seen = rows.nodes.filter((each) => isSeen(each, spec.deleted));
  return sorted(seen, []).map((row) => shown(rows, row, spec, 'nodes'));
}

/** The most queries that relations may need, for rows of any number. */
export function mostQueries(include: readonly RelationSpec[]): number {
  return include.reduce((sum, { name, count, include: inner }) => {
    const own = WAYS[name].kind === 'manyToMany' ? 2 : 1;
    return sum + own + (count && isList(WAYS[name]) ? 0 : mostQueries(inner));
  }, 0);
}
