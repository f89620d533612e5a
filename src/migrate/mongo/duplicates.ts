import type { Document } from '../../mongo/client.js';
import type { IndexSpec } from '../../mongo/indexes.js';
import type { RawCommands } from '../../mongo/raw.js';
import type { Warning } from '../diff/types.js';
import { listed, warning } from './diff-changes.js';

interface Place {
  readonly raw: RawCommands;
  readonly live: { readonly name: string } | null;
}

/** Whether a unique index can be made of what is stored. Values are told to nobody: how many they are is. */
export async function duplicates(
  { raw, live }: Place,
  index: IndexSpec,
  fields: ReadonlyMap<string, string>,
): Promise<readonly Warning[]> {
  if (index['unique'] !== true || live === null) return [];
  const paths = Object.keys(index.key);
  const before = (path: string): string => {
    const renamed = [...fields].find(([to]) => path === to || path.startsWith(`${to}.`));
    return renamed === undefined ? path : renamed[1] + path.slice(renamed[0].length);
  };
  const entries = paths.map((path, i) => [`k${i}`, { $ifNull: [`$${before(path)}`, null] }] as const);
  const pipeline = [
    { $match: filterOf(index, before) },
    { $group: { _id: Object.fromEntries(entries), n: { $sum: 1 } } },
    { $match: { n: { $gt: 1 } } },
    { $group: { _id: null, values: { $sum: 1 }, documents: { $sum: '$n' }, most: { $max: '$n' } } },
  ];
  const [found] = await raw.all({ aggregate: live.name, pipeline, cursor: {}, allowDiskUse: true });
  if (found === undefined) return [];
  const { values, documents, most } = found;
  const many = values === 1 ? '1 value is' : `${String(values)} values are`;
  return [
    warning(
      'may-fail',
      `It fails as the documents are now: ${many} stored more than once in ${listed(paths)}, in ${String(documents)} documents, ${String(most)} at most with the same. Clear them before it runs.`,
    ),
  ];
}

function filterOf(index: IndexSpec, before: (path: string) => string): Document {
  const rewritten = (filter: Document): Document =>
    Object.fromEntries(
      Object.entries(filter).map(([path, test]) =>
        path === '$and' ? [path, (test as Document[]).map(rewritten)] : [before(path), test],
      ),
    );
  return rewritten((index['partialFilterExpression'] as Document | undefined) ?? {});
}
