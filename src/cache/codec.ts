import { typeName } from '../util/describe.js';

/** How values become bytes. An entry that it cannot read is a miss. */
export interface CacheCodec {
  /** @throws for a value that it cannot store */
  encode(value: unknown): Uint8Array | string;
  decode(bytes: Buffer): unknown;
}

// First byte: whether anything in it is more than JSON. Most values are not, and are read by `JSON.parse` alone.
const PLAIN = 'j';
const TAGGED = 't';
/** The only key of an object that stands for something else. */
const MARK = '\u0000';

/** JSON, with what it has not: `Date`, `bigint`, `Map`, `Set`, bytes, `undefined` in lists, and numbers that are no number or without end. */
export const jsonCodec: CacheCodec = Object.freeze({
  encode(value: unknown): string {
    const state: State = { isTagged: false, path: [] };
    const simple = simplified(value, state);
    return (state.isTagged ? TAGGED : PLAIN) + JSON.stringify(simple);
  },
  decode(bytes: Buffer): unknown {
    const text = bytes.toString('utf8', 1);
    const kind = String.fromCharCode(bytes[0] ?? 0);
    if (kind !== PLAIN && kind !== TAGGED) throw new TypeError('Expected an entry of this codec');
    const parsed: unknown = JSON.parse(text);
    // Written by hand into the store, it would reach prototypes by way of `Object.assign`.
    return kind === TAGGED || text.includes('__proto__') || text.includes('\\u00') ? restored(parsed) : parsed;
  },
});

interface State {
  isTagged: boolean;
  readonly path: object[];
}

function simplified(value: unknown, state: State): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : marked(state, 'number', String(Object.is(value, -0) ? '-0' : value));
    case 'bigint':
      return marked(state, 'bigint', String(value));
    case 'undefined':
      return marked(state, 'undefined', 0);
    case 'object':
      return value === null ? null : simplifiedObject(value, state);
    default:
      throw new TypeError(`Expected a value that can be stored, got ${typeName(value)}`);
  }
}

function simplifiedObject(value: object, state: State): unknown {
  if (state.path.includes(value))
    throw new TypeError('Expected a value that can be stored, got one that contains itself');
  state.path.push(value);
  const simple = simplifiedInside(value, state);
  state.path.pop();
  return simple;
}

function simplifiedInside(value: object, state: State): unknown {
  if (Array.isArray(value)) {
    // `map` would leave holes.
    return Array.from(value, (each) => simplified(each, state));
  }
  if (value instanceof Date) return marked(state, 'date', Number.isNaN(value.getTime()) ? null : value.getTime());
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => [simplified(key, state), simplified(each, state)]);
    return marked(state, 'map', entries);
  }
  if (value instanceof Set)
    return marked(
      state,
      'set',
      [...value].map((each) => simplified(each, state)),
    );
  if (value instanceof Uint8Array)
    return marked(state, Buffer.isBuffer(value) ? 'buffer' : 'bytes', Buffer.from(value).toString('base64'));
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') return simplified((toJSON as () => unknown).call(value), state);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !isRecord(value))
    throw new TypeError(`Expected a value that can be stored, got ${typeName(value)}`);
  const simple: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const each = (value as Record<string, unknown>)[key];
    // As JSON does it: the key is not there.
    if (each === undefined || key === '__proto__') continue;
    simple[key] = simplified(each, state);
  }
  return MARK in simple ? marked(state, 'object', Object.entries(simple)) : simple;
}

const NO_RECORDS: readonly Function[] = [Promise, WeakMap, WeakSet, WeakRef, Error, RegExp, ArrayBuffer];

/** Objects of a class are stored as their own fields, unless these are not what they are. */
function isRecord(value: object): boolean {
  return !NO_RECORDS.some((each) => value instanceof each) && !ArrayBuffer.isView(value);
}

function marked(state: State, kind: string, content: unknown): object {
  state.isTagged = true;
  return { [MARK]: [kind, content] };
}

function restored(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = restored(value[i]);
    return value;
  }
  if (MARK in value) return restoredMark((value as { readonly [MARK]: readonly [string, unknown] })[MARK]);
  const object = value as Record<string, unknown>;
  Reflect.deleteProperty(object, '__proto__');
  for (const key of Object.keys(object)) object[key] = restored(object[key]);
  return object;
}

function restoredMark([kind, content]: readonly [string, unknown]): unknown {
  switch (kind) {
    case 'number':
      return Number(content);
    case 'bigint':
      return BigInt(content as string);
    case 'undefined':
      return undefined;
    case 'date':
      return new Date(content === null ? Number.NaN : (content as number));
    case 'map':
      return new Map((restored(content) as [unknown, unknown][]).map(([key, each]) => [key, each]));
    case 'set':
      return new Set(restored(content) as unknown[]);
    case 'buffer':
      return Buffer.from(content as string, 'base64');
    case 'bytes':
      return new Uint8Array(Buffer.from(content as string, 'base64'));
    case 'object':
      return Object.fromEntries(
        (content as [string, unknown][]).flatMap(([key, each]) => (key === '__proto__' ? [] : [[key, restored(each)]])),
      );
    default:
      throw new TypeError(`Expected a kind of value that is known, got \`${kind}\``);
  }
}
