import { canonical } from '../../mongo/canonical.js';
import type { Document } from '../../mongo/client.js';
import { type IndexSpec, indexesOf } from '../../mongo/indexes.js';
import { differsInSeconds, orderedParts, signature } from '../../mongo/live-schema.js';
import type { Warning } from '../diff/types.js';
import { listed, type Subject, warning } from './diff-changes.js';
import { duplicates } from './duplicates.js';
import { isAbout, isOurs } from './own-index.js';

/** Where nothing is stored yet nothing can be in the way. */
export type IndexSubject = Omit<Subject, 'live'> & { readonly live: Subject['live'] | null };

/**
 * Indexes of ours on a field that is renamed go before it is: of its old name every document would have no value, which a unique index takes only once.
 * Gives those that stay.
 */
export function dropRenamed(
  subject: Subject,
  current: readonly Document[],
  fields: ReadonlyMap<string, string>,
): readonly Document[] {
  const { names, raw, findings } = subject;
  const claimed = new Set(indexesOf(names.entity, names, raw.bson).map(({ name }) => name));
  const dropping = current.filter(
    (index) => isAbout(index, fields.values()) && (claimed.has(nameOf(index)) || isOwn(subject, index)),
  );
  for (const index of dropping)
    findings.add({ action: 'drop', what: `index ${nameOf(index)}`, ...dropped(names.collection, index) });
  return current.filter((index) => !dropping.includes(index));
}

/** Makes what is missing, changes what differs. `fields` are those that are renamed before: new path -> old path. */
export async function compareIndexes(
  subject: IndexSubject,
  current: readonly Document[],
  fields: ReadonlyMap<string, string>,
): Promise<void> {
  const { names, raw, findings } = subject;
  const used = new Set<Document>();
  const seen = new Set<string>();
  const missing: IndexSpec[] = [];
  const all = indexesOf(names.entity, names, raw.bson);
  const markOf = new Map(all.map((wanted) => [wanted.name, signature(wanted)]));
  for (const wanted of all) {
    const mark = signature(wanted);
    // Under two names the server takes it only once.
    if (seen.has(mark)) continue;
    seen.add(mark);
    const named = current.find((index) => index['name'] === wanted.name);
    // One whose name another is to have does not stay, though it is what is wanted here.
    const isToStay = (index: Document): boolean => (markOf.get(nameOf(index)) ?? mark) === mark;
    const candidates = [...(named === undefined ? [] : [named]), ...current].filter(isToStay);
    const alike = candidates.find((index) => signature(index) === mark);
    // The server takes no second one of its key: another time is set on the one that is there, whatever it is called.
    const found = alike ?? candidates.find((index) => differsInSeconds(index, wanted));
    if (found === undefined) {
      missing.push(wanted);
      continue;
    }
    used.add(found);
    if (found !== alike) findings.add(expiry(subject, found, wanted));
    unhide(subject, found);
  }
  for (const wanted of missing) {
    const inTheWay = current.filter((index) => !used.has(index) && stands(index, wanted));
    const replaced = inTheWay.filter((index) => markOf.has(nameOf(index)) || isOwn(subject, index));
    for (const index of replaced) used.add(index);
    const warnings = await duplicates(subject, wanted, fields);
    findings.add(made(subject, wanted, replaced, [...warnings, ...blocked(inTheWay, replaced)]));
  }
  for (const index of current) if (!used.has(index)) stranger(subject, index);
}

/** Whether the server would refuse `wanted` beside the other. */
function stands(index: Document, wanted: IndexSpec): boolean {
  if (index['name'] === wanted.name) return true;
  if (wanted['weights'] !== undefined) return index['weights'] !== undefined;
  const kind = (each: Document): string =>
    canonical([orderedParts(each), each['unique'] === true, each['partialFilterExpression'] ?? null]);
  return index['weights'] === undefined && kind(index) === kind(wanted);
}

