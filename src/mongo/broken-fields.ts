import { readDocument, toBuffer } from './bson.js';
import type { Document } from './client.js';
import type { Names } from './names.js';

/** The fields in which a document broke the validator of its collection, by the server's account of it. */
export function brokenFields(response: Document, names: Names | null): string[] {
  const info = response['errInfo'];
  const plain = info instanceof Uint8Array ? readDocument(toBuffer(info), 0) : info;
  const paths = new Set<string>();
  collect((plain as { readonly details?: unknown } | undefined)?.details, '', paths);
  return [...paths].map((path) => names?.back(path) ?? path);
}

/** Walks the server's account of a `$jsonSchema` that did not hold. */
function collect(rule: unknown, prefix: string, paths: Set<string>): void {
  if (typeof rule !== 'object' || rule === null) return;
  const { schemaRulesNotSatisfied, propertiesNotSatisfied, missingProperties } = rule as Record<string, unknown>;
  for (const each of listOf(schemaRulesNotSatisfied)) collect(each, prefix, paths);
  for (const each of listOf(missingProperties)) paths.add(prefix + String(each));
  for (const each of listOf(propertiesNotSatisfied)) {
    const { propertyName, details } = each as { readonly propertyName: string; readonly details: unknown };
    const before = paths.size;
    for (const detail of listOf(details)) collect(detail, `${prefix}${propertyName}.`, paths);
    if (paths.size === before) paths.add(prefix + propertyName);
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
