import { type FoundIndex, sameSet } from '../../postgres/catalog.js';
import { quote } from '../../postgres/fields.js';
import { uniqueName } from '../../postgres/names.js';
import { identifier } from '../../schema/identifier.js';
import type { SchemaChange, Warning } from '../diff/types.js';
import { alterTable, besides, type Comparison, listed, warning } from './diff-changes.js';

/** An index, whoever describes it. */
interface Shape {
  readonly unique: boolean;
  readonly constraint: boolean;
  readonly body: string;
}

export function compareIndexes(each: Comparison): void {
  const { wanted, made, found, findings } = each;
  const label = wanted.table.entity.name;
  for (const index of wanted.indexes) {
    const spelled = made.indexes.find(({ name }) => name === index.name)!;
    const there = found.indexes.find(({ name }) => name === index.name);
    const what = `index ${index.name}`;
    if (there?.building) {
      findings.foreign.push(`Index ${index.name} of ${label} is being built just now: look again when it is done.`);
    } else if (there === undefined) {
      if (served(found.indexes, spelled)) continue;
      findings.add('index', creation(each, what, index, index.name, []));
    } else if (!there.valid) {
      // Left by a build that failed: it is kept up to date by every write, and serves nobody.
      findings.add('index', creation(each, what, index, index.name, [dropIndex(each, index.name)]));
    } else if (!same(there, spelled)) {
      findings.add('index', {
        action: 'alter',
        what,
        up: swap(each, index.name, there, index),
        down: swap(each, index.name, index, there),
        transaction: !each.online,
        warnings: duplicates(index),
      });
    }
  }
  for (const index of found.indexes) stranger(each, index);
}

export function compareKey(each: Comparison): void {
  const { wanted, found, findings } = each;
  const { key, table } = wanted;
  if (key === null) return;
  const there = found.constraints.find(({ kind }) => kind === 'p');
  if (there !== undefined && sameSet(there.columns, key.columns)) return;
  const may = warning('may-fail', `It fails where two rows have the same ${key.columns.join(', ')}.`);
  if (there === undefined) {
    const up = each.online
      ? [createIndex(each, key.name, unique(key.columns)), alterTable(table.sql, usingIndex(key.name, 'primary key'))]
      : [alterTable(table.sql, `add constraint ${quote(key.name)} primary key (${listed(key.columns)})`)];
    findings.add('key', {
      action: 'create',
      what: `key ${key.name}`,
      up,
      down: [alterTable(table.sql, `drop constraint ${quote(key.name)}`)],
      transaction: !each.online,
      warnings: [may],
    });
    return;
  }
  const swapped = (from: string, to: string, columns: readonly string[]): string[] => {
    const temporary = identifier([to], 'new');
    const drop = `drop constraint ${quote(from)}`;
    return each.online
      ? [
          createIndex(each, temporary, unique(columns)),
          alterTable(table.sql, drop, usingIndex(to, 'primary key', temporary)),
        ]
      : [alterTable(table.sql, drop, `add constraint ${quote(to)} primary key (${listed(columns)})`)];
  };
  findings.add('key', {
    action: 'alter',
    what: `key ${key.name}`,
    up: swapped(there.name, key.name, key.columns),
    down: swapped(key.name, there.name, there.columns),
    transaction: !each.online,
    warnings: [
      may,
      warning('may-fail', `It fails while foreign keys of other tables refer to (${there.columns.join(', ')}).`),
    ],
  });
}

/** An index that does what is wanted under whatever name. */
function served(indexes: readonly FoundIndex[], wanted: FoundIndex): boolean {
  const columns = wanted.columns.filter((column) => column !== null);
  const plain = wanted.unique && !wanted.partial && columns.length === wanted.columns.length;
  return indexes.some(
    (each) =>
      each.valid &&
      (same(each, wanted) ||
        (plain && each.unique && !each.partial && sameSet(each.columns as readonly string[], columns))),
  );
}

function same(a: Shape, b: Shape): boolean {
  return a.body === b.body && a.unique === b.unique;
}