function made(
  { names: { collection } }: IndexSubject,
  wanted: IndexSpec,
  replaced: readonly Document[],
  warnings: readonly Warning[],
): Parameters<Subject['findings']['add']>[0] {
  const old = replaced.map((index) => dropped(collection, index));
  const slow =
    'A name is had by one index only, so that the old one goes first: what used it is slow, or refused where it cannot do without, until the new one is built.';
  return {
    action: replaced.length > 0 ? 'alter' : 'create',
    what: `index ${wanted.name}`,
    up: [...old.flatMap(({ up }) => up), { createIndexes: collection, indexes: [wanted] }],
    down: [{ dropIndexes: collection, index: wanted.name }, ...old.flatMap(({ down }) => down)],
    warnings: replaced.length > 0 ? [warning('breaks-readers', slow), ...warnings] : warnings,
  };
}

/** Hidden first: a query that cannot do without it is seen while it could still come back at once. */
function dropped(collection: string, index: Document): { readonly up: Document[]; readonly down: Document[] } {
  const { v: _, ...spec } = index;
  const hide = { collMod: collection, index: { name: index['name'], hidden: true } };
  return {
    up: [...(index['hidden'] === true ? [] : [hide]), { dropIndexes: collection, index: index['name'] }],
    down: [{ createIndexes: collection, indexes: [spec] }],
  };
}

function expiry(
  { names: { collection } }: IndexSubject,
  index: Document,
  wanted: IndexSpec,
): Parameters<Subject['findings']['add']>[0] {
  const name = index['name'];
  const [before, after] = [index['expireAfterSeconds'], wanted['expireAfterSeconds']];
  const sooner = Number(after) < Number(before);
  return {
    action: 'alter',
    what: `index ${nameOf(index)}`,
    up: [{ collMod: collection, index: { name, expireAfterSeconds: after } }],
    down: [{ collMod: collection, index: { name, expireAfterSeconds: before } }],
    warnings: sooner
      ? [
          warning(
            'destroys',
            `Documents go after ${after} seconds instead of ${before}: those that are older go at once.`,
          ),
        ]
      : [],
  };
}

function unhide({ names: { collection }, findings }: IndexSubject, index: Document): void {
  if (index['hidden'] !== true) return;
  const change = (hidden: boolean): Document => ({ collMod: collection, index: { name: index['name'], hidden } });
  findings.add({ action: 'alter', what: `index ${nameOf(index)}`, up: [change(false)], down: [change(true)] });
}

function blocked(inTheWay: readonly Document[], replaced: readonly Document[]): readonly Warning[] {
  const foreign = inTheWay.filter((index) => !replaced.includes(index)).map(nameOf);
  if (foreign.length === 0) return [];
  return [
    warning('may-fail', `The server takes no other beside ${listed(foreign)}, which is not ours: let it go first.`),
  ];
}

/** What no entity asks for. Only what was ours is taken away, and only where that is asked for. */
function stranger(subject: IndexSubject, index: Document): void {
  const { names, drop, findings } = subject;
  const ours = isOwn(subject, index);
  if (ours && drop) {
    findings.add({ action: 'drop', what: `index ${nameOf(index)}`, ...dropped(names.collection, index) });
    return;
  }
  const effects = [
    ...(index['unique'] === true ? ['It refuses documents that are equal in what it is about'] : []),
    ...(index['expireAfterSeconds'] === undefined ? [] : ['It takes documents away when their time has come']),
  ].map((each) => `. ${each}`);
  const advice = ours ? '; `drop` takes it away' : '';
  findings.foreign.push(
    `Index ${nameOf(index)} of ${names.collection} belongs to no entity${effects.join('')}${advice}.`,
  );
}

function isOwn(subject: IndexSubject, index: Document): boolean {
  return isOurs(index, subject.names, tablesOf(subject));
}

/** What the collection is called and was. */
function tablesOf({ names, renames, live }: IndexSubject): readonly string[] {
  const before = [renames.from, live?.name ?? null].flatMap((name) =>
    name === null ? [] : [name.replace(/^[^.]*\./, '')],
  );
  return [...new Set([names.entity.table, ...before])];
}

function nameOf(index: Document): string {
  return String(index['name']);
}
