import { canonical } from './canonical.js';
import type { Document } from './client.js';
import type { IndexSpec } from './indexes.js';

/** What makes two indexes the same one, as the server tells it or as we ask for it. */
export function signature(index: Document | IndexSpec): string {
  return JSON.stringify([...signatureOfKey(index), secondsOf(index), index['default_language'] ?? null]);
}

/** Whether the time after which documents go is all that differs. */
export function differsInSeconds(one: Document, other: Document): boolean {
  if (secondsOf(one) === null || secondsOf(other) === null || secondsOf(one) === secondsOf(other)) return false;
  return signature({ ...one, expireAfterSeconds: 0 }) === signature({ ...other, expireAfterSeconds: 0 });
}

/** Of two indexes that have one of these in common the server takes only one, whatever they are called. */
function signatureOfKey(index: Document): readonly unknown[] {
  const weights = index['weights'] as Document | undefined;
  return [
    orderedParts(index),
    weights === undefined ? null : canonical(weights),
    index['unique'] === true,
    canonical(index['partialFilterExpression'] ?? null),
  ];
}

/** The fields of a key with their directions, in their order. The server replaces the texts of a key by fields of its own; the weights name them. */
export function orderedParts(index: Document): readonly (readonly [path: string, direction: string])[] {
  return Object.entries(index['key'] as Document)
    .filter(([name, value]) => value !== 'text' && name !== '_fts' && name !== '_ftsx')
    .map(([name, value]) => [name, canonical(value)]);
}

function secondsOf(index: Document): number | null {
  return index['expireAfterSeconds'] === undefined ? null : Number(index['expireAfterSeconds']);
}

/** The validator of a collection by its options; null where it has none. */
export function validatorIn(options: Document): Document | null {
  const validator = options['validator'] as Document | undefined;
  return validator === undefined || Object.keys(validator).length === 0 ? null : validator;
}
