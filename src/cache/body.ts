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

/** @throws for bytes that the codec cannot read */
export async function valueIn({ bytes, isCompressed }: Body, codec: CacheCodec): Promise<unknown> {
  const plain = isCompressed ? await expand(bytes) : bytes;
  return codec.decode(Buffer.isBuffer(plain) ? plain : Buffer.from(plain as Uint8Array));
}
