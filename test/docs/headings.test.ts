import { expect, it } from 'vitest';
import { headingsOf } from './blocks.js';

it('headings are linked to by their words, without code and punctuation, and none in a block of code is one', () => {
  const page = [
    '# The cache',
    '',
    '```sh',
    '# no heading',
    '```',
    '',
    '## `near`, and pages of 10',
    'text # not this',
  ].join('\n');
  expect(headingsOf(page)).toEqual(['the-cache', 'near-and-pages-of-10']);
});
