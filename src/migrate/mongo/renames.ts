import { expected } from '../../core/engine-options.js';
import { canonical } from '../../mongo/canonical.js';
import type { Document } from '../../mongo/client.js';
import { validatorIn } from '../../mongo/live-schema.js';
import type { Names } from '../../mongo/names.js';
import type { RawCommands } from '../../mongo/raw.js';
import type { RenameQuestion } from '../diff/types.js';
import { type LiveCollection, propertiesIn } from './live.js';

/** What a collection was called, and its fields. */
export interface Renames {
  /** Null: it keeps its name. */
  readonly from: string | null;
  /** Paths on the server: new -> old. */
  readonly fields: ReadonlyMap<string, string>;
}

/** The renames of each entity's collection. @throws TypeError for one that is about no collection and no field of the entities */
export function parseRenames(
  renames: Readonly<Record<string, string>>,
  all: readonly Names[],
): ReadonlyMap<string, Renames> {
  // What has the same name on both sides is an answer too: it is none.
  const entries = Object.entries(renames).filter(([from, to]) => from !== to);
  const used = new Set<string>();
  const result = new Map<string, Renames>();
  for (const names of all) {
    const { collection } = names;
    const own = entries.find(([, to]) => to === collection)?.[0] ?? null;
    if (own !== null) used.add(own);
    const paths = new Set([...names.entity.paths.values()].map((field) => `${collection}.${names.path(field)}`));
    const fields = new Map<string, string>();
    for (const [from, to] of entries) {
      const prefix = [collection, own].find((each) => each !== null && from.startsWith(`${each}.`));
      if (prefix === undefined || !paths.has(to)) continue;
      // The key of a document cannot be changed.
      if (to === `${collection}._id` || from === `${prefix}._id`) continue;
      fields.set(to.slice(collection.length + 1), from.slice(prefix!.length + 1));
      used.add(from);
    }
    result.set(collection, { from: own, fields });
  }
  const wrong = entries.find(([from]) => !used.has(from));
  if (wrong !== undefined)
    throw expected(
      `renames['${wrong[0]}']`,
      'a collection or a field of an entity of the call, such as `users.full_name`, and not `_id`',
      wrong[1],
    );
  return result;
}

/** Fields that no entity has any more, and new ones of the same kind: they may be the same under another name. */
export function fieldQuestions(
  collection: string,
  before: Document | null,
  wanted: Document,
  answered: ReadonlySet<string>,
): readonly RenameQuestion[] {
  const [old, now] = [propertiesIn(before) ?? {}, propertiesIn(wanted) ?? {}];
  const added = Object.keys(now).filter((name) => !Object.hasOwn(old, name));
  return Object.keys(old)
    .filter((name) => !Object.hasOwn(now, name) && !answered.has(`${collection}.${name}`))
    .map((name) => ({
      from: `${collection}.${name}`,
      to: added.filter((each) => canonical(now[each]) === canonical(old[name])).map((each) => `${collection}.${each}`),
    }))
    .filter(({ to }) => to.length > 0);
}

/** Collections of no entity that are mostly made of the same fields as one that is missing. */
export async function collectionQuestions(
  raw: RawCommands,
  strangers: readonly LiveCollection[],
  missing: readonly { readonly names: Names; readonly validator: Document }[],
): Promise<readonly RenameQuestion[]> {
  if (missing.length === 0) return [];
  const questions: RenameQuestion[] = [];
  for (const { name, options } of strangers) {
    const fields = await fieldsOf(raw, name, validatorIn(options));
    const alike = missing.filter(({ validator }) => {
      const wanted = withoutId(propertiesIn(validator) ?? {});
      const common = fields.filter((each) => wanted.includes(each)).length;
      return common * 2 > Math.max(fields.length, wanted.length);
    });
    if (alike.length > 0) questions.push({ from: name, to: alike.map(({ names }) => names.collection) });
  }
  return questions;
}

/** By the schema, or else by a document. */
async function fieldsOf(raw: RawCommands, collection: string, validator: Document | null): Promise<readonly string[]> {
  const properties = propertiesIn(validator) ?? (await raw.find(collection, {}, { limit: 1 }))[0] ?? {};
  return withoutId(properties);
}

function withoutId(properties: Readonly<Document>): readonly string[] {
  return Object.keys(properties).filter((name) => name !== '_id');
}
