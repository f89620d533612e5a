import { expected } from '../../core/engine-options.js';
import { beginningOf, Random } from './random.js';

/**
 * A number below each of the sizes, different for each `number`. All combinations are gone through by a step that has no divisor in common with their
 * count, so that none comes twice before all have come; step and start are the series' own.
 */
export function combinationOf<const S extends readonly number[]>(
  seed: number | string,
  series: string,
  number: number,
  sizes: S,
): { readonly [I in keyof S]: number } {
  if (sizes.length === 0 || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw expected('sizes', 'integers from 1', sizes);
  const total = sizes.reduce((product, size) => product * BigInt(size), 1n);
  if (BigInt(number) >= total)
    throw new TypeError(`Expected \`number\` to be below the ${total} combinations of ${sizes.join(' and ')}`);
  const random = new Random(beginningOf(seed, `${series}\0${sizes.join()}`, 0).state);
  const step = stepThrough(total, random);
  let place = (BigInt(number) * step + BigInt(random.bits())) % total;
  return sizes.map((size) => {
    const own = place % BigInt(size);
    place /= BigInt(size);
    return Number(own);
  }) as { readonly [I in keyof S]: number };
}

/** Near the golden section of the total, where neighbours lie far from each other (Knuth, TAOCP 3, section 6.4). */
function stepThrough(total: bigint, random: Random): bigint {
  let step = (total * 618n) / 1_000n + BigInt(random.below(97)) + 1n;
  while (divisor(step, total) !== 1n) step += 1n;
  return step;
}

function divisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
