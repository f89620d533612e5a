import assert from 'node:assert/strict';
import { at, type ContractCase, law, matching } from './kit.js';
import { contains, endsWith, not, startsWith } from './loose.js';

const SPECIAL = [
  '%',
  '_',
  '\\',
  '.',
  '*',
  '+',
  '?',
  '^',
  '$',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '|',
  '/',
  '#',
  '-',
  "'",
  '"',
  ' ',
  '\n',
  '\t',
  ':',
  '&',
  '!',
  '<',
  '~',
  '=',
  ',',
];
const PLACES = ['note', 'detail.note', 'detail.inner.note'];
const FOLDED = { ignoreCase: true };

/** Rows labelled by their position, for texts at one path. */
function texts(path: string, values: readonly string[]): object[] {
  return values.map((value, i) => ({ label: String(i), ...at(path, value) }));
}

export const text: readonly ContractCase[] = [
  law('`contains`, `startsWith` and `endsWith` find what they say, with case', async (given) => {
    for (const path of PLACES) {
      const samples = await given.samples(...texts(path, ['abc', 'cab', 'ABC', 'b']), { label: 'none' });
      assert.equal(await matching(samples, { [path]: contains('b') }), '0 1 3');
      assert.equal(await matching(samples, { [path]: startsWith('ab') }), '0');
      assert.equal(await matching(samples, { [path]: endsWith('ab') }), '1');
      assert.equal(await matching(samples, { [path]: contains('abcd') }), '');
    }
  }),
  law('`ignoreCase` folds A-Z on both sides', async (given) => {
    for (const path of PLACES) {
      const samples = await given.samples(...texts(path, ['Stack', 'sTACK', 'a stack', 'stick']));
      assert.equal(await matching(samples, { [path]: contains('STACK', FOLDED) }), '0 1 2');
      assert.equal(await matching(samples, { [path]: startsWith('stA', FOLDED) }), '0 1');
      assert.equal(await matching(samples, { [path]: endsWith('CK', FOLDED) }), '0 1 2 3');
    }
  }),
  law(
    '`ignoreCase` folds nothing but A-Z: neither é, nor the long s, nor the Kelvin sign, nor a dotted I',
    async (given) => {
      const values = [
        's',
        'S',
        '\u017f',
        'k',
        'K',
        '\u212a',
        'é',
        'É',
        'i',
        'I',
        'İ',
        'ı',
        'ß',
        'ẞ',
        'å',
        'Å',
        '\u212b',
        'ss',
      ];
      for (const path of ['note', 'detail.note']) {
        const samples = await given.samples(...texts(path, values));
        const one = async (pattern: string) => [
          await matching(samples, { [path]: contains(pattern, FOLDED) }),
          await matching(samples, { [path]: startsWith(pattern, FOLDED) }),
          await matching(samples, { [path]: endsWith(pattern, FOLDED) }),
        ];
        assert.deepEqual(await one('S'), ['0 1 17', '0 1 17', '0 1 17']);
        assert.deepEqual(await one('\u017f'), ['2', '2', '2']);
        assert.deepEqual(await one('K'), ['3 4', '3 4', '3 4']);
        assert.deepEqual(await one('\u212a'), ['5', '5', '5']);
        assert.deepEqual(await one('É'), ['7', '7', '7']);
        assert.deepEqual(await one('i'), ['8 9', '8 9', '8 9']);
        assert.deepEqual(await one('ẞ'), ['13', '13', '13']);
        assert.deepEqual(await one('Å'), ['15', '15', '15']);
      }
    },
  ),
  law('every special character of a pattern language is literal', async (given) => {
    const values = SPECIAL.map((each) => `x${each}y`);
    const samples = await given.samples(...texts('note', values), { label: 'plain', note: 'xy' });
    for (const [i, each] of SPECIAL.entries()) {
      for (const options of [{}, FOLDED]) {
        assert.equal(await matching(samples, { note: contains(each, options) }), String(i), `contains ${each}`);
        assert.equal(
          await matching(samples, { note: startsWith(`x${each}`, options) }),
          String(i),
          `startsWith ${each}`,
        );
        assert.equal(await matching(samples, { note: endsWith(`${each}y`, options) }), String(i), `endsWith ${each}`);
      }
    }
  }),
  law('the special characters are literal inside an object, too', async (given) => {
    const samples = await given.samples(
      ...texts('detail.note', ['%a%', '_a_', '\\a\\', '.a.', 'xax', "'a'", '"a"', '{a}']),
    );
    const found = async (pattern: string) => await matching(samples, { 'detail.note': contains(pattern) });
    assert.equal(await found('%'), '0');
    assert.equal(await found('_'), '1');
    assert.equal(await found('\\'), '2');
    assert.equal(await found('.'), '3');
    assert.equal(await found("'"), '5');
    assert.equal(await found('"'), '6');
    assert.equal(await found('}'), '7');
  }),
  law('`endsWith` means the very end, also before a line break', async (given) => {
    const samples = await given.samples(...texts('note', ['a', 'a\n', 'a\r\n', 'a\na', '\na']));
    assert.equal(await matching(samples, { note: endsWith('a') }), '0 3 4');
    assert.equal(await matching(samples, { note: endsWith('A', FOLDED) }), '0 3 4');
    assert.equal(await matching(samples, { note: startsWith('a', FOLDED) }), '0 1 2 3');
    assert.equal(await matching(samples, { note: contains('a\na', FOLDED) }), '3');
  }),
  law('the empty pattern finds every row that has a text', async (given) => {
    const samples = await given.samples(...texts('note', ['', 'a']), { label: 'none' });
    for (const options of [{}, FOLDED]) {
      assert.equal(await matching(samples, { note: contains('', options) }), '0 1');
      assert.equal(await matching(samples, { note: startsWith('', options) }), '0 1');
      assert.equal(await matching(samples, { note: endsWith('', options) }), '0 1');
      assert.equal(await matching(samples, not({ note: contains('', options) })), 'none');
    }
  }),
  law('`not` of a text match also finds null', async (given) => {
    for (const path of PLACES) {
      const samples = await given.samples(...texts(path, ['ab', 'ba']), { label: 'none' });
      for (const options of [{}, FOLDED]) {
        assert.equal(await matching(samples, not({ [path]: contains('ab', options) })), '1 none');
        assert.equal(await matching(samples, not({ [path]: startsWith('b', options) })), '0 none');
        assert.equal(await matching(samples, not({ [path]: endsWith('b', options) })), '1 none');
      }
    }
  }),
  law('`startsWith` is right at the borders of Unicode', async (given) => {
    const values = [
      '\ud7ff',
      '\ud7ffa',
      '\ue000',
      '\uffff',
      '\uffffa',
      '\u{10000}',
      '\u{10ffff}',
      '\u{10ffff}\u{10ffff}',
      'a\u{10ffff}',
      'a\u{10ffff}x',
      'b',
    ];
    for (const path of ['note', 'detail.note']) {
      const samples = await given.samples(...texts(path, values));
      const found = async (prefix: string) => await matching(samples, { [path]: startsWith(prefix) });
      assert.equal(await found('\ud7ff'), '0 1');
      assert.equal(await found('\uffff'), '3 4');
      assert.equal(await found('\u{10ffff}'), '6 7');
      assert.equal(await found('a\u{10ffff}'), '8 9');
      assert.equal(await found('a'), '8 9');
      assert.equal(await matching(samples, not({ [path]: startsWith('\u{10ffff}') })), '0 1 10 2 3 4 5 8 9');
    }
  }),
  law('a character beyond the basic plane is one character: no half of it is found', async (given) => {
    const samples = await given.samples(...texts('note', ['\u{1f600}', '\u{1f601}', 'x\u{1f600}y']));
    assert.equal(await matching(samples, { note: contains('\u{1f600}') }), '0 2');
    assert.equal(await matching(samples, { note: endsWith('\u{1f600}Y', FOLDED) }), '2');
  }),
  law('composed and decomposed characters stay different', async (given) => {
    const samples = await given.samples(...texts('note', ['é', 'e\u0301']));
    assert.equal(await matching(samples, { note: contains('é') }), '0');
    assert.equal(await matching(samples, { note: 'e\u0301' }), '1');
    assert.equal(await matching(samples, { note: startsWith('e') }), '1');
  }),
  law('a pattern of 1,000 characters works, with and without case', async (given) => {
    const long = 'aK%[\u{1f600}'.repeat(200);
    const samples = await given.samples(...texts('note', [`x${long}y`, long]));
    assert.equal(await matching(samples, { note: contains(long) }), '0 1');
    assert.equal(await matching(samples, { note: startsWith(long) }), '1');
    assert.equal(await matching(samples, { note: endsWith(long.toUpperCase(), FOLDED) }), '1');
    assert.equal(await matching(samples, { note: contains(long.toLowerCase(), FOLDED) }), '0 1');
  }),
  law('equality of text is exact: case, blanks at the end and accents count', async (given) => {
    const samples = await given.samples(...texts('note', ['a', 'A', 'a ', ' a', 'á', '']));
    assert.equal(await matching(samples, { note: 'a' }), '0');
    assert.equal(await matching(samples, { note: 'a ' }), '2');
    assert.equal(await matching(samples, { note: '' }), '5');
  }),
];
