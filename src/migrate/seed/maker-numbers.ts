import type { FieldSpec } from '../../schema/builder.js';
import { MAX_BIGINT, MIN_BIGINT } from '../../schema/numbers.js';
import { decimalDigits } from '../../util/decimal.js';
import type { Make } from './making.js';
import type { Random } from './random.js';

/** How many values a field has to choose from that says none of its bounds, or only one. */
const SPAN = 1_000;

export function makeInteger({ bounds }: FieldSpec, distinct: boolean): Make {
  const { min, max } = bounds as { readonly min?: number; readonly max?: number };
  const low = min ?? (max === undefined || max >= 0 ? 0 : Math.max(max - SPAN, Number.MIN_SAFE_INTEGER));
  const high = Math.min(max ?? low + SPAN, low + Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER);
  return ({ random, number }) => (distinct ? low + number : random.between(low, high));
}

export function makeReal({ bounds }: FieldSpec, distinct: boolean): Make {
  const { min, max } = bounds as { readonly min?: number; readonly max?: number };
  const low = min ?? (max === undefined || max >= 0 ? 0 : max - SPAN);
  const high = max ?? low + SPAN;
  return ({ random, number }) => {
    if (distinct) return low + number;
    const part = random.fraction();
    // Not by the difference, which may be beyond all numbers.
    const exact = Math.min(Math.max(low * (1 - part) + high * part, low), high);
    const rounded = Math.round(exact * 100) / 100;
    return rounded >= low && rounded <= high ? rounded : exact;
  };
}

export function makeBigint({ bounds }: FieldSpec, distinct: boolean): Make {
  const { min, max } = bounds as { readonly min?: bigint; readonly max?: bigint };
  const span = BigInt(SPAN);
  const low = min ?? (max === undefined || max >= 0n ? 0n : greater(max - span, MIN_BIGINT));
  const high = max ?? smaller(low + span, MAX_BIGINT);
  return ({ random, number }) => (distinct ? low + BigInt(number) : low + below(random, high - low + 1n));
}

/** In units of its last digit, so that nothing is rounded. */
export function makeDecimal({ bounds }: FieldSpec, distinct: boolean): Make {
  const { min, max, precision, scale } = bounds as {
    readonly min?: string;
    readonly max?: string;
    readonly precision?: number;
    readonly scale?: number;
  };
  const bounded = [min, max].filter((bound) => bound !== undefined).map((bound) => decimalDigits(bound).scale);
  const places = scale ?? Math.max(2, ...bounded);
  const one = 10n ** BigInt(places);
  const most = 10n ** BigInt(precision ?? 34) - 1n;
  const top = max === undefined ? most : smaller(units(max, places), most);
  const low = min === undefined ? (top >= 0n ? 0n : greater(top - BigInt(SPAN) * one, -most)) : units(min, places);
  const high = max === undefined ? smaller(low + BigInt(SPAN) * one, most) : top;
  return ({ random, number }) =>
    plain(distinct ? low + BigInt(number) : low + below(random, greater(high - low, 0n) + 1n), places);
}

/** A decimal as units of its last place. Digits behind that are left away: the draft is checked in the end. */
function units(decimal: string, places: number): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.slice(0, places).padEnd(places, '0'));
}

function plain(value: bigint, places: number): string {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
  const point = digits.length - places;
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${places === 0 ? '' : `.${digits.slice(point)}`}`;
}

function below(random: Random, end: bigint): bigint {
  // More bits than the range has: what is uneven is far below what anybody could count.
  let bits = 0n;
  for (let left = end; left > 0n; left >>= 32n) bits = (bits << 32n) | BigInt(random.bits());
  return ((bits << 32n) | BigInt(random.bits())) % end;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
