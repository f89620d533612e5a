import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { CacheCodec } from './codec.js';

/** The bytes of a value. */
export interface Body {
  readonly bytes: Uint8Array | string;
  readonly isCompressed: boolean;
}

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

/** @throws TypeError for a value that the codec cannot store */
export async function bodyOf(value: unknown, codec: CacheCodec, compressOver: number): Promise<Body> {
  const bytes = codec.encode(value);
  const size = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength;
  if (size <= compressOver) return { bytes, isCompressed: false };
  return { bytes: await compress(bytes), isCompressed: true };
}

/** At once, or where it has to be expanded a promise. @throws for bytes that the codec cannot read, or rejects */
export function valueIn({ bytes, isCompressed }: Body, codec: CacheCodec): unknown {
  return isCompressed ? expanded(bytes, codec) : codec.decode(bufferOf(bytes));
}

async function expanded(bytes: Body['bytes'], codec: CacheCodec): Promise<unknown> {
  return codec.decode(await expand(bytes));
}

function bufferOf(bytes: Body['bytes']): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes as Uint8Array);
}
