import type { FieldSpec } from '../../schema/builder.js';
import { hex, uuidOf } from './key.js';
import { makeBigint, makeDecimal, makeInteger, makeReal } from './maker-numbers.js';
import { makeEmail, makeText, makeUrl } from './maker-texts.js';
import type { Make, Maker, Making } from './making.js';
import type { Random } from './random.js';

const OWN_RULES = 'has rules of its own, which do not say how such a value looks';
const FEW = 'must be different in each row, and there are only few values';
const YEAR = 365 * 86_400_000;
const FIRST_MOMENT = -62_135_596_800_000;
const LAST_MOMENT = 253_402_300_799_999;

function refusal(refuses: string): Maker {
  return { refuses };
}

/** `distinct`: no two rows may have the same value. */
export function makerOf(spec: FieldSpec, distinct: boolean): Maker {
  if (spec.references !== null) return refusal(`refers to \`${spec.references.entity}\`: take a key of its factory`);
  const names = spec.rules.map(({ name }) => name);
  const form = spec.kind === 'text' ? names.find((name) => name === 'email' || name === 'url') : undefined;
  if (names.some((name) => name !== 'min' && name !== 'max' && name !== form)) return refusal(OWN_RULES);
  switch (spec.kind) {
    case 'text':
      return form === 'email' ? makeEmail(spec) : form === 'url' ? makeUrl(spec) : makeText(spec, distinct);
    case 'integer':
      return made(makeInteger(spec, distinct));
    case 'real':
      return made(makeReal(spec, distinct));
    case 'bigint':
      return made(makeBigint(spec, distinct));
    case 'decimal':
      return made(makeDecimal(spec, distinct));
    case 'uuid':
      return made(({ random }) => uuidOf(bytes(random)));
    case 'objectId':
      return made(({ random }) => hex(bytes(random)).slice(0, 24));
    case 'enum':
      return distinct ? refusal(FEW) : made(({ random }) => random.pick(spec.values!));
    case 'boolean':
      return distinct ? refusal(FEW) : made(({ random }) => random.chance(0.5));
    case 'timestamp':
      return made(makeMoment(spec, distinct));
    case 'date':
      return made(makeDay(distinct));
    case 'binary':
      return made(({ random }) => bytes(random));
    case 'geoPoint':
      return made(makePoint);
    case 'json':
      return spec.schema === null ? made(() => ({})) : refusal(OWN_RULES);
    case 'list':
      return makeList(spec);
    case 'object':
      return makeObject(spec.fields!);
  }
}

function made(make: Make): Maker {
  return { make };
}

function bytes(random: Random): Uint8Array {
  const words = Uint32Array.from({ length: 4 }, () => random.bits());
  const view = new DataView(new ArrayBuffer(16));
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
  return new Uint8Array(view.buffer);
}

/** From the base on for a year, or as the bounds have it. */
function makeMoment({ bounds }: FieldSpec, distinct: boolean): Make {
  const [min, max] = [bounds.min, bounds.max].map((bound) => (bound as Date | undefined)?.getTime());
  return ({ random, number, base }) => {
    const start = base.getTime();
    const low = min ?? (max === undefined || start <= max ? start : Math.max(max - YEAR, FIRST_MOMENT));
    const high = max ?? Math.min(low + YEAR, LAST_MOMENT);
    return new Date(distinct ? low + number : random.between(low, high));
  };
}

function makeDay(distinct: boolean): Make {
  return ({ random, number, base }) => {
    const days = distinct ? number : random.below(365);
    return new Date(Math.min(base.getTime() + days * 86_400_000, LAST_MOMENT)).toISOString().slice(0, 10);
  };
}

function makePoint({ random }: Making): unknown {
  const degrees = (most: number): number => random.between(-most * 10_000, most * 10_000) / 10_000;
  return { type: 'Point', coordinates: [degrees(180), degrees(90)] };
}

function makeList({ item, bounds }: FieldSpec): Maker {
  const least = (bounds.min as number | undefined) ?? 0;
  const most = Math.min((bounds.max as number | undefined) ?? least + 3, least + 3);
  const inner = makerOf(item!, false);
  if ('refuses' in inner) return least === 0 ? made(() => []) : inner;
  return made((making) => Array.from({ length: making.random.between(least, most) }, () => inner.make(making)));
}

/** What has a default or may be missing is left to the entity. */
function makeObject(fields: Readonly<Record<string, FieldSpec>>): Maker {
  const makers: [string, Make][] = [];
  for (const [name, spec] of Object.entries(fields)) {
    if (spec.optional || (spec.fallback !== null && spec.fallback.kind !== 'call')) continue;
    const maker = makerOf(spec, false);
    if ('make' in maker) makers.push([name, maker.make]);
    else if (spec.fallback === null) return refusal(`has \`${name}\`, which ${maker.refuses}`);
  }
  return made((making) => Object.fromEntries(makers.map(([name, make]) => [name, make(making)])));
}