function creation(
  each: Comparison,
  what: string,
  index: Shape,
  name: string,
  before: readonly string[],
): SchemaChange<string> {
  return {
    action: 'create',
    what,
    up: [...before, ...build(each, name, index)],
    down: remove(each, name, index),
    transaction: !each.online,
    warnings: [...duplicates(index), ...(each.found.partitioned ? [PARTITIONED] : [])],
  };
}

const PARTITIONED = warning(
  'blocks-writes',
  'A partitioned table knows no `concurrently`: writes wait while the index is built. Build it on each partition first, then `attach partition`.',
);

function duplicates({ unique }: Shape): readonly Warning[] {
  return unique
    ? [warning('may-fail', 'It fails where rows are duplicates: look for them, and clear them, before it runs.')]
    : [];
}

function unique(columns: readonly string[]): Shape {
  return { unique: true, constraint: false, body: `(${listed(columns)})` };
}

function createIndex({ wanted, online }: Comparison, name: string, { unique, body }: Shape): string {
  const kind = `${unique ? 'unique ' : ''}index${online ? ' concurrently' : ''}`;
  return `create ${kind} ${quote(name)} on ${wanted.table.sql} ${body}`;
}

function dropIndex({ wanted, online }: Comparison, name: string): string {
  return `drop index${online ? ' concurrently' : ''} ${besides(wanted.table, name)}`;
}

function usingIndex(name: string, kind: 'unique' | 'primary key', index: string = name): string {
  return `add constraint ${quote(name)} ${kind} using index ${quote(index)}`;
}

function build(each: Comparison, name: string, index: Shape): string[] {
  if (!index.constraint) return [createIndex(each, name, index)];
  const { sql } = each.wanted.table;
  return [createIndex(each, name, index), alterTable(sql, usingIndex(name, 'unique'))];
}

function remove(each: Comparison, name: string, index: Shape): string[] {
  return index.constraint
    ? [alterTable(each.wanted.table.sql, `drop constraint ${quote(name)}`)]
    : [dropIndex(each, name)];
}

/** The new one is there before the old one goes: nothing is slow, and nothing is let in, between them. */
function swap(each: Comparison, name: string, from: Shape, to: Shape): string[] {
  const { table } = each.wanted;
  const temporary = identifier([name], 'new');
  const taken = to.constraint
    ? alterTable(table.sql, usingIndex(name, 'unique', temporary))
    : `alter index ${besides(table, temporary)} rename to ${quote(name)}`;
  return [createIndex(each, temporary, to), ...remove(each, name, from), taken];
}

/** What no entity asks for. Only a rule that bears the name that we give it, and so was ours, is taken away, and only where that is asked for. */
function stranger(each: Comparison, index: FoundIndex): void {
  const { wanted, found, findings, drop } = each;
  const { table } = wanted;
  const primary = found.constraints.some(({ kind, name }) => kind === 'p' && name === index.name);
  if (primary || wanted.indexes.some(({ name }) => name === index.name)) return;
  const columns = new Set([...wanted.columns, ...wanted.generated].map(({ name }) => name));
  // It goes with its columns, or stays with them: they are told.
  if (index.reads.some((column) => !columns.has(column))) return;
  if (wanted.indexes.some(({ name }) => served([index], each.made.indexes.find((one) => one.name === name)!))) return;
  const fields = index.columns.map((column) => table.entity.fields.find((field) => table.column(field) === column));
  const ours = index.unique && fields.every((field) => field !== undefined) && uniqueName(table, fields) === index.name;
  if (ours && drop && index.valid) {
    findings.add('unindex', {
      action: 'drop',
      what: `index ${index.name}`,
      up: remove(each, index.name, index),
      down: build(each, index.name, index),
      transaction: !each.online,
      warnings: [],
    });
    return;
  }
  const state = index.valid
    ? 'belongs to no entity'
    : 'belongs to no entity, and no query uses it: a build of it failed';
  const refuses = index.unique ? '. It refuses rows that are equal in what it is about' : '';
  const advice = ours ? '; `drop` takes it away' : '';
  findings.foreign.push(`Index ${index.name} of ${table.entity.name} ${state}${refuses}${advice}.`);
}
