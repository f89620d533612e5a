import { expected } from '../../core/engine-options.js';

/** What all factories of a run have in common. */
export interface SeriesOptions {
  /** What keys and random numbers are made of: another seed makes other rows. @default 1 */
  readonly seed?: number | string | undefined;
  /** The moment that all others are counted from. @default the beginning of 2026, UTC */
  readonly base?: Date | undefined;
}

/** Options of a factory that are its own. */
export interface OwnFactoryOptions<Key> {
  /** Tells factories of one entity apart: two of one series make the same keys. @default the name of the entity */
  readonly series?: string | undefined;
  /** Makes the key of a row, the same one for the same number. @default a key made of the seed, the series and the number */
  readonly key?: ((number: number) => Key) | undefined;
}

/** Options of `factory()`. */
export interface FactoryOptions<Key> extends SeriesOptions, OwnFactoryOptions<Key> {}

/** The defaults of `FactoryOptions`. */
export const FACTORY_DEFAULTS: { readonly seed: number; readonly base: Date } = Object.freeze({
  seed: 1,
  base: new Date('2026-01-01T00:00:00.000Z'),
});

/** @throws TypeError for what is no seed */
export function checkSeed(seed: unknown): number | string {
  if ((typeof seed === 'number' && Number.isFinite(seed)) || (typeof seed === 'string' && seed !== '')) return seed;
  throw expected('seed', 'a number or a text', seed);
}

/** @throws TypeError for what is no moment that a database keeps */
export function checkBase(base: unknown): Date {
  if (base instanceof Date && base.getUTCFullYear() >= 1 && base.getUTCFullYear() < 9_900) return new Date(base);
  throw expected('base', 'a Date of the years 1 to 9899', base);
}
