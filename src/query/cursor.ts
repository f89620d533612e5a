import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { EntityModel, FieldModel, StoredRow, Value } from '../schema/model.js';
import { parserOf } from '../schema/parse.js';
import { valueAt } from '../schema/value-at.js';
import { canonicalDecimal } from '../util/decimal.js';
import { isWellFormed } from '../util/text.js';
import type { OrderTerm } from './command.js';
import { microsOf, withMicros } from './exact-time.js';
import { shapeOfOrder } from './order.js';
import { END } from './parsing.js';

/** What a cursor is signed with. */
export type CursorKey = string | Uint8Array;

const LEAST_KEY_BYTES = 16;

/**
 * Makes and reads the cursors of one entity: base64url of the entity's and the order's mark and of the position's values,
 * and behind a dot the signature, where there is a key. Cursors are encoded, not encrypted.
 */
export class Cursors {
  readonly #entity: EntityModel;
  readonly #key: CursorKey | undefined;

  constructor(entity: EntityModel, key: CursorKey | undefined) {
    const bytes = typeof key === 'string' ? Buffer.byteLength(key) : key instanceof Uint8Array ? key.length : 0;
    if (key !== undefined && bytes < LEAST_KEY_BYTES)
      throw new TypeError(`\`cursorKey\` must be a text or a Uint8Array of at least ${LEAST_KEY_BYTES} bytes`);
    this.#entity = entity;
    this.#key = key;
  }

  /** The cursor of a stored row in an order. */
  encode(row: StoredRow, terms: readonly OrderTerm[]): string {
    const values = terms.map(({ field }) => plain(field, valueAt(row, field)));
    const body = Buffer.from(JSON.stringify([this.#mark(terms), ...values])).toString('base64url');
    return this.#key === undefined ? body : `${body}.${sign(body, this.#key)}`;
  }

  /** The values of a cursor, one for each term; null when it is no cursor of this order, or its signature is wrong. */
  decode(cursor: string, terms: readonly OrderTerm[]): readonly Value[] | null {
    const body = this.#body(cursor);
    if (body === null) return null;
    const bytes = Buffer.from(body, 'base64url');
    // Decoding is lenient: what it skips would make one position of many texts.
    if (bytes.toString('base64url') !== body) return null;
    let parts: unknown;
    try {
      parts = JSON.parse(bytes.toString());
    } catch {
      return null;
    }
    if (!Array.isArray(parts) || parts.length !== terms.length + 1 || parts[0] !== this.#mark(terms)) return null;
    const values: Value[] = [];
    for (const [i, { field }] of terms.entries()) {
      const value = canonical(field, parts[i + 1]);
      if (value === undefined) return null;
      values.push(value);
    }
    return values;
  }

  #body(cursor: string): string | null {
    if (this.#key === undefined) return cursor;
    const dot = cursor.lastIndexOf('.');
    const body = cursor.slice(0, Math.max(dot, 0));
    const expected = Buffer.from(sign(body, this.#key));
    const given = Buffer.from(cursor.slice(dot + 1));
    return expected.length === given.length && timingSafeEqual(expected, given) ? body : null;
  }

  #mark(terms: readonly OrderTerm[]): string {
    const text = `trivet cursor 1${END}${this.#entity.name}${END}${shapeOfOrder(terms)}`;
    return createHash('sha256').update(text).digest('base64url').slice(0, 12);
  }
}

function sign(body: string, key: CursorKey): string {
  return createHmac('sha256', key).update(`trivet cursor${END}${body}`).digest('base64url');
}

/** What JSON keeps of a value without loss. */
function plain({ kind }: FieldModel, value: Value): unknown {
  if (value === null) return null;
  if (kind === 'timestamp') return plainTime(value as Date);
  // JSON would make null of a number that is not finite: as text it is refused when it comes back.
  if (kind === 'bigint' || (kind === 'real' && !Number.isFinite(value))) return String(value);
  return value;
}

/** Milliseconds; where there are microseconds as text, `1700000000123+456`: as one number they would not be exact. */
function plainTime(date: Date): number | string {
  const micros = microsOf(date);
  return micros === 0 ? date.getTime() : `${date.getTime()}+${String(micros).padStart(3, '0')}`;
}

function exactTime(field: FieldModel, value: unknown): Value | undefined {
  if (typeof value === 'number') return checked(field, new Date(value));
  // Neither lists nor objects are made texts of: they may be deeper than the stack, and say of themselves how.
  if (typeof value !== 'string') return undefined;
  const [, milliseconds, micros] = /^(-?\d{1,15})\+(\d{3})$/.exec(value) ?? [];
  if (milliseconds === undefined || micros === '000') return undefined;
  const date = checked(field, new Date(Number(milliseconds)));
  return date === undefined ? undefined : withMicros(date as Date, Number(micros));
}

/** The canonical value, or undefined when it is none of the field's kind: whoever has no key can write what they like. */
function canonical(field: FieldModel, value: unknown): Value | undefined {
  if (value === null) return field.nullable ? null : undefined;
  switch (field.kind) {
    // What others stored need not be a choice, and a transform would move the position.
    case 'text':
    case 'enum':
      return typeof value === 'string' && isWellFormed(value) ? value : undefined;
    case 'decimal':
      // One that an increment made may have more digits than a draft.
      return typeof value === 'string' && canonicalDecimal(value) === value ? value : undefined;
    case 'bigint':
      return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? checked(field, BigInt(value)) : undefined;
    case 'timestamp':
      return exactTime(field, value);
    default:
      return checked(field, value);
  }
}

function checked(field: FieldModel, value: unknown): Value | undefined {
  const issues: { path: string; message: string }[] = [];
  const found = parserOf(field).operand(value, field.path, issues);
  return issues.length === 0 ? found : undefined;
}
