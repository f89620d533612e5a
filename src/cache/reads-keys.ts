import { createHash } from 'node:crypto';
import type { Clause } from '../query/clause.js';
import type { FindCommand, ReadCommand, UpsertResult, WriteCommand } from '../query/command.js';
import { modelOf } from '../schema/entity.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';
import type { AnyEntity } from '../schema/types.js';
import { jsonCodec } from './codec.js';
import { type CacheKey, cacheKey } from './key.js';

/** With more rows than these, all of an entity's are named together. */
const MOST_KEYS = 100;

/** Under which a read is kept: everything that its answer depends on, as a digest, because values may be secrets. */
export function keyOfRead(command: ReadCommand): CacheKey {
  const { kind, entity, shape, values } = command;
  const parts: unknown[] = [kind, shape, values, 'limit' in command ? command.limit : null];
  if ('offset' in command) parts.push(command.offset);
  // What a row has, and how: another version of the application may know other fields.
  if ('select' in command) parts.push(command.select.map(signatureOf));
  switch (command.kind) {
    case 'find':
      parts.push(command.perParent === undefined ? null : [command.perParent.field.path, command.perParent.limit]);
      break;
    case 'distinct':
      parts.push(signatureOf(command.field));
      break;
    case 'group':
      parts.push(command.columns.map(signatureOf));
      break;
    case 'search':
      parts.push(command.terms);
      break;
    case 'near':
      parts.push(command.origin, command.minDistance, command.maxDistance);
      break;
  }
  const digest = createHash('sha256').update(jsonCodec.encode(parts)).digest('base64url');
  return cacheKey(entity.name, kind, digest);
}

function signatureOf({ path, kind, nullable }: FieldModel): string {
  return `${path} ${kind}${nullable ? '?' : ''}`;
}

/** The rows that a find can give, by their keys; null when it asks for them by anything else. */
export function pinnedKeys(command: ReadCommand): readonly string[] | null {
  return command.kind === 'find' ? keysIn(command, command.values) : null;
}

function keysIn(
  { entity, where }: Pick<FindCommand, 'entity' | 'where'>,
  values: readonly unknown[],
): readonly string[] | null {
  const pins = new Map<FieldModel, readonly unknown[]>();
  for (const clause of conjuncts(where)) {
    if (!('field' in clause) || !clause.field.key) continue;
    if (clause.op === 'eq') pins.set(clause.field, [values[clause.slot]]);
    else if (clause.op === 'anyOf' && !pins.has(clause.field))
      pins.set(clause.field, values[clause.slot] as readonly unknown[]);
  }
  let keys: readonly (readonly unknown[])[] = [[]];
  for (const field of entity.key) {
    const pinned = pins.get(field);
    if (pinned === undefined || keys.length * pinned.length > MOST_KEYS) return null;
    keys = keys.flatMap((key) => pinned.map((value) => [...key, value]));
  }
  return keys.map(rowKey);
}

/** What all of a filter's rows fit: the parts of its outermost `and`. */
function conjuncts(clause: Clause): readonly Clause[] {
  return clause.op === 'and' ? clause.clauses.flatMap(conjuncts) : [clause];
}

/** The key of a row as a text. */
function rowKey(values: readonly unknown[]): string {
  return jsonCodec.encode(values) as string;
}

/** The tags of what a write may have changed. `result` is undefined where it is not known. */
export function tagsOfWrite(command: WriteCommand, result: unknown): readonly string[] {
  const { name } = command.entity;
  const keys = writtenKeys(command, result);
  if (keys === null || keys.length > MOST_KEYS) return [queriesTag(name), rowsTag(name)];
  return [queriesTag(name), ...keys.map((key) => rowTag(name, key))];
}

/** The rows that a write has changed, by their keys; null when they are not known. */
function writtenKeys(command: WriteCommand, result: unknown): readonly string[] | null {
  switch (command.kind) {
    case 'update':
    case 'delete':
      return keysIn(command, command.values);
    case 'updateEach': {
      if (command.each.length > MOST_KEYS) return null;
      const keys = command.each.map((values) => keysIn(command, values));
      return keys.includes(null) ? null : (keys as (readonly string[])[]).flat();
    }
    case 'insert':
      return keysOfRows(command.entity, (result ?? command.rows) as readonly StoredRow[]);
    case 'upsert':
      return result === undefined ? null : keysOfRows(command.entity, [(result as UpsertResult).row]);
    case 'upsertMany':
      return null;
  }
}

function keysOfRows({ key }: EntityModel, rows: readonly StoredRow[]): readonly string[] | null {
  if (!rows.every((row) => key.every(({ name }) => row[name] !== undefined && row[name] !== null))) return null;
  return rows.map((row) => rowKey(key.map(({ name }) => row[name])));
}

/** The tag of everything that is kept of an entity, but rows by key. */
export function queriesTag(entity: string): string {
  return `queries of ${entity}`;
}

/** The tag of all rows by key. */
export function rowsTag(entity: string): string {
  return `rows of ${entity}`;
}

/** The tag of one row by key. */
export function rowTag(entity: string, key: string): string {
  return `row of ${entity} ${key}`;
}

/**
 * The tags of everything that `cacheReads` keeps of an entity: what is written past its repository takes them away.
 * @example
 * ```ts
 * import { CacheManager, entity, entityTags, MemoryStore, text, uuid } from 'trivet';
 *
 * const User = entity('users', { id: uuid().primaryKey(), name: text() });
 * const cache = new CacheManager(new MemoryStore());
 * await cache.invalidateTags(...entityTags(User));
 * ```
 */
export function entityTags(entity: AnyEntity): readonly string[] {
  const { name } = modelOf(entity);
  return [queriesTag(name), rowsTag(name)];
}
