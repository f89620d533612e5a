import type { BsonTypes, Document } from '../../mongo/client.js';

/** What the driver has besides, and the library itself stores nothing of. */
interface DriverTypes extends BsonTypes {
  readonly BSONRegExp: new (pattern: string, options: string) => object;
  readonly Timestamp: new (value: { readonly t: number; readonly i: number }) => object;
  readonly MinKey: new () => object;
  readonly MaxKey: new () => object;
}

type Bag = Readonly<Record<string, any>>;

const MAX_INT32 = 0x7fff_ffff;

/**
 * Values of BSON as plain data, in the notation of MongoDB Extended JSON. Numbers stay numbers where the driver makes the same of them again: whole ones of
 * 32 bits, and every other one that is a double.
 * @throws TypeError for what has no notation here, such as code
 */
export function toExtended(value: unknown): unknown {
  if (typeof value === 'number') return isPlain(value) ? value : { $numberDouble: numberText(value) };
  if (typeof value === 'bigint') return { $numberLong: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toExtended);
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof RegExp) return { $regularExpression: { pattern: value.source, options: value.flags } };
  const bag = value as Bag;
  const type: unknown = bag['_bsontype'];
  if (type === undefined)
    return Object.fromEntries(Object.entries(bag).map(([name, each]) => [name, toExtended(each)]));
  const write = WRITERS[String(type)];
  if (write === undefined) throw new TypeError(`Expected values that a migration can hold, got a ${String(type)}`);
  return write(bag);
}

const WRITERS: Readonly<Record<string, (value: Bag) => unknown>> = {
  Int32: (value) => Number(value),
  Double: (value) => {
    const number = Number(value);
    const isDouble = !Number.isInteger(number) || Math.abs(number) > MAX_INT32 + 1;
    return isDouble && isPlain(number) ? number : { $numberDouble: numberText(number) };
  },
  Long: (value) => ({ $numberLong: String(value) }),
  Decimal128: (value) => ({ $numberDecimal: String(value) }),
  ObjectId: (value) => ({ $oid: String(value) }),
  Binary: ({ buffer, position, sub_type }) => {
    const base64 = Buffer.from(buffer.subarray(0, position)).toString('base64');
    return { $binary: { base64, subType: Number(sub_type).toString(16).padStart(2, '0') } };
  },
  BSONRegExp: ({ pattern, options }) => ({ $regularExpression: { pattern, options } }),
  Timestamp: ({ t, i }) => ({ $timestamp: { t, i } }),
  MinKey: () => ({ $minKey: 1 }),
  MaxKey: () => ({ $maxKey: 1 }),
};

/** The driver writes -0 and what is no number as doubles, but JSON has neither. */
function isPlain(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The values again, as the driver takes them. Objects of any other form stay as they are: commands are full of names that begin with $. */
function fromExtended(value: unknown, bson: BsonTypes): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => fromExtended(each, bson));
  // What a caller has of BSON already is what it means.
  if (Object.hasOwn(value, '_bsontype') || '_bsontype' in value || value instanceof Date || value instanceof RegExp)
    return value;
  const entries = Object.entries(value);
  const [first] = entries;
  const read = entries.length === 1 && Object.hasOwn(READERS, first![0]) ? READERS[first![0]] : undefined;
  if (read !== undefined) return read(first![1] as never, bson as DriverTypes);
  return Object.fromEntries(entries.map(([name, each]) => [name, fromExtended(each, bson)]));
}

const READERS: Readonly<Record<string, (value: any, bson: DriverTypes) => unknown>> = {
  $numberDouble: (text: string, { Double }) => new Double(Number(text)),
  $numberLong: (text: string, { Long }) => Long.fromBigInt(BigInt(text)),
  $numberDecimal: (text: string, { Decimal128 }) => Decimal128.fromString(text),
  $date: (text: string) => new Date(text),
  $oid: (hex: string, { ObjectId }) => new ObjectId(hex),
  $binary: ({ base64, subType }: { base64: string; subType: string }, { Binary }) =>
    new Binary(Buffer.from(base64, 'base64'), Number.parseInt(subType, 16)),
  $regularExpression: ({ pattern, options }: { pattern: string; options: string }, { BSONRegExp }) =>
    new BSONRegExp(pattern, options),
  $timestamp: (value: { t: number; i: number }, { Timestamp }) => new Timestamp(value),
  $minKey: (_: 1, { MinKey }) => new MinKey(),
  $maxKey: (_: 1, { MaxKey }) => new MaxKey(),
};

/** A command as a migration file holds it, as the driver takes it. */
export function commandOf(command: Readonly<Record<string, unknown>>, bson: BsonTypes): Document {
  return Object.fromEntries(Object.entries(command).map(([name, value]) => [name, fromExtended(value, bson)]));
}
