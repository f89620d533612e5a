import type { FieldSpec } from '../../schema/builder.js';
import type { Maker, Making } from './making.js';
import type { Random } from './random.js';

/** Words that mean nothing to nobody. */
const WORDS: readonly string[] = (
  'amber anchor autumn basil beacon birch breeze bridge candle canyon cedar cobalt copper coral cotton cricket dawn delta ' +
  'ember fern field flint forest garden ginger glacier harbor hazel heron hollow indigo island ivory jasmine juniper kettle ' +
  'lagoon lantern lemon linen maple meadow mellow mint north oak ocean olive orchard paper pebble pepper pine plain quartz ' +
  'quiet raven reed river saffron sage salt shadow silver slate snow spring stone storm summer thistle timber valley velvet ' +
  'violet walnut willow winter yarrow'
).split(' ');

/** How long a text is that says nothing of its length. */
const LENGTH = 40;
const LONGEST_LOCAL = 64;
const DOMAIN = '@example.org';
const SITE = 'https://example.org/';

/** Words, as many as fit. A text that must be different ends in the number of its row. */
export function makeText({ bounds }: FieldSpec, distinct: boolean): Maker {
  const least = (bounds.min as number | undefined) ?? 1;
  const most = (bounds.max as number | undefined) ?? Math.max(least, LENGTH);
  return {
    make: ({ random, number }: Making) => {
      const end = distinct ? String(number + 1) : '';
      const length = random.between(Math.min(least, most), Math.max(Math.min(most, Math.max(least, LENGTH)), least));
      const room = length - end.length;
      // The number alone where there is no room for more: what is longer than the field allows is refused, not cut to the number of another row.
      return room < 2
        ? end.padStart(length, '0')
        : wordsOf(random, room - (distinct ? 1 : 0)) + (distinct ? `-${end}` : end);
    },
  };
}

/** `user17@example.org`: a domain that nobody can have (RFC 2606). */
export function makeEmail({ bounds }: FieldSpec): Maker {
  const least = (bounds.min as number | undefined) ?? 0;
  const most = (bounds.max as number | undefined) ?? 254;
  if (least > LONGEST_LOCAL + DOMAIN.length || most < DOMAIN.length + 12)
    return { refuses: 'has a length that a made address has not' };
  return {
    make: ({ number }) => `${`user${number + 1}`.padStart(least - DOMAIN.length, 'x')}${DOMAIN}`,
  };
}

export function makeUrl({ bounds }: FieldSpec): Maker {
  const least = (bounds.min as number | undefined) ?? 0;
  const most = (bounds.max as number | undefined) ?? 2_000;
  if (most < SITE.length + 10) return { refuses: 'is too short for a made address' };
  return { make: ({ number }) => SITE + String(number + 1).padStart(least - SITE.length, '0') };
}

/** Exactly so many characters, none of them a space at an end. */
function wordsOf(random: Random, length: number): string {
  let text = random.pick(WORDS);
  while (text.length < length) text += ` ${random.pick(WORDS)}`;
  return text.slice(0, length).replace(/ $/, 's');
}
