import { foldAscii } from './text.js';

/**
 * What ends a word, in ranges of hexadecimal numbers: spaces, most punctuation and many symbols. It is what MongoDB's text index splits at;
 * the other engines have to take the words that it has.
 */
const ENDS =
  '9-d 20-2f 3a-40 5b-5e 60 7b-7e 85 a0-a7 a9 ab-ae b0-b1 b6 bb bf d7 f7 37e 387 589-58a 5be 5c3 60c 61b 61f 6d4 700-70a 70c ' +
  '7f8-7f9 830-83e 85e 964-965 e5a-e5b f08 f0d-f12 104a-104b 1361-1368 1400 166d-166e 1680 16eb-16ed 1735-1736 17d4-17d6 17da ' +
  '1802-1806 1808-1809 1944-1945 1aa8-1aab 1b5a-1b5b 1b5d-1b5f 1c3b-1c3f 1c7e-1c7f 2000-200a 2010-2029 202f-203e 2041-2053 ' +
  '2055-205f 207b 208b 2190-245f 2500-2775 2794-2bff 2e00-2e7f 3000-3003 3008-3020 3030 30a0 30fb a4fe-a4ff a60d-a60f a6f3-a6f7 ' +
  'a876-a877 a8ce-a8cf a92f a9c7-a9c9 aa5d-aa5f aadf aaf0-aaf1 abeb fd3e-fd3f fe31-fe32 fe41-fe46 fe50-fe52 fe54-fe58 fe63 ' +
  'ff01-ff02 ff07 ff0c-ff0e ff1a-ff1b ff1f ff61-ff65 1039f 103d0 10857 1091f 10a56-10a57 10af0-10af5 10b3a-10b3f 10b99-10b9c ' +
  '11047-1104d 110be-110c1 11141-11143 111c5-111c6 111cd 111de-111df 11238-1123c 112a9 115c2-115c5 115c9-115d7 11641-11642 ' +
  '1173c-1173e 12470-12474 16a6e-16a6f 16af5 16b37-16b39 16b44 1bc9f 1da87-1da8a';

/** What ends a word, as the inside of a regular expression's class. `write` gives a code point of its hexadecimal digits. */
export function wordEnds(write: (hex: string) => string): string {
  return ENDS.split(' ')
    .map((range) =>
      range
        .split('-')
        .map((hex) => write(hex))
        .join('-'),
    )
    .join('');
}

/** Letters of one script, and what each folds to. */
export interface Folding {
  readonly from: string;
  readonly to: string;
}

/** Ranges of capital letters beyond ASCII. Their pairs are settled in Unicode, so that what one version stored the next one finds. */
const CAPITALS: readonly (readonly (readonly [first: number, last: number])[])[] = [
  // Latin of Europe, then of Vietnam
  [
    [0xc0, 0x17e],
    [0x1a0, 0x1b0],
    [0x218, 0x21b],
  ],
  [[0x1e9e, 0x1efe]],
  // Greek
  [[0x386, 0x3ab]],
  // Cyrillic, then that of other languages than the Slavic ones
  [[0x400, 0x42f]],
  [[0x460, 0x52f]],
];

/** The capital letters that fold, each to one letter, by script; the last sigma folds to the other one. A-Z is not among them. */
export const FOLDINGS: readonly Folding[] = CAPITALS.map((ranges) => {
  const pairs: [string, string][] = [];
  for (const [first, last] of ranges) {
    for (let point = first; point <= last; point++) {
      const letter = String.fromCodePoint(point);
      const small = letter === 'ς' ? 'σ' : letter.toLowerCase();
      if (small !== letter && small.length === 1) pairs.push([letter, small]);
    }
  }
  if (ranges[0]![0] === 0x386) pairs.push(['ς', 'σ']);
  return { from: pairs.map(([letter]) => letter).join(''), to: pairs.map(([, small]) => small).join('') };
});

const FOLDED: ReadonlyMap<string, string> = new Map(
  FOLDINGS.flatMap(({ from, to }) => Array.from(from, (letter, i) => [letter, to[i]!] as const)),
);

/** The letters that fold to a letter, itself included. */
export function variantsOf(letter: string): string {
  let variants = letter;
  if (/^[a-z]$/.test(letter)) variants += letter.toUpperCase();
  for (const [capital, small] of FOLDED) if (small === letter) variants += capital;
  return variants;
}

const BEYOND_ASCII = /[\u00c0-\u1efe]/g;
const END = new RegExp(`[${wordEnds((hex) => `\\u{${hex}}`)}]+`, 'u');

/** The words of a text, folded, in their order. */
export function wordsOf(text: string): string[] {
  const folded = foldAscii(text).replace(BEYOND_ASCII, (letter) => FOLDED.get(letter) ?? letter);
  return folded.split(END).filter((word) => word !== '');
}

/** Words as a text that holds another such text exactly where its words hold those of the other, one behind the other. */
export function spaced(words: readonly string[]): string {
  return ` ${words.join(' ')} `;
}
