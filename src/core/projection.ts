import type { Issue } from '../errors/data.js';
import { END } from '../query/parsing.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';
import { unknownName } from '../util/nearest.js';
import type { Bag } from './check-options.js';

type Computed = Readonly<Record<string, (row: never) => unknown>>;

/** What a read fetches, and how a fetched row becomes the caller's. */
export interface Projection {
  /** Top-level fields that the engine reads, in the order of their declaration. */
  readonly select: readonly FieldModel[];
  /** Equal for equal `select`. */
  readonly shape: string;
  /** Adds computed fields and takes out what was not asked for; null when the stored row is the caller's. It may change the row it is given. */
  readonly finish: ((row: StoredRow) => Record<string, unknown>) | null;
}

/** The projections of one entity. The one without options is made once. */
export class Projector {
  readonly #entity: EntityModel;
  readonly #computed: Computed;
  readonly #visible: readonly FieldModel[];
  /** Every field that is not hidden, and every computed one. */
  readonly whole: Projection;
  /** No field at all: rows that are only counted. */
  readonly none: Projection = { select: [], shape: '', finish: null };

  constructor(entity: EntityModel, computed: Computed) {
    this.#entity = entity;
    this.#computed = computed;
    this.#visible = entity.fields.filter((field) => !field.hidden);
    // Not empty: that is the shape of a `select` of nothing.
    this.whole = { select: this.#visible, shape: '*', finish: this.#finish([], null) };
  }

  /** Whether a field of this name is computed. */
  computes(name: string): boolean {
    return Object.hasOwn(this.#computed, name);
  }

  /** The projection of `select` and `reveal`; adds an issue for each name that may not be read. */
  of(options: Bag, issues: Issue[]): Projection {
    const { select, reveal } = options;
    if (select === undefined && reveal === undefined) return this.whole;
    const revealed = this.#revealed(reveal, issues);
    const paths = select === undefined ? null : this.#paths(select, issues);
    const needed = new Set<FieldModel>(revealed);
    const computes =
      paths === null
        ? Object.keys(this.#computed).length > 0
        : paths.some((path) => Object.hasOwn(this.#computed, path));
    // A computed field may read every field that is not hidden.
    if (paths === null || computes) for (const each of this.#visible) needed.add(each);
    else for (const path of paths) needed.add(this.#top(path));
    const fields = this.#entity.fields.filter((field) => needed.has(field));
    return {
      select: fields,
      shape: fields.map((field) => field.name + END).join(''),
      finish: this.#finish(revealed, paths),
    };
  }

  #top(path: string): FieldModel {
    const dot = path.indexOf('.');
    return this.#entity.paths.get(dot < 0 ? path : path.slice(0, dot))!;
  }

  #revealed(reveal: unknown, issues: Issue[]): FieldModel[] {
    const fields: FieldModel[] = [];
    for (const name of names(reveal, 'reveal', issues)) {
      const field = this.#entity.paths.get(name);
      if (field?.hidden === true) fields.push(field);
      else issues.push({ path: 'reveal', message: `\`${name}\` is no hidden field of \`${this.#entity.name}\`` });
    }
    return fields;
  }

  #paths(select: unknown, issues: Issue[]): string[] {
    return names(select, 'select', issues).filter((path) => {
      const field = this.#entity.paths.get(path);
      if (field !== undefined ? !field.hidden : Object.hasOwn(this.#computed, path)) return true;
      const known = [...this.#entity.paths.keys(), ...Object.keys(this.#computed)];
      const sentence = `\`${path}\` is no field of \`${this.#entity.name}\``;
      const message =
        field?.hidden === true ? `\`${path}\` is hidden: name it in \`reveal\`` : unknownName(path, known, sentence);
      issues.push({ path: 'select', message });
      return false;
    });
  }

  #finish(revealed: readonly FieldModel[], paths: readonly string[] | null): Projection['finish'] {
    const computed = Object.entries(this.#computed) as [string, (row: StoredRow) => unknown][];
    if (paths === null) {
      if (computed.length === 0) return null;
      return (row) => {
        const visible = revealed.length === 0 ? row : without(row, revealed);
        for (const [name, compute] of computed) row[name] = compute(visible);
        return row;
      };
    }
    const picks = tree(paths);
    const wanted = computed.filter(([name]) => paths.includes(name));
    if (wanted.length === 0 && paths.every((path) => !path.includes('.'))) return null;
    return (row) => {
      const visible = revealed.length === 0 ? row : without(row, revealed);
      const result = pick(row, picks);
      for (const { name } of revealed) result[name] = row[name];
      for (const [name, compute] of wanted) result[name] = compute(visible);
      return result;
    };
  }
}

function names(list: unknown, option: string, issues: Issue[]): readonly string[] {
  if (list === undefined) return [];
  if (Array.isArray(list) && list.every((each) => typeof each === 'string')) return list;
  issues.push({ path: option, message: 'must be a list of names' });
  return [];
}

function without(row: StoredRow, fields: readonly FieldModel[]): StoredRow {
  const copy = { ...row };
  for (const { name } of fields) delete copy[name];
  return copy;
}

/** `true` takes the whole value, a map takes parts of an object. */
type Picks = Map<string, Picks | true>;

function tree(paths: readonly string[]): Picks {
  const root: Picks = new Map();
  for (const path of paths) {
    const segments = path.split('.');
    const last = segments.pop()!;
    let at: Picks | true = root;
    for (const segment of segments) {
      if (at === true) break;
      if (!at.has(segment)) at.set(segment, new Map());
      at = at.get(segment)!;
    }
    if (at !== true) at.set(last, true);
  }
  return root;
}

function pick(row: Record<string, unknown>, picks: Picks): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, inner] of picks) {
    if (!Object.hasOwn(row, name)) continue;
    const value = row[name];
    result[name] = inner === true || value === null ? value : pick(value as Record<string, unknown>, inner);
  }
  return result;
}

/** The projection, made to read other fields as well, and to take them out again. The stored row stays as it is. */
export function widened(projection: Projection, entity: EntityModel, more: readonly FieldModel[]): Projection {
  const { select, finish } = projection;
  if (more.every((field) => select.includes(field))) return projection;
  const fields = entity.fields.filter((field) => select.includes(field) || more.includes(field));
  return {
    select: fields,
    shape: fields.map((field) => field.name + END).join(''),
    finish: (row) => {
      const kept: Record<string, unknown> = {};
      for (const { name } of select) kept[name] = row[name];
      return finish === null ? kept : finish(kept as StoredRow);
    },
  };
}
