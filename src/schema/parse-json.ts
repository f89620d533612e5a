import type { Issue } from '../errors/data.js';
import { isWellFormed } from '../util/text.js';

/** Deepest nesting of a JSON value: MongoDB ends at 100 levels, some of which the document itself needs. */
const MAX_JSON_DEPTH = 90;
/** Most values in one JSON value. It ends the copy of a structure whose shared parts multiply (`b = [a, a]`, `c = [b, b]`...). */
const MAX_JSON_VALUES = 1_000_000;

/** Keys that change an object's prototype, or that code which merges objects trips over. */
export function isUnsafeKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/** What a failed copy gives. */
const FAILED: unique symbol = Symbol('failed');

interface Walk {
  left: number;
  path: string;
  message: string;
  /** What a schema gives may hold undefined where it means nothing: such keys are left out, as `JSON.stringify` does. */
  readonly lenient: boolean;
}

/**
 * A copy of a plain JSON value. Adds an issue and gives undefined at the first thing that JSON cannot say: a cycle ends at
 * the greatest depth.
 */
export function copyJson(value: unknown, issues: Issue[], lenient = false): unknown {
  const walk: Walk = { left: MAX_JSON_VALUES, path: '', message: '', lenient };
  const copy = copyValue(value, walk, 0);
  if (copy !== FAILED) return copy;
  issues.push({ path: walk.path, message: walk.message });
  return undefined;
}

function fail(walk: Walk, message: string): typeof FAILED {
  walk.message = message;
  return FAILED;
}

function copyValue(value: unknown, walk: Walk, depth: number): unknown {
  if (--walk.left < 0) return fail(walk, `must hold at most ${MAX_JSON_VALUES} values`);
  switch (typeof value) {
    case 'string':
      return isWellFormed(value) ? value : fail(walk, 'must be well-formed text without NUL');
    case 'number':
      return Number.isFinite(value) ? value + 0 : fail(walk, 'must be a finite number');
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (depth >= MAX_JSON_DEPTH) return fail(walk, `must be nested at most ${MAX_JSON_DEPTH} levels deep`);
      if (Array.isArray(value)) return copyList(value, walk, depth);
      if (isPlain(value)) return copyObject(value as Record<string, unknown>, walk, depth);
      return fail(walk, 'must be plain JSON: text, number, true, false, null, list or plain object');
    default:
      return fail(walk, 'must be plain JSON: text, number, true, false, null, list or plain object');
  }
}

function copyList(list: readonly unknown[], walk: Walk, depth: number): unknown {
  const copy: unknown[] = [];
  for (let i = 0; i < list.length; i++) {
    const item = copyValue(list[i], walk, depth + 1);
    if (item === FAILED) {
      prepend(walk, `[${i}]`);
      return FAILED;
    }
    copy.push(item);
  }
  return copy;
}

function copyObject(source: Record<string, unknown>, walk: Walk, depth: number): unknown {
  const copy: Record<string, unknown> = {};
  if (Object.getOwnPropertySymbols(source).length > 0) return fail(walk, 'must not have symbols as keys');
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value === undefined && walk.lenient) continue;
    if (isUnsafeKey(key) || !isWellFormed(key)) {
      return fail(walk, 'must not have `__proto__`, `constructor`, `prototype` or ill-formed text as keys');
    }
    const item = copyValue(value, walk, depth + 1);
    if (item === FAILED) {
      prepend(walk, key.slice(0, 60));
      return FAILED;
    }
    copy[key] = item;
  }
  return copy;
}

function prepend(walk: Walk, segment: string): void {
  const dot = walk.path === '' || walk.path.startsWith('[') ? '' : '.';
  walk.path = `${segment}${dot}${walk.path}`;
}

/** Whether the object comes from a literal or from JSON, in whatever realm: its prototype is none, or one at the root. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}
