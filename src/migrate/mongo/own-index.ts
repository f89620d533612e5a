import type { Document } from '../../mongo/client.js';
import { orderedParts } from '../../mongo/live-schema.js';
import type { Names } from '../../mongo/names.js';
import { identifier } from '../../schema/identifier.js';
import { snakeCase } from '../../schema/names.js';

const SUFFIXES = ['idx', 'key', 'geo_idx'] as const;

/** The paths that an index is about, those of its filter too. */
function pathsOf(index: Document): ReadonlySet<string> {
  const weights = Object.keys((index['weights'] as Document | undefined) ?? {});
  const filter = (index['partialFilterExpression'] as Document | undefined) ?? {};
  const parts = [filter, ...((filter['$and'] as readonly Document[] | undefined) ?? [])];
  const filtered = parts.flatMap((part) => Object.keys(part)).filter((path) => !path.startsWith('$'));
  return new Set([...orderedParts(index).map(([path]) => path), ...weights, ...filtered]);
}

/** Whether an index is about one of the paths, or about what is in it. */
export function isAbout(index: Document, paths: Iterable<string>): boolean {
  const own = [...pathsOf(index)];
  return [...paths].some((each) => own.some((path) => path === each || path.startsWith(`${each}.`)));
}

/**
 * Whether an index was made by the library: it has the name that the library gives to one on its fields. What an entity named itself is not known by its
 * name, and counts as somebody else's when the entity has it no more.
 */
export function isOurs(index: Document, names: Names, tables: readonly string[]): boolean {
  const paths = orderedParts(index).map(([path]) => path);
  return tables.some((table) => {
    const name = String(index['name']);
    if (name === identifier([table], 'pkey')) return true;
    // The server does not keep the order of the texts.
    if (index['weights'] !== undefined)
      return index['language_override'] === '_language' && name.startsWith(`${table}_`) && name.endsWith('_search_idx');
    return SUFFIXES.some((suffix) =>
      // Behind the parts that were declared comes the key.
      paths.some((_, last) => {
        const parts = paths.slice(0, last + 1).map((path) => partNames(path, names));
        return [0, 1].some((i) => name === identifier([table, ...parts.map((each) => each[i]!)], suffix));
      }),
    );
  });
}

/** What a path may be in a name: of a field that is gone nobody knows any more whether it had a column of its own. */
function partNames(path: string, { entity }: Names): readonly [string, string] {
  const [first, ...rest] = path.split('.') as [string, ...string[]];
  const below = rest.map(snakeCase);
  const key = entity.key.length === 1 && first === '_id' ? entity.key[0]! : undefined;
  if (key !== undefined) {
    const name = [key.column ?? snakeCase(key.name), ...below].join('_');
    return [name, name];
  }
  return [[first, ...below].join('_'), [snakeCase(first), ...below].join('_')];
}
