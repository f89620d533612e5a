import { expect, it } from 'vitest';
import { atEnd } from '../../setup/at-end.js';

let ended = 0;
atEnd(() => expect(ended).toBe(1));

it('what is to be done at the end is done when the test that asks has ended', () => {
  atEnd(async () => {
    ended += 1;
  });
  expect(ended).toBe(0);
});

it('and when the file has, where no test asks', () => {
  expect(ended).toBe(1);
});
